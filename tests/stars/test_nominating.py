"""科室推星 on the day: who is barred, who stands in for the chief, who comes after them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from scheme import access, clock
from scheme.actions import restrictions
from scheme.errors import Refused, Stale
from scheme.models import Appointment, AuditEntry, Deputation, Notice, Staff
from scheme.offices import Office
from stars.actions import nominations
from stars.models import Dossier, NominationMove
from tests.factories import again, appoint, make_nomination, make_round, make_staff

from .nominating_world import make_restriction

STATEMENT = "半年来日报及时，文稿质量好，牵头修订了三项制度，群众反映好。"
TODAY = date(2026, 7, 20)


@pytest.fixture
def round_(department):
    return make_round(department.unit, state="nominating", per_section=3)


@pytest.fixture
def chief(department):
    return department.chiefs[0]


@pytest.fixture
def person(department):
    return department.officers[0][1]


@pytest.fixture
def draft(round_, person):
    return make_nomination(round_, person, statement=STATEMENT)


def save(round_, by, one, **more):
    facts = {
        "star": one.star, "kind": one.kind, "person": one.person, "section": one.section,
        "statement": STATEMENT, "pk": one.pk, "seen": one.version,
    }  # fmt: skip
    return nominations.save(round_.pk, by=by, **facts | more)


def depute(principal, deputy, section, *, first=TODAY, days=5):
    row = Deputation.objects.create(
        unit=principal.unit, principal=principal, office=Office.SECTION_CHIEF, section=section,
        deputy=deputy, start_on=first, end_on=first + timedelta(days), named_by=principal,
        named_at=clock.now(),
    )  # fmt: skip
    deputy.__dict__.pop("_powers", None)
    return row


# Who is barred


def test_a_barred_nominee_may_be_drafted_and_not_submitted_and_nobody_learns_why(
    round_, draft, chief, person, office
):
    row = make_restriction(person, by=office)
    kept = save(round_, chief, draft)
    with pytest.raises(Refused, match="现在不能参评") as caught:
        nominations.submit(draft.pk, by=chief, seen=kept.version)
    assert caught.value.field == "nominee" and not caught.value.conflict
    assert not any(word in str(caught.value) for word in ("处分", "影响期", "纪"))
    assert not Dossier.objects.exists() and not NominationMove.objects.exists()
    restrictions.lift(row.pk, by=office, why="试纪〔2026〕8号", seen=row.until)
    assert nominations.submit(draft.pk, by=chief, seen=kept.version).state == "submitted"


def test_a_barred_section_is_not_put_forward(round_, department, chief, office):
    own = make_nomination(round_, department.one, statement=STATEMENT)
    make_restriction(department.one, by=office, kind="criticism")
    with pytest.raises(Refused, match="现在不能参评"):
        nominations.submit(own.pk, by=chief, seen=0)


def test_the_reason_is_for_the_nominee_and_the_office_whose_reading_is_recorded(
    round_, draft, chief, person, office, department
):
    make_restriction(person, by=office)
    [ground] = nominations.read_grounds(draft, by=person)
    assert ground.kind == "sanction"
    assert not AuditEntry.objects.filter(act="restriction.read").exists()
    assert nominations.read_grounds(draft, by=office) == [ground]
    entry = AuditEntry.objects.get(act="restriction.read")
    assert (entry.actor, entry.after, entry.object_id) == (office, {}, str(draft.pk))
    for by in (chief, department.chair, department.leader, department.officers[0][2]):
        with pytest.raises(PermissionDenied):
            nominations.read_grounds(draft, by=by)


# The round's own limits


def test_statement_and_returns_are_bounded_by_the_round(department, person, chief, office):
    rules = {"statement_fewest": 30, "statement_most": 40, "most_returns": 1}
    round_ = make_round(department.unit, state="nominating", **rules)
    draft = make_nomination(round_, person)
    with pytest.raises(Refused, match="最多40字") as caught:
        save(round_, chief, draft, statement="长" * 41)
    assert caught.value.field == "statement"
    short = save(round_, chief, draft, statement="短" * 29)
    with pytest.raises(Refused, match="至少写30字"):
        nominations.submit(draft.pk, by=chief, seen=short.version)
    seen = save(round_, chief, short, statement="长" * 40).version
    seen = nominations.submit(draft.pk, by=chief, seen=seen).version
    seen = nominations.return_(draft.pk, by=office, seen=seen, reason="补").version
    seen = nominations.submit(draft.pk, by=chief, seen=seen).version
    with pytest.raises(Refused, match="已经退回过1次"):
        nominations.return_(draft.pk, by=office, seen=seen, reason="再补")
    assert nominations.returns_of(draft) == 1


# In somebody's stead


def test_a_deputy_does_all_the_chief_does_and_both_names_are_kept(
    round_, chief, person, department, office
):
    deputy = department.officers[0][2]
    depute(chief, deputy, department.one)
    deputy = again(deputy)
    made = nominations.save(
        round_.pk, by=deputy, star=round_.quotas.get(star="ye", kind="person").star,
        kind="person", person=person, section=department.one, statement=STATEMENT,
    )  # fmt: skip
    seen = nominations.submit(made.pk, by=deputy, seen=0).version
    seen = nominations.return_(made.pk, by=office, seen=seen, reason="补").version
    told = Notice.objects.filter(key=f"nomination:{made.pk}:{seen}:returned")
    assert {notice.to for notice in told} == {chief, deputy}
    made.refresh_from_db()
    seen = save(round_, deputy, made).version
    seen = nominations.submit(made.pk, by=deputy, seen=seen).version
    nominations.withdraw(made.pk, by=deputy, seen=seen, reason="本人不愿")
    moves = [(m.to_state, m.by, m.on_behalf_of) for m in made.moves.all()]
    assert moves == [
        ("submitted", deputy, chief),
        ("returned", office, None),
        ("submitted", deputy, chief),
        ("withdrawn", deputy, chief),
    ]
    for act in ("nomination.save", "nomination.submit", "nomination.withdraw"):
        for entry in AuditEntry.objects.filter(act=act):
            assert (entry.actor, entry.on_behalf_of) == (deputy, chief), act
    entry = AuditEntry.objects.get(act="nomination.return")
    assert (entry.actor, entry.on_behalf_of) == (office, None)


def test_a_deputy_who_is_none_any_more_does_nothing(round_, draft, chief, department):
    deputy = department.officers[0][2]
    depute(chief, deputy, department.one, first=TODAY - timedelta(5), days=5)  # until yesterday
    for act in (nominations.submit, nominations.withdraw):
        with pytest.raises(PermissionDenied):
            act(draft.pk, by=again(deputy), seen=0)
    # Nor does the deputy of a chief of another section.
    depute(department.chiefs[1], deputy, department.two)
    with pytest.raises(PermissionDenied):
        save(round_, again(deputy), draft)


# After a change of chiefs


@pytest.fixture
def handed_over(department, chief):
    """The chief leaves for another post; somebody new heads the section from today."""
    held = Appointment.objects.filter(staff=chief, office=Office.SECTION_CHIEF)
    held.update(end_on=TODAY)
    new = make_staff(section=department.one, branch=department.branches[0], since=TODAY)
    appoint(new, Office.SECTION_CHIEF, section=department.one, start_on=TODAY)
    return again(chief), again(new)


def test_the_new_chief_finds_edits_submits_and_withdraws_what_the_former_drafted(
    round_, draft, person, handed_over, office
):
    former, new = handed_over
    assert list(type(draft).objects.visible_to(new)) == [draft]
    assert not type(draft).objects.visible_to(former).exists()
    for act in (nominations.submit, nominations.withdraw):
        with pytest.raises(PermissionDenied):
            act(draft.pk, by=former, seen=0)
    with pytest.raises(PermissionDenied):
        save(round_, former, draft)
    seen = save(round_, new, draft, statement=STATEMENT + "已核。").version
    with pytest.raises(Stale):
        nominations.submit(draft.pk, by=new, seen=0)
    seen = nominations.submit(draft.pk, by=new, seen=seen).version
    draft.refresh_from_db()
    assert (draft.made_by, draft.submitted_by) == (former, new)
    assert nominations.withdraw(draft.pk, by=new, seen=seen).state == "withdrawn"


def test_a_return_finds_who_answers_for_the_section_today(
    round_, draft, chief, department, office, handed_over
):
    former, new = handed_over
    seen = nominations.submit(draft.pk, by=new, seen=0).version
    seen = nominations.return_(draft.pk, by=office, seen=seen, reason="写具体").version
    told = Notice.objects.filter(key=f"nomination:{draft.pk}:{seen}:returned")
    assert [notice.to for notice in told] == [new]
    # Nobody heads it: whoever has it in charge is told.
    Appointment.objects.filter(staff=new, office=Office.SECTION_CHIEF).update(
        end_on=TODAY + timedelta(1)
    )
    assert nominations.answering_for(department.one.pk) == [new]
    Staff.objects.filter(pk=new.pk).update(is_active=False)
    assert nominations.answering_for(department.one.pk) == [department.leader]
    assert access.places(again(former), access.Role.CHIEF) == []
