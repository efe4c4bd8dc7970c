"""Checking what was declared: who may, in which order, one at a time and many at once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from scheme.errors import Stale
from scheme.models import Appointment, AuditEntry, Job, Notice, SectionMembership, Staff
from scheme.offices import Office
from scoring import declaring
from scoring.actions import checking, declarations
from scoring.models import Declaration
from tests.factories import (
    again,
    appoint,
    forget_powers,
    make_declaration,
    make_section,
    make_staff,
    pdf,
)
from tests.scoring.declaring import (
    DAY,
    add,
    checked,
    confirmed,
    department,
    filed,
    of_section,
    refused,
)

pytestmark = pytest.mark.django_db
State = Declaration.State
NEW_DAY = date(2026, 4, 2)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def denied(call):
    with pytest.raises(PermissionDenied), transaction.atomic():
        call()


def turned_away(call):
    """Who might have it before them in another state is told that it is not there (yet)."""
    with pytest.raises((Stale, PermissionDenied)), transaction.atomic():
        call()


def everything(line, by):
    """Every step that may be taken with a line that waits."""
    seen = {"version": line.version, "by": by}
    return (
        lambda: declarations.check(line.pk, **seen),
        lambda: declarations.verify(line.pk, **seen),
        lambda: declarations.turn_back(line.pk, reason="请补原件", **seen),
        lambda: declarations.refuse(line.pk, reason="不符合", **seen),
    )


# --- The first check


def test_the_chief_checks_first(d):
    line = filed(d)
    Notice.objects.all().delete()

    declarations.check(line.pk, version=1, by=d.chiefs[0])

    line.refresh_from_db()
    assert (line.state, line.checked_by, line.version) == (State.CHECKED, d.chiefs[0], 2)
    move = line.moves.last()
    assert (move.kind, move.version, move.by) == ("checked", 2, d.chiefs[0])
    assert move.body["proofs"][0]["name"] == "通知.pdf"
    entry = AuditEntry.objects.get(act="declaration.check")
    assert (entry.object_id, entry.before) == (str(line.pk), {"state": "filed"})
    assert {notice.to for notice in Notice.objects.all()} == set(d.personnel)
    assert not Job.objects.exists()


def test_the_office_is_told_once_a_day_however_many_wait(d):
    for n in range(3):
        checked(d, document_no=str(n))
    assert Notice.objects.filter(to=d.verifier).count() == 1


def test_only_the_sections_chief_checks_its_people(d):
    line = filed(d)
    for by in (d.chiefs[1], d.deputies[0], d.leader, d.officers[0][2], d.who, d.chair, d.verifier):
        assert not declaring.may_check(again(by), line)
        for call in (everything(line, by)[0], *everything(line, by)[2:]):
            denied(call) if by != d.verifier else turned_away(call)
    line.refresh_from_db()
    assert line.state == State.FILED


def test_a_chiefs_own_line_is_the_leaders(d):
    line = filed(d, d.chiefs[0])
    second = make_staff(section=d.one, office=Office.SECTION_CHIEF)
    for by in (d.chiefs[0], second, d.other_leader):
        denied(everything(line, by)[0])
    assert declarations.check(line.pk, version=1, by=d.leader).checked_by == d.leader


def test_a_sections_line_is_the_leaders(d):
    line = of_section(d)
    for by in (d.chiefs[0], d.other_leader, d.verifier):
        denied(everything(line, by)[0])
    assert declarations.check(line.pk, version=1, by=d.leader).state == State.CHECKED


def test_without_a_chief_the_leader_checks(d):
    line = filed(d)
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).delete()
    denied(everything(line, again(d.chiefs[0]))[0])
    assert declarations.check(line.pk, version=1, by=d.leader).state == State.CHECKED


def test_the_section_is_the_one_the_person_belongs_to_by_now(d):
    line = filed(d)
    SectionMembership.objects.filter(staff=d.who).update(end_on=date(2026, 4, 8))
    SectionMembership.objects.create(staff=d.who, section=d.two, start_on=date(2026, 4, 8))
    # One to come is not yet.
    SectionMembership.objects.filter(staff=d.who, section=d.two).update(end_on=date(2026, 5, 1))
    SectionMembership.objects.create(staff=d.who, section=d.office, start_on=date(2026, 5, 1))
    denied(everything(line, d.chiefs[0])[0])
    assert declarations.check(line.pk, version=1, by=d.chiefs[1]).state == State.CHECKED


def test_who_filed_does_not_check_though_in_charge(d):
    """The leader who acts as chief files the section's line; nobody else could check it."""
    bare = make_section(d.unit)
    acting = make_staff(section=bare, office=Office.SECTION_CHIEF)
    appoint(acting, Office.LEADER_IN_CHARGE, section=bare)
    line = add(d, acting, section=bare, rule_code="效能-加-12", level="own")
    declarations.attach(line.pk, pdf(), "a.pdf", by=acting)
    refused(lambda: declarations.file(line.pk, by=acting))  # nobody to check it
    appoint(d.leader, Office.LEADER_IN_CHARGE, section=bare)
    line = declarations.file(line.pk, by=acting)
    assert "自己" in str(refused(everything(line, acting)[0]))
    assert not declaring.to_check_by(acting) and not declaring.may_check(acting, line)
    assert declarations.check(line.pk, version=1, by=again(d.leader)).state == State.CHECKED


