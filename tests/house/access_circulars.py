"""Circulars in the table of routes."""

from types import SimpleNamespace

from ledgers import circulating
from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars
from ledgers.circulating import PROBLEM, Content, Named, Part
from ledgers.models import Circular
from tests.factories import forget_powers

PARTS = [
    Part(circulating.TEXT, "opening", "现将情况通报如下。"),
    Part(
        circulating.TABLE,
        "tasks",
        table=circulating.table([["科室", "任务"]], [["干部一科", 1]], "lr", "任务"),
    ),
]
MONTHS = ("draft", "filed", "returned", "approved", "issued")


def build(d) -> None:
    """A circular in every state, and a quarterly one."""
    d.circular = SimpleNamespace()
    writer, chair = d.people["personnel"], d.people["chair"]
    forget_powers(writer, chair)
    for number, state in enumerate(MONTHS, 1):
        content = Content("monthly", f"2026-0{number}", "通报", PARTS, [Named(d.one, PROBLEM, "x")])
        made = circulars.draft(d.unit, content, by=writer)
        if state != "draft":
            made = steps.file(made.pk, version=made.version, by=writer)
        if state == "returned":
            made = steps.give_back(made.pk, reason="再核", version=made.version, by=chair)
        if state in ("approved", "issued"):
            made = steps.approve(made.pk, version=made.version, by=chair)
        if state == "issued":
            made = steps.issue(made.pk, mark="泽组通", version=made.version, by=writer)
        setattr(d.circular, state, made)
    content = Content("quarterly", "2026Q1", "季评比", PARTS)
    d.circular.quarterly = circulars.draft(d.unit, content, by=writer)


TARGETS = {
    f"circular.{name}": lambda w, name=name: getattr(w.here.circular, name)
    for name in (*MONTHS, "quarterly")
}
TARGETS["circular.unit"] = lambda w: w.there.circular.draft
TARGETS["circular.unit.issued"] = lambda w: w.there.circular.issued


def _seen(w, circular: Circular) -> dict:
    return {"seen": getattr(circular, "version", 0), "reason": "写明理由"}


def _text(w, circular) -> dict:
    said = {"title": "改过的标题", "addressed_to": "各科室", "signed_as": "部"}
    return said | {"seen": getattr(circular, "version", 0), "move": "save"}


def _naming(w, circular) -> dict:
    return _seen(w, circular) | {"kind": "good", "section": w.here.two.pk, "text": "做得好"}


BODIES = {
    f"ledgers:circular_{step}": _seen
    for step in ("redraw", "file", "withdraw", "sign", "return", "drop")
}
BODIES |= {
    "ledgers:circular_new": lambda w, t: {"kind": "adoption", "month": "2026-06"},
    "ledgers:circular_edit": _text,
    "ledgers:circular_name": _naming,
    "ledgers:circular_issue": lambda w, t: _seen(w, t) | {"mark": "泽组通"},
    "scoring:circular_quarterly": lambda w, t: {"quarter": "2026Q2"},
    "scoring:circular_quarterly_redraw": _seen,
}

