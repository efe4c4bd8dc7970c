"""每周一学: planned in weeks, attended on one screen, corrected with a reason, void and back."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledgers import records, studying
from ledgers.actions import study
from ledgers.models import StudyMiss, StudySession
from ledgers.studying import Attendance, Sums
from scheme import periods
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice, SectionMembership, Staff
from tests.factories import make_absence, make_department, make_staff
from tests.ledgers.acting import refusal
from tests.ledgers.study_world import FRIDAY, MONDAY, THURSDAY, WEDNESDAY, held, keeper, planned

pytestmark = pytest.mark.django_db
State = StudySession.State
WHY = "补交了请假条"


def act(d, act, row, **more):
    return act(
        row.pk, version=more.pop("version", row.version), by=more.pop("by", keeper(d)), **more
    )


def missed(session) -> set[int]:
    return set(session.misses.values_list("person", flat=True))


def told(person) -> list[str]:
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("text", flat=True))


def test_planned_by_the_personnel_office_and_by_nobody_else(d):
    session = planned(d, FRIDAY, place="  三楼 ", host=d.leader, contents="一、原文")
    assert (session.state, session.place, session.host) == (State.PLANNED, "三楼", d.leader)
    assert [one.what for one in records.history(session)] == ["安排"]
    assert AuditEntry.objects.get(act="study.plan").after["day"] == "2026-03-06"

    with pytest.raises(PermissionDenied):
        study.plan(d.unit, day=FRIDAY, topic="学习", by=d.chiefs[0])
    stranger = make_department()
    with pytest.raises(PermissionDenied):
        study.plan(d.unit, day=FRIDAY, topic="学习", by=stranger.personnel[0])
    with pytest.raises(PermissionDenied):
        study.plan_series(d.unit, first=FRIDAY, until=FRIDAY, topic="学习", by=d.chair)
    for given_, field in (
        ({"topic": "  "}, "topic"),
        ({"topic": "学" * 501}, "topic"),
        ({"topic": "学习", "place": "楼" * 101}, "place"),
        ({"topic": "学习", "host": stranger.leader}, "host"),
    ):
        refused = refusal(
            lambda given_=given_: study.plan(d.unit, day=FRIDAY, by=keeper(d), **given_)
        )
        assert refused.field == field


def test_a_series_skips_days_of_rest_and_days_taken(d):
    planned(d, date(2026, 3, 13))
    void = planned(d, date(2026, 3, 20))
    act(d, study.void, void, reason="改期")
    own = {"topic": "每周一学", "by": keeper(d)}

    series = study.plan_series(d.unit, first=FRIDAY, until=date(2026, 4, 10), **own)

    # Qingming falls on a Sunday and rests the Monday; the Friday before is worked.
    days = [date(2026, 3, 6), date(2026, 3, 20), date(2026, 3, 27), date(2026, 4, 3)]
    assert [one.day for one in series.sessions] == [*days, date(2026, 4, 10)]
    assert series.skipped == [date(2026, 3, 13)]
    spring = study.plan_series(d.unit, first=date(2026, 9, 25), until=date(2026, 10, 9), **own)
    assert date(2026, 10, 2) in spring.skipped

    refused = refusal(lambda: study.plan_series(d.unit, first=FRIDAY, until=FRIDAY, **own))
    assert refused.field == "first"
    for until in (THURSDAY, date(2027, 4, 2)):
        refused = refusal(lambda: study.plan_series(d.unit, first=FRIDAY, until=until, **own))  # noqa: B023
        assert refused.field == "until"


def test_everybody_came_but_those(d):
    one, two = d.officers[0][1:]
    session = held(d, [one, two])

    assert (session.state, session.version, session.recorded_by) == (State.HELD, 2, keeper(d))
    assert missed(session) == {one.pk, two.pk}
    lines = {line.key: line.attendance for line in studying.expected(session)}
    # Leaders are in no section and are not expected.
    assert len(lines) == 12 and d.leader.pk not in lines
    assert [key for key, how in lines.items() if how == Attendance.MISSED] == [one.pk, two.pk]
    assert studying.sums_of([session]) == {session.pk: Sums(12, 0, 2)}
    assert told(one)[0].startswith("3月4日的学习登记为没有到会") and not told(d.officers[0][0])
    move = session_moves(session)[-1]
    assert move.kind == "hold" and move.after["missed"] == sorted([one.staff_no, two.staff_no])


def session_moves(session):
    from ledgers.models import LedgerMove

    return list(LedgerMove.objects.filter(ledger="study", row_id=session.pk).order_by("version"))


def test_who_is_excused_owes_nothing_even_when_marked(d):
    one, two = d.officers[0][1:]
    make_absence(one, WEDNESDAY, WEDNESDAY)
    make_staff(section=d.one, joined_on=THURSDAY)
    make_staff(section=d.one, left_on=WEDNESDAY)
    session = held(d, [one, two])

    assert studying.sums_of([session]) == {session.pk: Sums(12, 1, 1)}
    assert studying.sums(studying.expected(session)) == Sums(12, 1, 1)
    assert told(one) == [] and len(told(two)) == 1
    # Leave that is entered afterwards excuses as well.
    make_absence(two, MONDAY, FRIDAY)
    assert studying.sums_of([session]) == {session.pk: Sums(12, 2, 0)}


def test_what_cannot_be_entered(d):
    coming = planned(d, FRIDAY)
    assert "还没到" in str(refusal(lambda: act(d, study.hold, coming, missed=[])))
    session = planned(d)
    stranger = make_staff(section=make_department().one)
    for one in (d.leader, stranger):
        text = str(refusal(lambda: act(d, study.hold, session, missed=[one.pk])))  # noqa: B023
        assert "不在册或不在科室" in text
    with pytest.raises(PermissionDenied):
        act(d, study.hold, session, missed=[], by=d.chiefs[0])
    with pytest.raises(StudySession.DoesNotExist):
        act(d, study.hold, session, missed=[], by=make_department().personnel[0])
    with pytest.raises(Stale):
        act(d, study.hold, session, missed=[], version=0)
    session = act(d, study.void, session, reason="重了")
    assert refusal(lambda: act(d, study.hold, session, missed=[])).conflict


def test_a_correction_says_why_and_tells_whose_record_changed(d):
    one, two, three = d.officers[0]
    session = held(d, [one, two])
    make_absence(three, WEDNESDAY, WEDNESDAY)
    assert refusal(lambda: act(d, study.hold, session, missed=[two.pk])).field == "reason"
    same = refusal(lambda: act(d, study.hold, session, missed=[one.pk, two.pk], reason=WHY))
    assert "没有要改的" in str(same)
    long = refusal(lambda: act(d, study.hold, session, missed=[], reason="因" * 501))
    assert long.field == "reason"

    session = act(d, study.hold, session, missed=[two.pk, three.pk], reason=WHY)

    assert missed(session) == {two.pk, three.pk}
    assert told(one)[-1].startswith("3月4日的学习已改记为到会")
    assert len(told(two)) == 1 and told(three) == []
    move = session_moves(session)[-1]
    assert (move.kind, move.text) == ("change", WHY)
    assert move.before["missed"] == sorted([one.staff_no, two.staff_no])


def test_a_miss_of_somebody_who_was_not_expected_goes_with_the_next_correction(d):
    """A workbook may bring one; scoring never counts it."""
    session = held(d)
    StudyMiss.objects.create(session=session, person=d.leader)
    assert studying.sums_of([session])[session.pk].missed == 0
    act(d, study.hold, session, missed=[], reason=WHY)
    assert not missed(session)


def test_the_plan_is_changed_freely_what_was_held_only_with_a_reason(d):
    session = planned(d, FRIDAY)
    body = {"day": THURSDAY, "topic": "公文写作", "host": d.chair}
    session = act(d, study.change, session, **body)
    assert (session.day, session.topic, session.version) == (THURSDAY, "公文写作", 2)
    assert session_moves(session)[-1].after == {
        "day": "2026-03-05", "topic": "公文写作", "host": "周部长",
    }  # fmt: skip
    # Nothing changed: nothing is written.
    assert act(d, study.change, session, **body).version == 2

    session = act(d, study.hold, session, missed=[])
    assert refusal(lambda: act(d, study.change, session, **body | {"day": FRIDAY})).field == "day"
    assert refusal(lambda: act(d, study.change, session, **body)).field == "reason"
    session = act(d, study.change, session, **body | {"topic": "公文"}, reason="写错了")
    assert session.topic == "公文" and session_moves(session)[-1].text == "写错了"
    session = act(d, study.void, session, reason="重了")
    assert refusal(lambda: act(d, study.change, session, **body)).conflict


def test_void_counts_no_more_and_restored_it_does(d):
    one = d.officers[0][1]
    session = held(d, [one])
    span = periods.half_span("2026H1")
    assert refusal(lambda: act(d, study.restore, session, reason=WHY)).conflict
    assert refusal(lambda: act(d, study.void, session, reason=" ")).field == "reason"

    session = act(d, study.void, session, reason="登记重了")
    assert session.state == State.VOID and studying.record_of(one, span) == []
    assert refusal(lambda: act(d, study.void, session, reason=WHY)).conflict
    assert refusal(lambda: act(d, study.restore, session, reason="")).field == "reason"
    session = act(d, study.restore, session, reason="没有重")
    assert session.state == State.HELD
    assert [row.attendance for row in studying.record_of(one, span)] == [Attendance.MISSED]
    # What was only planned is planned again.
    other = act(d, study.void, planned(d, FRIDAY), reason="改期")
    assert act(d, study.restore, other, reason="照旧").state == State.PLANNED


def test_figures_by_section_and_person_with_an_honest_denominator(d):
    one, two = d.officers[0][1:]
    mover = d.officers[1][0]
    SectionMembership.objects.filter(staff=mover).update(end_on=WEDNESDAY)
    SectionMembership.objects.create(staff=mover, section=d.one, start_on=WEDNESDAY)
    make_absence(two, WEDNESDAY, WEDNESDAY)
    held(d, [one, mover], MONDAY)
    held(d, [one], WEDNESDAY)
    planned(d, FRIDAY)
    act(d, study.void, held(d, [one], date(2026, 2, 27)), reason="重了")
    span = periods.half_span("2026H1")

    found = {(row.section, row.person): row.sums for row in studying.figures(d.unit, span)}

    assert found[d.one, one] == Sums(2, 0, 2) and found[d.one, two] == Sums(2, 1, 0)
    assert (found[d.one, two].due, found[d.one, two].present) == (1, 1)
    assert found[d.two, mover] == Sums(1, 0, 1) and found[d.one, mover] == Sums(1, 0, 0)
    only = studying.figures(d.unit, span, [d.two.pk])
    assert {row.section for row in only} == {d.two}
    assert studying.figures(d.unit, span, []) == []
    assert [row.attendance for row in studying.record_of(mover, span)] == ["present", "missed"]


def test_names_are_for_the_office_the_chief_and_the_leader(d):
    assert studying.sections_named_to(keeper(d)) is None
    assert studying.sections_named_to(d.chiefs[1]) == {d.two.pk}
    assert studying.sections_named_to(d.leader) == {d.one.pk, d.office.pk}
    assert studying.sections_named_to(d.officers[0][1]) == set()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_sequence_of_acts_counts_what_a_plain_model_counts(d, data):
    """Taken, corrected, void, restored, leave entered meanwhile, in any order."""
    with transaction.atomic():
        _play(d, data)
        transaction.set_rollback(True)


def _play(d, data):
    people = sorted(one.pk for group in d.officers for one in group)
    steps = st.sampled_from(["hold", "hold", "void", "restore", "leave"])
    session, marked, away, before = planned(d), set(), set(), None
    for wanted in data.draw(st.lists(steps, min_size=1, max_size=6)):
        try:
            if wanted == "hold":
                chosen = data.draw(st.sets(st.sampled_from(people), max_size=4))
                session = act(d, study.hold, session, missed=chosen, reason=WHY)
                marked = chosen
            elif wanted == "leave":
                key = data.draw(st.sampled_from(people))
                if key not in away:
                    make_absence(Staff.objects.get(pk=key), WEDNESDAY, WEDNESDAY)
                    away.add(key)
            else:
                was = session.state
                session = act(d, getattr(study, wanted), session, reason=WHY)
                before = was if wanted == "void" else before
                assert session.state == (State.VOID if wanted == "void" else before)
        except Refused:
            session.refresh_from_db()
    assert missed(session) == marked
    assert studying.sums_of([session])[session.pk] == Sums(12, len(away), len(marked - away))