def test_what_was_not_seen_is_not_checked(d):
    line = filed(d)
    refused(lambda: declarations.check(line.pk, version=0, by=d.chiefs[0]), conflict=True)
    declarations.withdraw(line.pk, by=d.who)
    for version in (1, 2):
        call = lambda version=version: declarations.check(line.pk, version=version, by=d.chiefs[0])  # noqa: E731
        assert "已撤回" in str(refused(call, conflict=True))


def test_lines_of_another_unit_are_not_there(d):
    line = filed(d)
    stranger = make_staff()
    appoint(stranger, Office.PERSONNEL_OFFICE)
    for call in (
        *everything(line, stranger),
        lambda: declarations.revoke(line.pk, reason="x", by=stranger),
    ):
        with pytest.raises(Declaration.DoesNotExist):
            call()


def test_an_imported_line_is_nobodys_to_check(d):
    for state in (State.FILED, State.CHECKED):
        line = make_declaration(d.who, state=state, imported=True)
        for by in (d.chiefs[0], d.verifier):
            assert not declaring.may_check(by, line) and not declaring.may_verify(by, line)
            for call in everything(line, by):
                denied(call)
        line.refresh_from_db()
        assert line.state == state


# --- Verifying


def test_the_personnel_office_verifies(d):
    line = checked(d)
    Notice.objects.all().delete()

    declarations.verify(line.pk, version=2, by=d.verifier)

    line.refresh_from_db()
    assert (line.state, line.verified_by, line.version) == (State.CONFIRMED, d.verifier, 3)
    assert line.moves.last().kind == "confirmed"
    assert AuditEntry.objects.get(act="declaration.verify").after == {"state": "confirmed"}
    notice = Notice.objects.get()
    assert notice.to == d.who and "核验通过" in notice.text and notice.spoken
    job = Job.objects.get()
    assert job.args == {"first": "2026-03-05", "last": "2026-03-05"}
    assert job.dedupe_key == f"{d.unit.pk}/facts 2026H1 declared:{line.pk}:3"


def test_only_the_personnel_office_verifies(d):
    line = checked(d)
    for by in (d.chiefs[0], d.leader, d.chair, d.who):
        assert not declaring.may_verify(by, line)
        for call in everything(line, by)[1:]:
            turned_away(call) if by == d.chiefs[0] else denied(call)


def test_nobody_verifies_what_they_checked_or_filed_or_is_about_them(d):
    first, second = d.personnel
    # The office's chief checks an officer of it first; the other member is the subject.
    line = filed(d, second, document_no="1")
    declarations.check(line.pk, version=1, by=first)
    for by in (first, second):
        assert not declaring.may_verify(by, line) and not declaring.to_verify_by(by)
        for call in everything(line, by)[1:]:
            assert "增加一名" in str(refused(call))

    third = make_staff(section=d.office)
    appoint(third, Office.PERSONNEL_OFFICE)
    assert "另一名经办人" in str(refused(everything(Declaration.objects.get(), first)[1]))
    assert set(declaring.to_verify_by(third)) == {line}
    assert declarations.verify(line.pk, version=2, by=third).verified_by == third


