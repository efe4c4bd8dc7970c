"""The hub of the ledgers, workbooks in and out, attachments in the table of routes."""

from types import SimpleNamespace

from ledgers.actions import evidence
from ledgers.models import Paper, Task
from scheme import clock
from tests.factories import pdf


def build(d) -> None:
    """A paper on a draft task of the first section, and one of the other section."""
    d.papers = SimpleNamespace()
    by = d.people["chief"]
    for name, section in (("own", d.one), ("other", d.two)):
        task = Task.objects.create(
            unit=d.unit, number=f"CG-{name}", title="草稿任务", lead=section, difficulty=1,
            due_on="2026-09-30", state="draft", proposed_by=by, recorded_at=clock.now(),
        )  # fmt: skip
        kept = evidence.keep(d.unit, pdf(name), by=by)
        paper = Paper.objects.create(
            unit=d.unit, ledger="task", row_id=task.pk, file=kept, name="依据.pdf", added_by=by,
            added_at=clock.now(),
        )  # fmt: skip
        setattr(d.papers, name, paper)


TARGETS = {
    "ledger.writing": lambda w: ("writing",),
    "ledger.study": lambda w: ("study",),
    "ledger.none": lambda w: ("nothing",),
    "paper.own": lambda w: w.here.papers.own,
    "paper.other": lambda w: w.here.papers.other,
    "paper.unit": lambda w: w.there.papers.own,
    "paper.row": lambda w: ("task", w.here.papers.own.row_id),
    "paper.row.unit": lambda w: ("task", w.there.papers.own.row_id),
    "paper.row.nowhere": lambda w: ("nowhere", 1),
}

BODIES = {
    "ledgers:paper_add": lambda w, t: {"file": pdf("again")},
    "ledgers:ledger_export": lambda w, t: {"half": "2026H1"},
}

TABLE = """
ledgers:hub                 -                            GET  L..........FFF.L

ledgers:ledger_export       ledger.writing               GET  LMMMMMMMMMMFFFML
ledgers:ledger_export       ledger.writing               POST L..........FFF.L
ledgers:ledger_export       ledger.study                 POST LFFFFFFFF.FFFF.L
ledgers:ledger_export       ledger.none                  POST LNNNNNNNNNNFFFNL

ledgers:paper               paper.own                    GET  L..........FFFNL
ledgers:paper               paper.other                  GET  L..........FFFNL
ledgers:paper               paper.unit                   GET  LNNNNNNNNNNFFF.L
ledgers:paper               nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:paper_add           paper.row                    GET  LMMMMMMMMMMFFFML
ledgers:paper_add           paper.row                    POST LFFRFFFFFFRFFFNL
ledgers:paper_add           paper.row.unit               POST LNNNNNNNNNNFFFRL
ledgers:paper_add           paper.row.nowhere            POST LNNNNNNNNNNFFFNL

ledgers:paper_remove        paper.own                    GET  LMMMMMMMMMMFFFML
ledgers:paper_remove        paper.own                    POST LFFRFFFFFFRFFFNL
ledgers:paper_remove        paper.other                  POST LFFFFFFFFFRFFFNL
ledgers:paper_remove        paper.unit                   POST LNNNNNNNNNNFFFRL
ledgers:paper_remove        nowhere                      POST LNNNNNNNNNNFFFNL
"""