TABLE = """
ledgers:circular_list       -                            GET  L..........FFF.L

ledgers:circular_new        -                            GET  LFFFFFFFF..FFF.L
ledgers:circular_new        -                            POST LFFFFFFFFRRFFFRL

ledgers:circular_detail     circular.issued              GET  L..........FFFNL
ledgers:circular_detail     circular.filed               GET  LNNNNNNN...FFFNL
ledgers:circular_detail     circular.approved            GET  LNNNNNNN...FFFNL
ledgers:circular_detail     circular.draft               GET  LNNNNNNNN..FFFNL
ledgers:circular_detail     circular.unit.issued         GET  LNNNNNNNNNNFFF.L
ledgers:circular_detail     nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:circular_edit       circular.draft               GET  LFFFFFFFF..FFFNL
ledgers:circular_edit       circular.returned            GET  LFFFFFFFF..FFFNL
ledgers:circular_edit       circular.filed               GET  LFFFFFFFFRRFFFNL
ledgers:circular_edit       circular.unit                GET  LFFFFFFFFNNFFF.L
ledgers:circular_edit       nowhere                      GET  LFFFFFFFFNNFFFNL
ledgers:circular_edit       circular.draft               POST LFFFFFFFFRRFFFNL
ledgers:circular_edit       circular.issued              POST LFFFFFFFFCCFFFNL
ledgers:circular_edit       circular.unit                POST LFFFFFFFFNNFFFRL

ledgers:circular_name       circular.draft               GET  LFFFFFFFFMMFFFML
ledgers:circular_name       circular.draft               POST LFFFFFFFFRRFFFNL
ledgers:circular_name       circular.filed               POST LFFFFFFFFCCFFFNL
ledgers:circular_name       nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:circular_redraw     circular.draft               GET  LFFFFFFFFMMFFFML
ledgers:circular_redraw     circular.draft               POST LFFFFFFFFRRFFFNL
ledgers:circular_redraw     circular.filed               POST LFFFFFFFFCCFFFNL
ledgers:circular_redraw     circular.quarterly           POST LFFFFFFFFNNFFFNL
ledgers:circular_redraw     nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:circular_file       circular.draft               GET  LFFFFFFFFMMFFFML
ledgers:circular_file       circular.draft               POST LFFFFFFFFRRFFFNL
ledgers:circular_file       circular.returned            POST LFFFFFFFFRRFFFNL
ledgers:circular_file       circular.issued              POST LFFFFFFFFCCFFFNL
ledgers:circular_file       circular.unit                POST LFFFFFFFFNNFFFRL

ledgers:circular_withdraw   circular.filed               GET  LFFFFFFFFMMFFFML
ledgers:circular_withdraw   circular.filed               POST LFFFFFFFFRRFFFNL
ledgers:circular_withdraw   circular.approved            POST LFFFFFFFFCCFFFNL
ledgers:circular_withdraw   nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:circular_sign       circular.filed               GET  LFFFFFFFMFFFFFML
ledgers:circular_sign       circular.filed               POST LFFFFFFFRFFFFFNL
ledgers:circular_sign       circular.approved            POST LFFFFFFFCFFFFFNL
ledgers:circular_sign       circular.draft               POST LFFFFFFFNFFFFFNL
ledgers:circular_sign       nowhere                      POST LFFFFFFFNFFFFFNL

ledgers:circular_return     circular.filed               GET  LMMMMMMMMMMFFFML
ledgers:circular_return     circular.filed               POST LNNNNNNNRFFFFFNL
ledgers:circular_return     circular.approved            POST LNNNNNNNFRRFFFNL
ledgers:circular_return     circular.issued              POST LFFFFFFFCFFFFFNL
ledgers:circular_return     nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:circular_issue      circular.approved            GET  LFFFFFFFFMMFFFML
ledgers:circular_issue      circular.approved            POST LFFFFFFFFRRFFFNL
ledgers:circular_issue      circular.filed               POST LFFFFFFFFCCFFFNL
ledgers:circular_issue      circular.issued              POST LFFFFFFFFCCFFFNL
ledgers:circular_issue      nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:circular_drop       circular.draft               GET  LFFFFFFFFMMFFFML
ledgers:circular_drop       circular.draft               POST LFFFFFFFFRRFFFNL
ledgers:circular_drop       circular.approved            POST LFFFFFFFFRRFFFNL
ledgers:circular_drop       circular.issued              POST LFFFFFFFFCCFFFNL
ledgers:circular_drop       nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:circular_word       circular.issued              GET  LMMMMMMMMMMFFFML
ledgers:circular_word       circular.issued              POST L..........FFFNL
ledgers:circular_word       circular.draft               POST LNNNNNNNN..FFFNL
ledgers:circular_word       nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:circular_tables     circular.issued              GET  LMMMMMMMMMMFFFML
ledgers:circular_tables     circular.issued              POST L..........FFFNL
ledgers:circular_tables     circular.draft               POST LNNNNNNNN..FFFNL
ledgers:circular_tables     circular.unit.issued         POST LNNNNNNNNNNFFF.L

scoring:circular_quarterly  -                            GET  LFFFFFFFF..FFF.L
scoring:circular_quarterly  -                            POST LFFFFFFFFRRFFFRL

scoring:circular_quarterly_redraw circular.quarterly     GET  LFFFFFFFFMMFFFML
scoring:circular_quarterly_redraw circular.quarterly     POST LFFFFFFFFRRFFFNL
scoring:circular_quarterly_redraw circular.draft         POST LFFFFFFFFNNFFFNL
scoring:circular_quarterly_redraw nowhere                POST LFFFFFFFFNNFFFNL
"""
