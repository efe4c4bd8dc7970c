"""周例会, 一月一结 and 年终述职 in the table of routes."""

from datetime import date
from types import SimpleNamespace

from ledgers.models import MonthlySummary, SheetLine, WeeklySheet, WorkReport
from scheme import clock

WEEK, EARLIER = date(2026, 6, 29), date(2026, 6, 22)
MONTHS = {
    "draft": date(2026, 6, 1),
    "filed": date(2026, 5, 1),
    "returned": date(2026, 4, 1),
    "graded": date(2026, 3, 1),
}


def build(d) -> None:
    p, at = d.people, clock.now()
    chief = p["chief"]
    filed = {"state": "filed", "filed_by": chief, "filed_at": at}
    common = {"unit": d.unit, "drafted_at": at}
    d.weekly = SimpleNamespace(
        draft=WeeklySheet.objects.create(section=d.one, week=WEEK, **common),
        filed=WeeklySheet.objects.create(section=d.one, week=EARLIER, **common, **filed),
        other=WeeklySheet.objects.create(
            section=d.two, week=EARLIER, **common, **filed | {"filed_by": d.other_chief}
        ),
    )
    d.summary = SimpleNamespace()
    for state, month in MONTHS.items():
        more = {} if state == "draft" else {"filed_by": chief, "filed_at": at}
        if state == "graded":
            more |= {"grade": "good", "graded_by": p["leader"], "graded_at": at}
        _summary(d, d.one, state, month, **more)
    _summary(d, d.two, "filed", MONTHS["filed"], name="other", filed_by=d.other_chief, filed_at=at)
    d.work_report = SimpleNamespace()
    for name, person, state in (
        ("draft", "officer", "draft"),
        ("filed", "deputy", "filed"),
        ("chiefs", "chief", "filed"),
        ("member", "member", "filed"),
    ):
        _work_report(d, name, p[person], 2026, state)
    received = {"received_by": chief, "received_at": at}
    _work_report(d, "received", p["officer"], 2025, "received", **received)


def _summary(d, section, state, month, *, name=None, **more) -> None:
    made = MonthlySummary.objects.create(
        unit=d.unit, section=section, month=month, state=state, recorded_at=clock.now(), **more
    )
    SheetLine.objects.create(summary=made, part="done", position=1, text="核对档案")
    setattr(d.summary, name or state, made)


def _work_report(d, name, person, year, state, **more) -> None:
    at = clock.now()
    made = WorkReport.objects.create(
        unit=d.unit,
        person=person,
        year=year,
        state=state,
        filed_at=None if state == "draft" else at,
        drafted_at=at,
        **more,
    )
    setattr(d.work_report, name, made)


TARGETS = {
    **{
        f"weekly.{name}": lambda w, name=name: getattr(w.here.weekly, name)
        for name in ("draft", "filed", "other")
    },
    "weekly.unit": lambda w: w.there.weekly.filed,
    "weekly.unit.draft": lambda w: w.there.weekly.draft,
    "week": lambda w: WEEK,
    **{
        f"summary.{name}": lambda w, name=name: getattr(w.here.summary, name)
        for name in (*MONTHS, "other")
    },
    "summary.unit": lambda w: w.there.summary.filed,
    "summary.unit.draft": lambda w: w.there.summary.draft,
    **{
        f"work_report.{name}": lambda w, name=name: getattr(w.here.work_report, name)
        for name in ("draft", "filed", "chiefs", "member", "received")
    },
    "work_report.unit": lambda w: w.there.work_report.filed,
}


def _version(thing) -> int:
    return getattr(thing, "version", 0)


def _said(w, thing) -> dict:
    return {"version": _version(thing), "reason": "再核对一遍", "comment": "", "grade": "fair"}


def _sheet(w, thing) -> dict:
    return {
        "version": _version(thing),
        "new-done-0-text": "核对档案12卷",
        "new-done-0-people": "张三",
    }


def _words(w, thing) -> dict:
    return {"version": _version(thing), "done": "完成档案核对。", "open": "", "plan": ""}


BODIES = {
    "ledgers:weekly_draft": lambda w, t: {"section": w.here.one.pk, "week": "2026-07-06"},
    "ledgers:weekly_edit": _sheet,
    "ledgers:weekly_redraft": _sheet,
    "ledgers:weekly_file": _sheet,
    "ledgers:weekly_withdraw": _said,
    "ledgers:summary_draft": lambda w, t: {"section": w.here.one.pk, "month": "2026-07-01"},
    "ledgers:summary_edit": _sheet,
    "ledgers:summary_redraft": _sheet,
    "ledgers:summary_file": _sheet,
    "ledgers:summary_grade": _said,
    "ledgers:summary_return": _said,
    "ledgers:summary_regrade": _said,
    "ledgers:work_report_draft": lambda w, t: {"year": "2026"},
    "ledgers:work_report_edit": _words,
    "ledgers:work_report_redraft": _words,
    "ledgers:work_report_file": _words,
    "ledgers:work_report_receive": _said,
    "ledgers:work_report_return": _said,
}

