"""Who gets what from every route. Written by hand: the code's own table is not asked.

A line: route, what it is tried on, method, then one letter a role in the order of `ROLES`:

    .  shown            R  done, and led on (302)     L  led to the sign-in
    F  forbidden (403)  N  not to be seen (404)       M  not by this method (405)
    U  refused (422)    C  somebody was faster (409)

Things are seen from the officer of the first section (see access_world.py). POSTs carry a body
that would be accepted of whoever may.
"""

import os
import uuid
import zlib
from functools import cache
from typing import NamedTuple

from django.urls import reverse

from tests.house.access_areas import AREAS
from tests.house.access_bodies import BODIES, TARGETS

ROLES = [
    *("anonymous", "officer", "deputy", "chief", "leader", "secretary", "member", "committee"),
    *("chair", "personnel", "supervision", "system", "security", "auditor"),
    *("stranger", "disabled"),
]
LETTERS = {200: ".", 400: "B", 401: "4", 403: "F", 404: "N", 405: "M", 409: "C", 422: "U", 503: "X"}
DONE = ".R"
# See `spared`.
TRIED, TRIED_FIRST = 1, 3
FULL = os.environ.get("ACCESS") == "full"
# A download leaves its line in the trail, though a link leads to it; so does reading in confidence.
WRITES_ON_GET = {
    "stars:archive_file",
    "desk:job_file",
    "scoring:proof_download",
    "scheme:kinship_unit",
    "scheme:restriction_list",
    "scheme:restriction_detail",
    "stars:nomination_grounds",
    "stars:objection_detail",
    "stars:recusal_list",
    "stars:objection_receipt",
}


class Row(NamedTuple):
    name: str
    thing: str
    method: str
    expected: str

    def __str__(self):
        return f"{self.name} {self.thing} {self.method}"