def test_what_was_not_seen_is_not_verified(d):
    line = checked(d)
    refused(lambda: declarations.verify(line.pk, version=1, by=d.verifier), conflict=True)
    unchecked = filed(d, document_no="2")
    refused(lambda: declarations.verify(unchecked.pk, version=1, by=d.verifier), conflict=True)


def test_what_no_tier_fits_any_more_is_not_confirmed(d):
    line = make_declaration(
        d.who, "勤学-加-02", DAY, level="nation", state=State.CHECKED, checked_by=d.chiefs[0]
    )
    refused(lambda: declarations.verify(line.pk, version=line.version, by=d.verifier))


# --- Sending back and refusing


def test_sent_back_by_the_checker_mended_and_filed_again_after_the_window(d, clock):
    line = filed(d)
    Notice.objects.all().delete()

    declarations.turn_back(line.pk, version=1, reason=" 请补原件 ", by=d.chiefs[0])

    line.refresh_from_db()
    assert (line.state, line.version) == (State.RETURNED, 2)
    move = line.moves.last()
    assert (move.kind, move.reason) == ("returned", "请补原件")
    assert AuditEntry.objects.get(act="declaration.turn_back").reason == "请补原件"
    notice = Notice.objects.get()
    assert notice.to == d.who and "请补原件" in notice.text and "2" in notice.text

    clock.set("2026-05-06 09:00")
    d.who = again(d.who)
    declarations.change(line.pk, version=2, by=d.who, note="附原件")
    line = declarations.file(line.pk, by=d.who)
    assert (line.state, line.version) == (State.FILED, 4)
    assert line.moves.last().body["note"] == "附原件"
    assert Notice.objects.filter(to=d.chiefs[0]).count() == 1


def test_sent_back_by_the_verifier_it_is_checked_anew(d):
    line = checked(d)
    declarations.turn_back(line.pk, version=2, reason="看不清", by=d.verifier)
    line.refresh_from_db()
    assert (line.state, line.checked_by, line.checked_at) == (State.RETURNED, None, None)
    line = declarations.file(line.pk, by=d.who)
    refused(
        lambda: declarations.verify(line.pk, version=line.version, by=d.verifier), conflict=True
    )


def test_a_line_is_not_sent_back_for_ever(d):
    line = filed(d)
    for _n in range(checking.MOST_RETURNS):
        declarations.turn_back(line.pk, version=line.version, reason="再补", by=d.chiefs[0])
        line = declarations.file(line.pk, by=d.who)
    again_back = lambda: declarations.turn_back(  # noqa: E731
        line.pk, version=line.version, reason="再补", by=d.chiefs[0]
    )
    assert "3" in str(refused(again_back))
    declarations.refuse(line.pk, version=line.version, reason="不符合", by=d.chiefs[0])


def test_refused_by_the_verifier(d):
    line = checked(d)
    Notice.objects.all().delete()

    declarations.refuse(line.pk, version=2, reason="原件不符", by=d.verifier)

    line.refresh_from_db()
    assert (line.state, line.version, line.checked_by) == (State.REFUSED, 3, d.chiefs[0])
    assert (line.moves.last().kind, line.moves.last().reason) == ("refused", "原件不符")
    assert AuditEntry.objects.get(act="declaration.refuse").reason == "原件不符"
    assert Notice.objects.get().to == d.who
    assert not Job.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "字" * 201])
def test_a_line_is_turned_down_with_a_reason(d, reason):
    one, two, three = (
        filed(d, document_no="1"),
        checked(d, document_no="2"),
        confirmed(d, document_no="3"),
    )
    for call in (
        lambda: declarations.turn_back(one.pk, version=1, reason=reason, by=d.chiefs[0]),
        lambda: declarations.refuse(two.pk, version=2, reason=reason, by=d.verifier),
        lambda: declarations.revoke(three.pk, reason=reason, by=d.other_verifier),
    ):
        refused(call, "reason")