TABLE = """
ledgers:weekly_list         -                            GET  L..........FFF.L

ledgers:weekly_draft        -                            GET  LFMMFFFFFFFFFFML
ledgers:weekly_draft        -                            POST LFRRFFFFFFFFFFNL

ledgers:weekly_detail       weekly.draft                 GET  LN..NNNNNNNFFFNL
ledgers:weekly_detail       weekly.filed                 GET  L..........FFFNL
ledgers:weekly_detail       weekly.other                 GET  L..........FFFNL
ledgers:weekly_detail       weekly.unit                  GET  LNNNNNNNNNNFFF.L
ledgers:weekly_detail       nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:weekly_edit         weekly.draft                 GET  LF..FFFFFFFFFFNL
ledgers:weekly_edit         weekly.draft                 POST LFRRFFFFFFFFFFNL
ledgers:weekly_edit         weekly.filed                 GET  LFRRFFFFFFFFFFNL
ledgers:weekly_edit         weekly.filed                 POST LFCCFFFFFFFFFFNL
ledgers:weekly_edit         weekly.other                 GET  LFFFFFFFFFFFFFNL
ledgers:weekly_edit         weekly.other                 POST LFFFFFFFFFFFFFNL
ledgers:weekly_edit         nowhere                      POST LFNNFFFFFFFFFFNL

ledgers:weekly_redraft      weekly.draft                 POST LFRRFFFFFFFFFFNL
ledgers:weekly_redraft      weekly.filed                 POST LFCCFFFFFFFFFFNL
ledgers:weekly_redraft      weekly.unit.draft            POST LFNNFFFFFFFFFFRL
ledgers:weekly_redraft      weekly.draft                 GET  LFMMFFFFFFFFFFML

ledgers:weekly_file         weekly.draft                 POST LFRRFFFFFFFFFFNL
ledgers:weekly_file         weekly.filed                 POST LFCCFFFFFFFFFFNL
ledgers:weekly_file         weekly.other                 POST LFFFFFFFFFFFFFNL
ledgers:weekly_file         weekly.unit.draft            POST LFNNFFFFFFFFFFRL
ledgers:weekly_file         weekly.draft                 GET  LFMMFFFFFFFFFFML

ledgers:weekly_withdraw     weekly.filed                 POST LFRRFFFFFFFFFFNL
ledgers:weekly_withdraw     weekly.draft                 POST LFCCFFFFFFFFFFNL
ledgers:weekly_withdraw     weekly.other                 POST LFFFFFFFFFFFFFNL
ledgers:weekly_withdraw     weekly.unit                  POST LFNNFFFFFFFFFFRL
ledgers:weekly_withdraw     weekly.filed                 GET  LFMMFFFFFFFFFFML

ledgers:weekly_meeting      week                         GET  L..........FFF.L

ledgers:weekly_screen       week                         GET  L..........FFF.L

ledgers:weekly_export       week                         GET  LMMMMMMMMMMFFFML
ledgers:weekly_export       week                         POST L..........FFF.L

ledgers:summary_list        -                            GET  L..........FFF.L

ledgers:summary_matrix      -                            GET  L..........FFF.L

ledgers:summary_draft       -                            GET  LFMMFFFFFFFFFFML
ledgers:summary_draft       -                            POST LFRRFFFFFFFFFFNL

ledgers:summary_detail      summary.draft                GET  LN..NNNNNNNFFFNL
ledgers:summary_detail      summary.filed                GET  L....NN....FFFNL
ledgers:summary_detail      summary.returned             GET  L....NN....FFFNL
ledgers:summary_detail      summary.graded               GET  L....NN....FFFNL
ledgers:summary_detail      summary.other                GET  LNNNN......FFFNL
ledgers:summary_detail      summary.unit                 GET  LNNNNNNNNNNFFF.L
ledgers:summary_detail      nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:summary_edit        summary.draft                GET  LF..FFFFFFFFFFNL
ledgers:summary_edit        summary.draft                POST LFRRFFFFFFFFFFNL
ledgers:summary_edit        summary.returned             POST LFRRFFFFFFFFFFNL
ledgers:summary_edit        summary.filed                GET  LFRRFFFFFFFFFFNL
ledgers:summary_edit        summary.filed                POST LFCCFFFFFFFFFFNL
ledgers:summary_edit        summary.other                POST LFNNFFFFFFFFFFNL
ledgers:summary_edit        nowhere                      POST LFNNFFFFFFFFFFNL

ledgers:summary_redraft     summary.draft                POST LFRRFFFFFFFFFFNL
ledgers:summary_redraft     summary.graded               POST LFCCFFFFFFFFFFNL
ledgers:summary_redraft     summary.unit.draft           POST LFNNFFFFFFFFFFRL
ledgers:summary_redraft     summary.draft                GET  LFMMFFFFFFFFFFML

ledgers:summary_file        summary.draft                POST LFRRFFFFFFFFFFNL
ledgers:summary_file        summary.returned             POST LFRRFFFFFFFFFFNL
ledgers:summary_file        summary.graded               POST LFCCFFFFFFFFFFNL
ledgers:summary_file        summary.unit.draft           POST LFNNFFFFFFFFFFRL
ledgers:summary_file        summary.draft                GET  LFMMFFFFFFFFFFML

ledgers:summary_grade       summary.filed                POST LFFFRFFFFFFFFFNL
ledgers:summary_grade       summary.other                POST LFFFNFFFRFFFFFNL
ledgers:summary_grade       summary.draft                POST LFFFNFFFNFFFFFNL
ledgers:summary_grade       summary.graded               POST LFFFCFFFFFFFFFNL
ledgers:summary_grade       summary.unit                 POST LFFFNFFFNFFFFFRL
ledgers:summary_grade       summary.filed                GET  LFFFMFFFMFFFFFML

ledgers:summary_return      summary.filed                POST LFFFRFFFFFFFFFNL
ledgers:summary_return      summary.other                POST LFFFNFFFRFFFFFNL
ledgers:summary_return      summary.graded               POST LFFFCFFFFFFFFFNL
ledgers:summary_return      nowhere                      POST LFFFNFFFNFFFFFNL
ledgers:summary_return      summary.filed                GET  LFFFMFFFMFFFFFML

ledgers:summary_regrade     summary.graded               POST LFFFRFFFFFFFFFNL
ledgers:summary_regrade     summary.filed                POST LFFFCFFFFFFFFFNL
ledgers:summary_regrade     summary.other                POST LFFFNFFFCFFFFFNL
ledgers:summary_regrade     nowhere                      POST LFFFNFFFNFFFFFNL
ledgers:summary_regrade     summary.graded               GET  LFFFMFFFMFFFFFML

ledgers:work_report_list    -                            GET  L..........FFF.L

ledgers:work_report_reading -                            GET  L..........FFF.L

ledgers:work_report_draft   -                            GET  LMMMFMMFFMMFFFML
ledgers:work_report_draft   -                            POST LRRRFRRFFRRFFFRL

ledgers:work_report_detail  work_report.draft            GET  L.NNNNNNNNNFFFNL
ledgers:work_report_detail  work_report.filed            GET  LN...NN...NFFFNL
ledgers:work_report_detail  work_report.member           GET  LNNNNN....NFFFNL
ledgers:work_report_detail  work_report.unit             GET  LNNNNNNNNNNFFF.L
ledgers:work_report_detail  nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:work_report_print   work_report.draft            GET  L.NNNNNNNNNFFFNL
ledgers:work_report_print   work_report.filed            GET  LN...NN...NFFFNL
ledgers:work_report_print   work_report.unit             GET  LNNNNNNNNNNFFF.L

ledgers:work_report_edit    work_report.draft            GET  L.NNFNNFFNNFFFNL
ledgers:work_report_edit    work_report.draft            POST LRNNFNNFFNNFFFNL
ledgers:work_report_edit    work_report.filed            GET  LNRFFNNFFFNFFFNL
ledgers:work_report_edit    work_report.filed            POST LNCFFNNFFFNFFFNL
ledgers:work_report_edit    work_report.unit             POST LNNNFNNFFNNFFFFL

ledgers:work_report_redraft work_report.draft            POST LRNNFNNFFNNFFFNL
ledgers:work_report_redraft work_report.filed            POST LNCFFNNFFFNFFFNL
ledgers:work_report_redraft work_report.draft            GET  LMMMFMMFFMMFFFML

ledgers:work_report_file    work_report.draft            POST LRNNFNNFFNNFFFNL
ledgers:work_report_file    work_report.filed            POST LNCFFNNFFFNFFFNL
ledgers:work_report_file    work_report.draft            GET  LMMMFMMFFMMFFFML

ledgers:work_report_receive work_report.filed            POST LNFRFNNFFFNFFFNL
ledgers:work_report_receive work_report.chiefs           POST LNNFRNNFFFNFFFNL
ledgers:work_report_receive work_report.member           POST LNNNNNFFFFNFFFNL
ledgers:work_report_receive work_report.received         POST LFNCFNNFFFNFFFNL
ledgers:work_report_receive work_report.draft            POST LFNNNNNNNNNFFFNL
ledgers:work_report_receive work_report.unit             POST LNNNNNNNNNNFFFRL
ledgers:work_report_receive work_report.filed            GET  LMMMMMMMMMMFFFML

ledgers:work_report_return  work_report.filed            POST LNFRFNNFFFNFFFNL
ledgers:work_report_return  work_report.chiefs           POST LNNFRNNFFFNFFFNL
ledgers:work_report_return  work_report.received         POST LFNCFNNFFFNFFFNL
ledgers:work_report_return  nowhere                      POST LNNNNNNNNNNFFFNL
ledgers:work_report_return  work_report.filed            GET  LMMMMMMMMMMFFFML
"""