TABLE = """
# anonymous officer deputy chief leader secretary member Committee cHair personnel
# superVision System secUrity Auditor stranger(x) Disabled                aodclsmCHpvSUAxD
desk:home                   -                            GET  L..........RRR.L
desk:home                   -                            POST LMMMMMMMMMMMMMML

desk:office                 -                            GET  LFFFFFFFF.FFFF.L

desk:notices                -                            GET  L..........FFF.L

desk:notices_read           -                            GET  LMMMMMMMMMMFFFML
desk:notices_read           -                            POST LRRRRRRRRRRFFFRL

desk:search                 -                            GET  L..........FFF.L

desk:job                    job.own                      GET  L.NNNNNNNNNFFFNL
desk:job                    job.office                   GET  LNNNNNNNN.NFFFNL
desk:job                    job.unit                     GET  LNNNNNNNNNNFFF.L
desk:job                    nowhere                      GET  LNNNNNNNNNNFFFNL

desk:job_progress           job.own                      GET  L.NNNNNNNNNFFFNL
desk:job_progress           job.office                   GET  LNNNNNNNN.NFFFNL
desk:job_progress           job.unit                     GET  LNNNNNNNNNNFFF.L
desk:job_progress           nowhere                      GET  LNNNNNNNNNNFFFNL

desk:job_file               job.own                      GET  L.NNNNNNNNNFFFNL
desk:job_file               job.office                   GET  LNNNNNNNN.NFFFNL
desk:job_file               job.unit                     GET  LNNNNNNNNNNFFF.L
desk:job_file               nowhere                      GET  LNNNNNNNNNNFFFNL

desk:health                 -                            GET  ................

desk:styleguide             -                            GET  NNNNNNNNNNNNNNNN

desk:demo                   -                            GET  NNNNNNNNNNNNNNNN

desk:demo_sign_in           nowhere                      GET  NNNNNNNNNNNNNNNN
desk:demo_sign_in           nowhere                      POST NNNNNNNNNNNNNNNN

desk:demo_rest              nowhere                      GET  NNNNNNNNNNNNNNNN
desk:demo_rest              nowhere                      POST NNNNNNNNNNNNNNNN

scheme:sign_in              -                            GET  .RRRRRRRRRRRRRR.
scheme:sign_in              -                            POST URRRRRRRRRRRRRRU

scheme:sign_out             -                            GET  LMMMMMMMMMMMMMML
scheme:sign_out             -                            POST LRRRRRRRRRRRRRRL

scheme:me                   -                            GET  L..............L

scheme:password_change      -                            GET  L..............L
scheme:password_change      -                            POST LUUUUUUUUUUUUUUL

scheme:language_switch      -                            GET  MMMMMMMMMMMMMMMM
scheme:language_switch      -                            POST RRRRRRRRRRRRRRRR

scheme:theme_switch         -                            GET  MMMMMMMMMMMMMMMM
scheme:theme_switch         -                            POST RRRRRRRRRRRRRRRR

scheme:roster               -                            GET  LFFFFFFFF.FFFF.L
scheme:roster               -                            POST LFFFFFFFFUFFFFUL

scheme:roster_preview       upload.good                  GET  LFFFFFFFF.FFFFNL
scheme:roster_preview       upload.bad                   GET  LFFFFFFFF.FFFFNL
scheme:roster_preview       upload.unit                  GET  LFFFFFFFFNFFFF.L
scheme:roster_preview       nowhere                      GET  LFFFFFFFFNFFFFNL

scheme:roster_apply         upload.good                  POST LFFFFFFFFRFFFFNL
scheme:roster_apply         upload.bad                   POST LFFFFFFFFCFFFFNL
scheme:roster_apply         upload.unit                  POST LFFFFFFFFNFFFFRL
scheme:roster_apply         nowhere                      POST LFFFFFFFFNFFFFNL

scheme:roster_drop          upload.good                  POST LFFFFFFFFRFFFFNL
scheme:roster_drop          upload.unit                  POST LFFFFFFFFNFFFFRL
scheme:roster_drop          nowhere                      POST LFFFFFFFFNFFFFNL

scheme:roster_apply         upload.good                  GET  LFFFFFFFFMFFFFML

scheme:roster_drop          upload.good                  GET  LFFFFFFFFMFFFFML

scheme:roster_errors        upload.good                  GET  LFFFFFFFFUFFFFNL
scheme:roster_errors        upload.bad                   GET  LFFFFFFFF.FFFFNL
scheme:roster_errors        upload.unit.bad              GET  LFFFFFFFFNFFFF.L
scheme:roster_errors        nowhere                      GET  LFFFFFFFFNFFFFNL

scheme:roster_export        -                            GET  LFFFFFFFFMFFFFML
scheme:roster_export        -                            POST LFFFFFFFF.FFFF.L

ledgers:report_today        -                            GET  L...R..RR..FFF.L

ledgers:report_mine         -                            GET  L..........FFF.L

ledgers:report_detail       report.own                   GET  L....NNNNNNFFFNL
ledgers:report_detail       report.draft                 GET  L.NNNNNNNNNFFFNL
ledgers:report_detail       report.accepted              GET  L....NNNNNNFFFNL
ledgers:report_detail       report.returned              GET  LN...NNNNNNFFFNL
ledgers:report_detail       report.chiefs                GET  LN...NNNNNNFFFNL
ledgers:report_detail       report.section               GET  LNNNNN.NNNNFFFNL
ledgers:report_detail       report.unit                  GET  LNNNNNNNNNNFFF.L
ledgers:report_detail       nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:report_edit         today                        GET  L..........FFF.L
ledgers:report_edit         today                        POST LRRRURRUURRFFFRL
ledgers:report_edit         yesterday                    GET  LR.R..R....FFF.L
ledgers:report_edit         yesterday                    POST LCRCURCUURRFFFRL

ledgers:report_draft        today                        GET  LMMMFMMFFMMFFFML
ledgers:report_draft        today                        POST LC..F..FF..FFF.L

ledgers:review              -                            GET  LFF..FFFFFFFFF.L

ledgers:review_rest         -                            GET  LFFMMFFFFFFFFFML
ledgers:review_rest         -                            POST LFFRFFFFFFFFFFFL

ledgers:review_accept       report.own                   GET  LFFMMFFFFFFFFFML
ledgers:review_accept       report.own                   POST LFFRFFFFFFFFFFNL
ledgers:review_accept       report.draft                 POST LFFNNFFFFFFFFFNL
ledgers:review_accept       report.accepted              POST LFFCFFFFFFFFFFNL
ledgers:review_accept       report.chiefs                POST LFFFRFFFFFFFFFNL
ledgers:review_accept       report.section               POST LFFNNFFFFFFFFFNL
ledgers:review_accept       report.unit                  POST LFFNNFFFFFFFFFRL
ledgers:review_accept       nowhere                      POST LFFNNFFFFFFFFFNL

ledgers:review_return       report.own                   POST LFFRFFFFFFFFFFNL
ledgers:review_return       report.chiefs                POST LFFFRFFFFFFFFFNL
ledgers:review_return       report.section               POST LFFNNFFFFFFFFFNL
ledgers:review_return       report.unit                  POST LFFNNFFFFFFFFFRL
ledgers:review_return       nowhere                      POST LFFNNFFFFFFFFFNL
ledgers:review_return       report.own                   GET  LFFMMFFFFFFFFFML

scoring:points_mine         -                            GET  L..........FFF.L

scoring:points_of           person.own                   GET  L.N..NN...NFFFNL
scoring:points_of           person.chief                 GET  LNN..NN...NFFFNL
scoring:points_of           person.section               GET  LNNNNN....NFFFNL
scoring:points_of           person.unit                  GET  LNNNNNNNNNNFFF.L
scoring:points_of           nowhere                      GET  LNNNNNNNNNNFFFNL
scoring:points_print        person.own                   GET  L.N..NN...NFFFNL
scoring:points_print        person.chief                 GET  LNN..NN...NFFFNL
scoring:points_print        person.section               GET  LNNNNN....NFFFNL
scoring:points_print        person.unit                  GET  LNNNNNNNNNNFFF.L
scoring:points_print        nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:points_section      section.own                  GET  L....NN...NFFFNL
scoring:points_section      section.other                GET  LNNNN......FFFNL
scoring:points_section      section.unit                 GET  LNNNNNNNNNNFFF.L
scoring:points_section      nowhere                      GET  LNNNNNNNNNNFFFNL
scoring:points_section_print section.own                  GET  L....NN...NFFFNL
scoring:points_section_print section.other                GET  LNNNN......FFFNL
scoring:points_section_print section.unit                 GET  LNNNNNNNNNNFFF.L
scoring:points_section_print nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:rulebook_list       -                            GET  L..........FFF.L

scoring:rulebook_import     -                            GET  LFFFFFFFFMFFFFML
scoring:rulebook_import     -                            POST LFFFFFFFFUFFFFUL

scoring:rulebook_detail     book                         GET  L..........FFFNL
scoring:rulebook_detail     book.draft                   GET  L..........FFFNL
scoring:rulebook_detail     book.unit                    GET  LNNNNNNNNNNFFF.L
scoring:rulebook_detail     nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:rulebook_approve    book.draft                   GET  LFFFMFFFFFFFFFML
scoring:rulebook_approve    book.draft                   POST LFFFRFFFFFFFFFNL
scoring:rulebook_approve    book                         POST LFFFCFFFFFFFFFNL
scoring:rulebook_approve    book.unit                    POST LFFFNFFFFFFFFFFL
scoring:rulebook_approve    nowhere                      POST LFFFNFFFFFFFFFNL

scoring:rulebook_copy       book                         GET  LFFFFFFFFMFFFFML
scoring:rulebook_copy       book                         POST LFFFFFFFFUFFFFNL
scoring:rulebook_copy       book.unit                    POST LFFFFFFFFNFFFFUL
scoring:rulebook_copy       nowhere                      POST LFFFFFFFFNFFFFNL

scoring:rulebook_retire     book                         GET  LFFFMFFFFFFFFFML
scoring:rulebook_retire     book                         POST LFFFRFFFFFFFFFNL
scoring:rulebook_retire     book.draft                   POST LFFFCFFFFFFFFFNL
scoring:rulebook_retire     book.unit                    POST LFFFNFFFFFFFFFCL
scoring:rulebook_retire     nowhere                      POST LFFFNFFFFFFFFFNL

scoring:rulebook_sandbox    book.draft                   GET  LFFF.FFFF.FFFFNL
scoring:rulebook_sandbox    book                         GET  LFFF.FFFF.FFFFNL
scoring:rulebook_sandbox    book.unit                    GET  LFFFNFFFFNFFFF.L
scoring:rulebook_sandbox    nowhere                      GET  LFFFNFFFFNFFFFNL

scoring:rulebook_sandbox_export book.draft               GET  LFFFMFFFFMFFFFML
scoring:rulebook_sandbox_export book.draft               POST LFFFRFFFFRFFFFNL
scoring:rulebook_sandbox_export book                     POST LFFFRFFFFRFFFFNL
scoring:rulebook_sandbox_export book.unit                POST LFFFNFFFFNFFFFRL
scoring:rulebook_sandbox_export nowhere                  POST LFFFNFFFFNFFFFNL

scoring:rulebook_return     book.draft                   GET  LFFFMFFFFFFFFFML
scoring:rulebook_return     book.draft                   POST LFFFRFFFFFFFFFNL
scoring:rulebook_return     book                         POST LFFFCFFFFFFFFFNL
scoring:rulebook_return     book.returned                POST LFFFCFFFFFFFFFNL
scoring:rulebook_return     book.unit                    POST LFFFNFFFFFFFFFFL
scoring:rulebook_return     nowhere                      POST LFFFNFFFFFFFFFNL

scoring:rulebook_hand_in    book.returned                GET  LFFFFFFFFMFFFFML
scoring:rulebook_hand_in    book.returned                POST LFFFFFFFFRFFFFNL
scoring:rulebook_hand_in    book.draft                   POST LFFFFFFFFCFFFFNL
scoring:rulebook_hand_in    book.unit                    POST LFFFFFFFFNFFFFCL
scoring:rulebook_hand_in    nowhere                      POST LFFFFFFFFNFFFFNL

scoring:rulebook_discard    book.draft                   GET  LFFFFFFFFMFFFFML
scoring:rulebook_discard    book.draft                   POST LFFFFFFFFRFFFFNL
scoring:rulebook_discard    book                         POST LFFFFFFFFCFFFFNL
scoring:rulebook_discard    book.unit                    POST LFFFFFFFFNFFFFRL
scoring:rulebook_discard    nowhere                      POST LFFFFFFFFNFFFFNL

scoring:rule_switch         rule.draft                   GET  LFFFFFFFFMFFFFML
scoring:rule_switch         rule.draft                   POST LFFFFFFFFRFFFFNL
scoring:rule_switch         rule                         POST LFFFFFFFFCFFFFNL
scoring:rule_switch         rule.unit                    POST LFFFFFFFFNFFFFRL
scoring:rule_switch         nowhere                      POST LFFFFFFFFNFFFFNL

scoring:rulebook_template   -                            GET  LFFFFFFFF.FFFF.L

scoring:rulebook_export     book                         GET  LMMMMMMMMMMFFFML
scoring:rulebook_export     book                         POST L..........FFFNL
scoring:rulebook_export     book.draft                   POST L..........FFFNL
scoring:rulebook_export     book.unit                    POST LNNNNNNNNNNFFF.L
scoring:rulebook_export     nowhere                      POST LNNNNNNNNNNFFFNL

scoring:rulebook_difference book                         GET  L..........FFFNL
scoring:rulebook_difference book.draft                   GET  L..........FFFNL
scoring:rulebook_difference book.unit                    GET  LNNNNNNNNNNFFF.L
scoring:rulebook_difference nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:quarter_list        -                            GET  LFFF.FFFF.FFFF.L

scoring:quarter_close       quarter.open                 GET  LFFFFFFFFMFFFFML
scoring:quarter_close       quarter.open                 POST LFFFFFFFFRFFFFNL
scoring:quarter_close       quarter.closed               POST LFFFFFFFFCFFFFNL
scoring:quarter_close       quarter.unit                 POST LFFFFFFFFNFFFFRL
scoring:quarter_close       nowhere                      POST LFFFFFFFFNFFFFNL

scoring:quarter_reopen      quarter.closed               GET  LFFFMFFFFFFFFFML
scoring:quarter_reopen      quarter.closed               POST LFFFRFFFFFFFFFNL
scoring:quarter_reopen      quarter.open                 POST LFFFCFFFFFFFFFNL
scoring:quarter_reopen      quarter.unit.closed          POST LFFFNFFFFFFFFFFL
scoring:quarter_reopen      nowhere                      POST LFFFNFFFFFFFFFNL

scoring:manual_list         -                            GET  LFFF.FFFF.FFFF.L

scoring:manual_new          -                            GET  LFFFFFFFF.FFFF.L
scoring:manual_new          -                            POST LFFFFFFFFRFFFFNL

scoring:manual_detail       manual.waiting               GET  LFFF.FFFF.FFFFNL
scoring:manual_detail       manual.done                  GET  LFFF.FFFF.FFFFNL
scoring:manual_detail       manual.unit                  GET  LFFFNFFFFNFFFF.L
scoring:manual_detail       nowhere                      GET  LFFFNFFFFNFFFFNL

scoring:manual_approve      manual.waiting               GET  LFFFMFFFFFFFFFML
scoring:manual_approve      manual.waiting               POST LFFFRFFFFFFFFFNL
scoring:manual_approve      manual.done                  POST LFFFCFFFFFFFFFNL
scoring:manual_approve      manual.unit                  POST LFFFNFFFFFFFFFUL
scoring:manual_approve      nowhere                      POST LFFFNFFFFFFFFFNL

scoring:manual_refuse       manual.waiting               GET  LFFFMFFFFFFFFFML
scoring:manual_refuse       manual.waiting               POST LFFFRFFFFFFFFFNL
scoring:manual_refuse       manual.done                  POST LFFFCFFFFFFFFFNL
scoring:manual_refuse       manual.unit                  POST LFFFNFFFFFFFFFUL
scoring:manual_refuse       nowhere                      POST LFFFNFFFFFFFFFNL

scoring:manual_withdraw     manual.waiting               GET  LFFFFFFFFMFFFFML
scoring:manual_withdraw     manual.waiting               POST LFFFFFFFFRFFFFNL
scoring:manual_withdraw     manual.done                  POST LFFFFFFFFCFFFFNL
scoring:manual_withdraw     manual.unit                  POST LFFFFFFFFNFFFFRL
scoring:manual_withdraw     nowhere                      POST LFFFFFFFFNFFFFNL

scoring:manual_reverse      manual.done                  GET  LFFFFFFFFMFFFFML
scoring:manual_reverse      manual.done                  POST LFFFFFFFFRFFFFNL
scoring:manual_reverse      manual.waiting               POST LFFFFFFFFUFFFFNL
scoring:manual_reverse      manual.unit                  POST LFFFFFFFFNFFFFUL
scoring:manual_reverse      nowhere                      POST LFFFFFFFFNFFFFNL

"""


