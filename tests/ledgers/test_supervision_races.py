"""Two people, or one twice, at the same moment: one gets through, and the other is told."""

from datetime import date

from ledgers.actions import closings, extensions, notes
from ledgers.models import Closing, Extension, LedgerMove, SupervisionNote
from scheme.errors import Refused
from tests.factories import again
from tests.ledgers.supervision_world import attach, make_task, make_world


def won(results) -> list:
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, Refused) for one in refused), results
    return [one for one in results if not isinstance(one, Exception)]


def test_only_one_of_two_gets_through(race, committed_db, clock):
    clock.set("2026-03-05 10:00")
    w = make_world()

    pressed = make_task(w)
    results = race(
        *(
            lambda text=text: notes.press(pressed.pk, version=0, text=text, by=again(w.office))
            for text in ("请反馈", "请反馈", "快")
        )
    )
    assert len(won(results)) == 1
    assert SupervisionNote.objects.count() == 1 == pressed.escalations.count()

    # Two closers, and one who sends it back at that moment.
    task = make_task(w)
    attach(task, w.chief)
    closings.report(
        task.pk, version=1, done_on=date(2026, 3, 5), result="已办", handling="已办", by=w.chief
    )
    closings.review(task.pk, version=2, by=w.office)
    results = race(
        lambda: closings.close(task.pk, version=3, by=again(w.leader)),
        lambda: closings.close(task.pk, version=3, by=again(w.chair)),
        lambda: closings.send_back(task.pk, version=3, reason="再办", by=again(w.leader)),
    )
    task.refresh_from_db()
    assert len(won(results)) == 1 and task.version == 4
    sent_back = SupervisionNote.objects.filter(kind="returned").count()
    assert (task.closed_on is None) == (sent_back == 1) == (task.state == "received")
    assert Closing.objects.get().state in ("approved", "returned")

    # The clock puts a request away while the leader decides on it.
    late = make_task(w)
    extensions.ask(late.pk, version=0, to=date(2026, 4, 10), reason="等", by=w.chief)
    clock.set("2026-03-20 00:00")
    results = race(
        lambda: extensions.grant(late.pk, version=1, by=again(w.leader)),
        lambda: extensions.refuse(late.pk, version=1, answer="不", by=again(w.leader)),
        lambda: extensions.expire(late.pk, by=None),
    )
    late.refresh_from_db()
    assert isinstance(results[0], Refused), "too late whoever was first"
    assert late.deadline == date(2026, 3, 20) and Extension.objects.get().state == "refused"
    ends = LedgerMove.objects.filter(
        row_id=late.pk, kind__in=["refuse_extension", "expire", "grant_extension"]
    )
    assert ends.count() == 1