def test_what_was_not_seen_is_not_turned_down(d):
    for line, by in (
        (filed(d, document_no="1"), d.chiefs[0]),
        (checked(d, document_no="2"), d.verifier),
    ):
        for step in (declarations.turn_back, declarations.refuse):
            refused(
                lambda line=line, by=by, step=step: step(
                    line.pk, version=line.version - 1, reason="x", by=by
                ),
                conflict=True,
            )


def test_who_might_have_been_next_is_told_that_somebody_was_faster(d):
    line = checked(d)
    for step in (declarations.turn_back, declarations.refuse):
        # The chief, for whom it was filed; it has been checked since.
        refused(
            lambda step=step: step(line.pk, version=1, reason="x", by=d.chiefs[0]), conflict=True
        )
    declarations.verify(line.pk, version=2, by=d.verifier)
    for by in (d.chiefs[0], d.other_verifier):
        for step in (declarations.turn_back, declarations.refuse):
            for version in (1, 2, 3):
                seen = {"version": version, "reason": "x", "by": by}
                refused(lambda step=step, seen=seen: step(line.pk, **seen), conflict=True)
    # The verifier, after it was sent back and filed again.
    again_filed = checked(d, document_no="2")
    declarations.turn_back(again_filed.pk, version=2, reason="补", by=d.verifier)
    declarations.file(again_filed.pk, by=d.who)
    call = lambda: declarations.refuse(again_filed.pk, version=4, reason="x", by=d.verifier)  # noqa: E731
    assert "待初核" in str(refused(call, conflict=True))


# --- Revoking


def test_another_member_of_the_office_revokes(d):
    line = confirmed(d)
    Notice.objects.all().delete()
    assert declaring.may_revoke(d.other_verifier, line)

    declarations.revoke(line.pk, reason="文件已撤销", by=d.other_verifier)

    line.refresh_from_db()
    assert (line.state, line.version, line.verified_by) == (State.REFUSED, 4, d.verifier)
    assert (line.moves.last().kind, line.moves.last().reason) == ("revoked", "文件已撤销")
    entry = AuditEntry.objects.get(act="declaration.revoke")
    assert (entry.before, entry.reason) == ({"state": "confirmed"}, "文件已撤销")
    assert {notice.to for notice in Notice.objects.all()} == {d.who, d.verifier}
    assert Job.objects.filter(dedupe_key__endswith=f"declared:{line.pk}:4").exists()


def test_who_verified_does_not_revoke_alone(d):
    line = confirmed(d)
    call = lambda: declarations.revoke(line.pk, reason="错", by=d.verifier)  # noqa: E731
    assert "另一名经办人" in str(refused(call))
    Staff.objects.filter(pk=d.other_verifier.pk).update(is_active=False)
    assert "增加一名" in str(refused(call))


def test_nobody_revokes_their_own(d):
    own = make_declaration(d.other_verifier, state=State.CONFIRMED, checked_by=d.verifier)
    refused(lambda: declarations.revoke(own.pk, reason="错", by=d.other_verifier))
    assert not declaring.may_revoke(d.other_verifier, own)


def test_only_the_office_revokes_and_only_what_is_confirmed(d):
    line = confirmed(d)
    for by in (d.who, d.chiefs[0], d.leader):
        denied(lambda by=by: declarations.revoke(line.pk, reason="错", by=by))
    waiting = checked(d, document_no="2")
    refused(
        lambda: declarations.revoke(waiting.pk, reason="错", by=d.other_verifier), conflict=True
    )
    read = make_declaration(d.who, state=State.CONFIRMED, imported=True)
    refused(lambda: declarations.revoke(read.pk, reason="错", by=d.other_verifier))
    assert not declaring.may_revoke(d.other_verifier, read)


# --- Many at once