def rows() -> list[Row]:
    whole = "".join([TABLE, *(area.TABLE for area in AREAS)])
    lines = (line.partition("#")[0].split() for line in whole.splitlines())
    return [Row(*cells) for cells in lines if cells]


@cache
def _first_rows() -> dict:
    found = {}
    for row in rows():
        found.setdefault((row.name, row.method), row)
    return found


def shut_before(row: Row) -> dict[str, str]:
    """Roles that the first line of the same route shuts out by its gate, which asks for no thing:
    said again on this line, it need not be tried again."""
    first = _first_rows()[row.name, row.method]
    if first == row:
        return {}
    triples = zip(ROLES, first.expected, row.expected, strict=True)
    return {role: here for role, there, here in triples if here == there and here in "LF"}


def spared(row: Row) -> set[str]:
    """In the light dose each answer of a line is tried by one role, of the first line of a route
    by three; which ones varies from line to line. ACCESS=full tries all."""
    if FULL:
        return set()
    first = _first_rows()[row.name, row.method] == row and "M" not in row.expected
    by_letter: dict[str, list[str]] = {}
    for role, letter in zip(ROLES, row.expected, strict=True):
        by_letter.setdefault(letter, []).append(role)
    left = set()
    for roles in by_letter.values():
        mixed = sorted(roles, key=lambda role: zlib.crc32(f"{row} {role}".encode()))
        left |= set(mixed[TRIED_FIRST if first else TRIED :])
    return left


