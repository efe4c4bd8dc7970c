"""Papers of ledger rows, and the history all ledgers share."""

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from ledgers import records
from ledgers.actions import papers
from ledgers.models import LedgerMove, Paper, Task
from scheme import clock as our_clock
from scheme.errors import Refused
from scheme.models import AuditEntry
from tests.factories import make_department, pdf
from tests.ledgers.acting import refusal


@pytest.fixture
def task(d):
    return Task.objects.create(
        unit=d.unit,
        number="ZD-1",
        title="建立台账",
        lead=d.one,
        difficulty=1,
        due_on="2026-09-30",
        state="draft",
        proposed_by=d.chiefs[0],
        recorded_at=our_clock.now(),
    )


def attach(task, by, file=None, name="依据.pdf"):
    return papers.attach("task", task.pk, file or pdf("one"), name, by=by)


def test_a_paper_is_attached_once_and_stands_in_the_history(d, task):
    chief = d.chiefs[0]
    paper = attach(task, chief)
    assert attach(task, chief) == paper
    assert Paper.objects.count() == 1
    task.refresh_from_db()
    assert task.version == 1
    (move,) = LedgerMove.objects.all()
    assert (move.ledger, move.row_id, move.version, move.kind) == ("task", task.pk, 1, "attach")
    (line,) = records.history(task)
    assert (line.who, line.what, line.text, line.kind) == (
        chief.name,
        "附上材料",
        "依据.pdf",
        "past",
    )
    assert AuditEntry.objects.get(act="task.attach").after["paper"] == "依据.pdf"
    assert records.papers_of("task", [task.pk, 0]) == {task.pk: 1}


def test_a_paper_taken_off_stays_in_the_history_and_may_come_again(d, task):
    chief = d.chiefs[0]
    paper = attach(task, chief)
    papers.detach(paper.pk, by=chief)
    assert list(records.papers(task)) == []
    assert refusal(lambda: papers.detach(paper.pk, by=chief)).conflict
    again = attach(task, chief)
    assert again != paper and again.file_id == paper.file_id
    assert [line.what for line in records.history(task)] == ["附上材料", "取下材料", "附上材料"]


def test_only_whoever_keeps_the_row_attaches_and_takes_off(d, task):
    paper = attach(task, d.chiefs[0])
    for other in (d.chiefs[1], d.officers[0][1]):
        with pytest.raises(PermissionDenied):
            attach(task, other, pdf("two"))
        with pytest.raises(PermissionDenied):
            papers.detach(paper.pk, by=other)
    Task.objects.filter(pk=task.pk).update(state="cancelled")
    with pytest.raises(PermissionDenied):
        attach(task, d.chiefs[0], pdf("two"))


def test_a_paper_is_read_by_whoever_sees_its_row(d, task):
    paper = attach(task, d.chiefs[0])
    found, content = papers.read(paper.pk, by=d.officers[1][0])
    assert found == paper and content.read().startswith(b"%PDF")
    stranger = make_department().chiefs[0]
    with pytest.raises(ObjectDoesNotExist):
        papers.read(paper.pk, by=stranger)
    with pytest.raises(ObjectDoesNotExist):
        attach(task, stranger)
    with pytest.raises(ObjectDoesNotExist):
        papers.detach(paper.pk, by=stranger)
    with pytest.raises(KeyError):
        papers.attach("nothing", 1, pdf(), "x.pdf", by=d.chiefs[0])


def test_there_are_at_most_ten(d, task):
    for number in range(papers.MOST):
        attach(task, d.chiefs[0], pdf(str(number)))
    refused = refusal(lambda: attach(task, d.chiefs[0], pdf("one too many")))
    assert isinstance(refused, Refused) and refused.field == "file"
    assert Paper.objects.count() == papers.MOST


def test_the_clock_and_a_deputy_have_their_place_in_a_history(d, task):
    task.version = 1
    records.note(task, "escalate", by=None, text="逾期3个工作日")
    task.version = 2
    records.note(task, "press", by=d.chiefs[1], on_behalf_of=d.chiefs[0])
    task.version = 3
    records.note(task, "cancel", by=d.chiefs[1])
    lines = records.history(task)
    assert lines[0].who == "系统"
    assert lines[1].who == f"{d.chiefs[1].name}（代{d.chiefs[0].name}）"
    assert [line.kind for line in lines] == ["past", "past", "back"]


def test_what_belongs_to_no_ledger_is_said_to(d):
    with pytest.raises(KeyError):
        records.ledger_of(d.unit)
