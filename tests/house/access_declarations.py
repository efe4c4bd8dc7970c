"""Declarations in the table of routes: what there is to try, and who gets what.

The officer's lines stand in every state; the chief's own and the section's wait for the leader.
"""

from datetime import date
from types import SimpleNamespace

from tests import factories as make

QUARTER, DOCUMENT = "2026Q3", date(2026, 7, 3)
RULES = make.DAILY_RULES + make.DECLARED_RULES


def build(d) -> None:
    p = d.people
    make.make_window(
        d.unit,
        QUARTER,
        opens_on=date(2026, 7, 1),
        closes_on=date(2026, 7, 20),
        by=p["personnel"],
    )

    def line(subject, state="filed", **more):
        return make.make_declaration(
            subject, document_on=DOCUMENT, quarter=QUARTER, state=state, **more
        )

    own, chief = p["officer"], p["chief"]
    d.declaration = SimpleNamespace(
        filed=line(own),
        draft=line(own, "draft"),
        returned=line(own, "returned", checked_by=chief),
        checked=line(own, "checked", checked_by=chief),
        confirmed=line(own, "confirmed", checked_by=chief),
        chiefs=line(chief),
        section=line(d.one, rule_code="效能-加-12", level="city", filed_by=chief),
        other=line(p["member"]),
    )


TARGETS = {
    f"declared.{name}": lambda w, name=name: getattr(w.here.declaration, name)
    for name in (
        *("draft", "filed", "returned", "checked", "confirmed"),
        *("chiefs", "section", "other"),
    )
}
TARGETS["declared.unit"] = lambda w: w.there.declaration.filed
for _name in ("filed", "draft"):
    TARGETS[f"proof.{_name}"] = lambda w, name=_name: getattr(w.here.declaration, name).proofs.get()
TARGETS["proof.unit"] = lambda w: w.there.declaration.filed.proofs.get()


def _line(w, thing):
    return {
        "quarter": QUARTER,
        "rule_code": "精业-加-02",
        "level": "",
        "quantity": "1",
        "matter": "抽调参加巡察",
        "document_no": "试组发〔2026〕777号",
        "document_on": DOCUMENT.isoformat(),
        "move": "save",
        "seen": getattr(thing, "version", 0),
    }


def _decision(w, thing):
    move = {"checked": "verify", "confirmed": "revoke"}.get(getattr(thing, "state", ""), "check")
    return {"move": move, "seen": getattr(thing, "version", 0), "reason": "证书是别人的"}


def _batch(name):
    def body(w, thing):
        line = getattr(w.here.declaration, name)
        return {"move": "pass", "pick": f"{line.pk}:{line.version}"}

    return body


BODIES = {
    "scoring:declaration_new": _line,
    "scoring:declaration_edit": _line,
    "scoring:declaration_decide": _decision,
    "scoring:declaration_check_list": _batch("filed"),
    "scoring:declaration_verify_list": _batch("checked"),
    "scoring:declaration_windows": lambda w, t: {
        "quarter": QUARTER,
        "opens_on": "2026-07-01",
        "closes_on": "2026-07-31",
        "reason": "材料还在路上",
    },
    "scoring:declaration_export": lambda w, t: {"quarter": QUARTER},
}