def new_key() -> str:
    return str(uuid.uuid4())


def request_of(row: Row, world) -> tuple[str, dict]:
    """Its address and, for a POST, a body that would do."""
    target = TARGETS[row.thing](world)
    args = target if isinstance(target, tuple) else () if target is None else (target,)
    url = reverse(row.name, args=[getattr(arg, "pk", arg) for arg in args])
    body = (
        BODIES.get(row.name, lambda world, thing: {})(world, target) if row.method == "POST" else {}
    )
    return url, {"idem": new_key()} | body


def letter_of(answer) -> str:
    if answer.status_code == 302:
        return "L" if answer["Location"].startswith("/sign-in/?next=") else "R"
    return LETTERS.get(answer.status_code, "!")


def methods_of(view) -> set[str]:
    """GET and POST, where the view's own decorator does not say otherwise."""
    inner = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            listed = cell.cell_contents
            if isinstance(listed, (list, tuple)) and set(listed) & {"GET", "POST"}:
                return set(listed) & {"GET", "POST"}
        inner = getattr(inner, "__wrapped__", None)
    return {"GET"}


def compare(expected: str, found: str) -> str:
    return "\n".join(
        f"{role}: {wanted} expected, {got} found"
        for role, wanted, got in zip(ROLES, expected, found, strict=True)
        if wanted != got
    )


def clock_file() -> str:
    return os.environ["CLOCK_FILE"]
