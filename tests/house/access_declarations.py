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
# superVision System secUrity Auditor stranger(x) Disabled                aodclsmCHpvSUAxD
scoring:declaration_mine    -                            GET  L..........FFF.L

scoring:declaration_section section.own                  GET  L....NNNN.NFFFNL
scoring:declaration_section section.other                GET  LNNNN..NN..FFFNL
scoring:declaration_section section.unit                 GET  LNNNNNNNNNNFFF.L
scoring:declaration_section nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:declaration_new     -                            GET  L...F..FF..FFF.L
scoring:declaration_new     -                            POST LRRRFRRFFRRFFFRL

scoring:declaration_worth   -                            GET  L...F..FF..FFF.L

scoring:declaration_check_list -                         GET  LFF..FFFFFFFFF.L
# A line that is not the leader's is told as refused, and stays as it is.
scoring:declaration_check_list -                         POST LFFRRFFFFFFFFFRL

scoring:declaration_verify_list -                        GET  LFFFFFFFF.FFFF.L
scoring:declaration_verify_list -                        POST LFFFFFFFFRFFFFRL

scoring:declaration_windows -                            GET  LFFFFFFFF.FFFF.L
scoring:declaration_windows -                            POST LFFFFFFFFRFFFFRL

scoring:declaration_export  -                            GET  LFFFFFFFFMFFFFML
scoring:declaration_export  -                            POST LFFFFFFFF.FFFF.L

scoring:declaration_detail  declared.draft               GET  L.NNNNNNNNNFFFNL
scoring:declaration_detail  declared.filed               GET  L.N..NNNN.NFFFNL
scoring:declaration_detail  declared.returned            GET  L.N..NNNN.NFFFNL
scoring:declaration_detail  declared.checked             GET  L.N..NNNN.NFFFNL
scoring:declaration_detail  declared.confirmed           GET  L.N..NNNN.NFFFNL
scoring:declaration_detail  declared.chiefs              GET  LNN..NNNN.NFFFNL
scoring:declaration_detail  declared.section             GET  L....NNNN.NFFFNL
scoring:declaration_detail  declared.other               GET  LNNNNN.NN.NFFFNL
scoring:declaration_detail  declared.unit                GET  LNNNNNNNNNNFFF.L
scoring:declaration_detail  nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:proof_download      proof.draft                  GET  L.NNNNNNNNNFFFNL
scoring:proof_download      proof.filed                  GET  L.N..NNNN.NFFFNL
scoring:proof_download      proof.unit                   GET  LNNNNNNNNNNFFF.L
scoring:proof_download      nowhere                      GET  LNNNNNNNNNNFFFNL

scoring:declaration_edit    declared.draft               GET  L.NNNNNNNNNFFFNL
scoring:declaration_edit    declared.draft               POST LRNNNNNNNNNFFFNL
scoring:declaration_edit    declared.returned            GET  L.NFFNNNNFNFFFNL
scoring:declaration_edit    declared.returned            POST LRNFFNNNNFNFFFNL
scoring:declaration_edit    declared.filed               GET  LRNFFNNNNFNFFFNL
scoring:declaration_edit    declared.filed               POST LRNFFNNNNFNFFFNL
scoring:declaration_edit    declared.section             GET  LFFRFNNNNFNFFFNL
scoring:declaration_edit    declared.section             POST LFFRFNNNNFNFFFNL
scoring:declaration_edit    declared.unit                GET  LNNNNNNNNNNFFFFL
scoring:declaration_edit    declared.unit                POST LNNNNNNNNNNFFFFL
scoring:declaration_edit    nowhere                      GET  LNNNNNNNNNNFFFNL
scoring:declaration_edit    nowhere                      POST LNNNNNNNNNNFFFNL

scoring:declaration_file    declared.draft               GET  LMMMMMMMMMMFFFML
scoring:declaration_file    declared.draft               POST LRNNNNNNNNNFFFNL
scoring:declaration_file    declared.returned            POST LRNFFNNNNFNFFFNL
scoring:declaration_file    declared.filed               POST LCNFFNNNNFNFFFNL
scoring:declaration_file    declared.unit                POST LNNNNNNNNNNFFFFL
scoring:declaration_file    nowhere                      POST LNNNNNNNNNNFFFNL

scoring:declaration_withdraw declared.filed              GET  LMMMMMMMMMMFFFML
scoring:declaration_withdraw declared.filed              POST LRNFFNNNNFNFFFNL
scoring:declaration_withdraw declared.draft              POST LRNNNNNNNNNFFFNL
scoring:declaration_withdraw declared.checked            POST LCNFFNNNNFNFFFNL
scoring:declaration_withdraw declared.section            POST LFFRFNNNNFNFFFNL
scoring:declaration_withdraw declared.unit               POST LNNNNNNNNNNFFFFL
scoring:declaration_withdraw nowhere                     POST LNNNNNNNNNNFFFNL

scoring:declaration_decide  declared.filed               GET  LMMMMMMMMMMFFFML
scoring:declaration_decide  declared.filed               POST LFNRFNNNNFNFFFNL
scoring:declaration_decide  declared.chiefs              POST LNNFRNNNNFNFFFNL
scoring:declaration_decide  declared.section             POST LFFFRNNNNFNFFFNL
scoring:declaration_decide  declared.checked             POST LFNFFNNNNRNFFFNL
scoring:declaration_decide  declared.confirmed           POST LFNFFNNNNRNFFFNL
scoring:declaration_decide  declared.returned            POST LFNCFNNNNFNFFFNL
scoring:declaration_decide  declared.draft               POST LFNNNNNNNNNFFFNL
scoring:declaration_decide  declared.other               POST LNNNNNFNNFNFFFNL
scoring:declaration_decide  declared.unit                POST LNNNNNNNNNNFFFRL
scoring:declaration_decide  nowhere                      POST LNNNNNNNNNNFFFNL
"""