TABLE = """
# anonymous officer deputy chief leader secretary member Committee cHair personnel
# System secUrity Auditor stranger(x) Disabled                aodclsmCHpSUAxD
scoring:declaration_mine    -                            GET  L.........FFF.L

scoring:declaration_section section.own                  GET  L....NNNN.FFFNL
scoring:declaration_section section.other                GET  LNNNN..NN.FFFNL
scoring:declaration_section section.unit                 GET  LNNNNNNNNNFFF.L
scoring:declaration_section nowhere                      GET  LNNNNNNNNNFFFNL

scoring:declaration_new     -                            GET  L...F..FF.FFF.L
scoring:declaration_new     -                            POST LRRRFRRFFRFFFRL

scoring:declaration_worth   -                            GET  L...F..FF.FFF.L

scoring:declaration_check_list -                         GET  LFF..FFFFFFFF.L
# A line that is not the leader's is told as refused, and stays as it is.
scoring:declaration_check_list -                         POST LFFRRFFFFFFFFRL

scoring:declaration_verify_list -                        GET  LFFFFFFFF.FFF.L
scoring:declaration_verify_list -                        POST LFFFFFFFFRFFFRL

scoring:declaration_windows -                            GET  LFFFFFFFF.FFF.L
scoring:declaration_windows -                            POST LFFFFFFFFRFFFRL

scoring:declaration_export  -                            GET  LFFFFFFFFMFFFML
scoring:declaration_export  -                            POST LFFFFFFFF.FFF.L

scoring:declaration_detail  declared.draft               GET  L.NNNNNNNNFFFNL
scoring:declaration_detail  declared.filed               GET  L.N..NNNN.FFFNL
scoring:declaration_detail  declared.returned            GET  L.N..NNNN.FFFNL
scoring:declaration_detail  declared.checked             GET  L.N..NNNN.FFFNL
scoring:declaration_detail  declared.confirmed           GET  L.N..NNNN.FFFNL
scoring:declaration_detail  declared.chiefs              GET  LNN..NNNN.FFFNL
scoring:declaration_detail  declared.section             GET  L....NNNN.FFFNL
scoring:declaration_detail  declared.other               GET  LNNNNN.NN.FFFNL
scoring:declaration_detail  declared.unit                GET  LNNNNNNNNNFFF.L
scoring:declaration_detail  nowhere                      GET  LNNNNNNNNNFFFNL

scoring:proof_download      proof.draft                  GET  L.NNNNNNNNFFFNL
scoring:proof_download      proof.filed                  GET  L.N..NNNN.FFFNL
scoring:proof_download      proof.unit                   GET  LNNNNNNNNNFFF.L
scoring:proof_download      nowhere                      GET  LNNNNNNNNNFFFNL

scoring:declaration_edit    declared.draft               GET  L.NNNNNNNNFFFNL
scoring:declaration_edit    declared.draft               POST LRNNNNNNNNFFFNL
scoring:declaration_edit    declared.returned            GET  L.NFFNNNNFFFFNL
scoring:declaration_edit    declared.returned            POST LRNFFNNNNFFFFNL
scoring:declaration_edit    declared.filed               GET  LRNFFNNNNFFFFNL
scoring:declaration_edit    declared.filed               POST LRNFFNNNNFFFFNL
scoring:declaration_edit    declared.section             GET  LFFRFNNNNFFFFNL
scoring:declaration_edit    declared.section             POST LFFRFNNNNFFFFNL
scoring:declaration_edit    declared.unit                GET  LNNNNNNNNNFFFFL
scoring:declaration_edit    declared.unit                POST LNNNNNNNNNFFFFL
scoring:declaration_edit    nowhere                      GET  LNNNNNNNNNFFFNL
scoring:declaration_edit    nowhere                      POST LNNNNNNNNNFFFNL

scoring:declaration_file    declared.draft               GET  LMMMMMMMMMFFFML
scoring:declaration_file    declared.draft               POST LRNNNNNNNNFFFNL
scoring:declaration_file    declared.returned            POST LRNFFNNNNFFFFNL
scoring:declaration_file    declared.filed               POST LCNFFNNNNFFFFNL
scoring:declaration_file    declared.unit                POST LNNNNNNNNNFFFFL
scoring:declaration_file    nowhere                      POST LNNNNNNNNNFFFNL

scoring:declaration_withdraw declared.filed              GET  LMMMMMMMMMFFFML
scoring:declaration_withdraw declared.filed              POST LRNFFNNNNFFFFNL
scoring:declaration_withdraw declared.draft              POST LRNNNNNNNNFFFNL
scoring:declaration_withdraw declared.checked            POST LCNFFNNNNFFFFNL
scoring:declaration_withdraw declared.section            POST LFFRFNNNNFFFFNL
scoring:declaration_withdraw declared.unit               POST LNNNNNNNNNFFFFL
scoring:declaration_withdraw nowhere                     POST LNNNNNNNNNFFFNL

scoring:declaration_decide  declared.filed               GET  LMMMMMMMMMFFFML
scoring:declaration_decide  declared.filed               POST LFNRFNNNNFFFFNL
scoring:declaration_decide  declared.chiefs              POST LNNFRNNNNFFFFNL
scoring:declaration_decide  declared.section             POST LFFFRNNNNFFFFNL
scoring:declaration_decide  declared.checked             POST LFNFFNNNNRFFFNL
scoring:declaration_decide  declared.confirmed           POST LFNFFNNNNRFFFNL
scoring:declaration_decide  declared.returned            POST LFNCFNNNNFFFFNL
scoring:declaration_decide  declared.draft               POST LFNNNNNNNNFFFNL
scoring:declaration_decide  declared.other               POST LNNNNNFNNFFFFNL
scoring:declaration_decide  declared.unit                POST LNNNNNNNNNFFFRL
scoring:declaration_decide  nowhere                      POST LNNNNNNNNNFFFNL
"""