def test_many_are_checked_at_once_and_the_others_are_named(d):
    one, two = filed(d, document_no="1"), filed(d, document_no="2")
    stale, gone, foreign = filed(d, document_no="3"), filed(d, document_no="4"), of_section(d)
    declarations.withdraw(gone.pk, by=d.who)
    lines = {one.pk: 1, two.pk: 1, stale.pk: 0, gone.pk: 1, foreign.pk: 1, 999_999_999: 1}

    outcome = declarations.check_many(lines, by=d.chiefs[0])

    assert outcome.done == [one.pk, two.pk]
    assert set(outcome.refused) == set(lines) - {one.pk, two.pk}
    assert all(outcome.refused.values())
    states = dict(Declaration.objects.values_list("pk", "state"))
    assert [states[line.pk] for line in (one, two, stale)] == ["checked", "checked", "filed"]
    entry = AuditEntry.objects.get(act="declaration.check")
    assert (entry.object_id, entry.after["declarations"]) == (str(d.unit.pk), [one.pk, two.pk])
    assert one.moves.last().version == 2


def test_many_are_verified_at_once_and_each_is_told(d):
    one = checked(d, document_no="1")
    two = checked(d, d.officers[0][2], document_on=date(2025, 12, 30))
    mine = make_declaration(d.verifier, state=State.CHECKED)
    Notice.objects.all().delete()

    outcome = declarations.verify_many({one.pk: 2, two.pk: 2, mine.pk: mine.version}, by=d.verifier)

    assert outcome.done == [one.pk, two.pk] and set(outcome.refused) == {mine.pk}
    told = {notice.to: notice for notice in Notice.objects.all()}
    assert set(told) == {d.who, d.officers[0][2]}
    assert Job.objects.count() == 2  # one for each half-year
    two.refresh_from_db()
    assert two.state == State.CONFIRMED and two.moves.last().kind == "confirmed"


def test_nothing_is_done_when_none_can(d):
    line = filed(d)
    outcome = declarations.check_many({line.pk: 0}, by=d.chiefs[0])
    assert outcome.done == [] and list(outcome.refused) == [line.pk]
    assert not AuditEntry.objects.filter(act="declaration.check").exists()


def test_a_batch_has_a_bound(d, monkeypatch):
    monkeypatch.setattr(checking, "MOST_AT_ONCE", 1)
    refused(lambda: declarations.check_many({1: 1, 2: 1}, by=d.chiefs[0]))


@pytest.mark.parametrize("step", ["check", "verify"])
def test_a_hundred_take_as_many_queries_as_ten(d, step):
    state = State.FILED if step == "check" else State.CHECKED
    by = d.chiefs[0] if step == "check" else d.verifier
    more = {} if step == "check" else {"checked_by": d.chiefs[0]}
    act = declarations.check_many if step == "check" else declarations.verify_many
    counts = []
    for n in (10, 100):
        lines = [make_declaration(d.who, state=state, **more) for _n in range(n)]
        forget_powers(by)
        with CaptureQueriesContext(connection) as queries:
            outcome = act({line.pk: line.version for line in lines}, by=by)
        assert len(outcome.done) == n
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20, counts


# --- Whose desk


def test_lists_and_single_answers_agree(d):
    """Everybody, every line: on the desk's list is what may be done, and nothing else."""
    lines = [
        filed(d, document_no="1"),
        filed(d, d.chiefs[0], document_no="2"),
        filed(d, d.personnel[1], document_no="3"),
        of_section(d),
        make_declaration(d.chiefs[2], state=State.CHECKED, checked_by=d.leader),
        make_declaration(d.personnel[1], state=State.CHECKED, checked_by=d.chiefs[2]),
        checked(d, document_no="4"),
        make_declaration(d.who, state=State.FILED, imported=True),
        make_declaration(d.who, state=State.CONFIRMED),
    ]
    seen = 0
    for person in Staff.objects.filter(unit=d.unit):
        to_check, to_verify = (
            set(declaring.to_check_by(person)),
            set(declaring.to_verify_by(person)),
        )
        for line in Declaration.objects.filter(pk__in=[one.pk for one in lines]):
            assert declaring.may_check(person, line) == (line in to_check), (person, line)
            assert declaring.may_verify(person, line) == (line in to_verify), (person, line)
            seen += line in to_check
    assert seen == 4
    assert {p for line in lines[:4] for p in declaring.checkers_of(line)} == {
        d.chiefs[0], d.leader, d.chiefs[2],
    }  # fmt: skip
