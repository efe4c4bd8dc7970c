from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, BranchMembership, Notice, SectionMembership
from stars import dossiers
from stars.actions import nominations
from stars.models import Dossier, Nomination, NominationMove, Participant, Quota, Round
from tests.factories import (
    again,
    make_department,
    make_nomination,
    make_round,
    make_staff,
    step_round,
)
from tests.stars.conftest import NOW

STATEMENT = "半年来日报及时，文稿质量好，牵头修订了三项制度，群众反映好。"


@pytest.fixture
def round_(department):
    return make_round(department.unit, state="nominating", places=2, per_section=1)


@pytest.fixture
def chief(department):
    return department.chiefs[0]


@pytest.fixture
def person(department):
    return department.officers[0][1]


def save(round_, by, *, person=None, section=None, star="ye", **more):
    from scheme.models import Star

    return nominations.save(
        round_.pk,
        by=by,
        star=Star.objects.get(pk=star),
        kind=more.pop("kind", "person" if person else "section"),
        person=person,
        section=section,
        statement=more.pop("statement", STATEMENT),
        **more,
    )


@pytest.fixture
def draft(round_, chief, person, department):
    return save(round_, chief, person=person, section=department.one)


@pytest.fixture
def submitted(draft, chief):
    return nominations.submit(draft.pk, by=chief, seen=0)


# Drafting


def test_save_makes_a_draft_and_says_so_in_the_trail(round_, draft, chief, person, department):
    assert (draft.state, draft.version, draft.made_by) == ("draft", 0, chief)
    assert (draft.kind, draft.person, draft.section) == ("person", person, department.one)
    assert draft.submitted_at is None and not NominationMove.objects.exists()
    entry = AuditEntry.objects.get(act="nomination.save")
    assert entry.after == {
        "star": "ye", "kind": "person", "person": person.pk, "statement": STATEMENT,
    }  # fmt: skip


def test_save_changes_a_draft_and_its_version(round_, draft, chief, department):
    other = department.officers[0][2]
    saved = save(
        round_, chief, person=other, section=department.one, star="xue", pk=draft.pk, seen=0,
        statement="  改过的理由  ",
    )  # fmt: skip
    assert (saved.pk, saved.version, saved.person, saved.star_id) == (draft.pk, 1, other, "xue")
    assert saved.statement == "改过的理由"
    with pytest.raises(Stale):
        save(round_, chief, person=other, section=department.one, pk=draft.pk, seen=0)


def test_a_section_may_be_put_forward_by_its_chief(round_, chief, department):
    saved = save(round_, chief, section=department.one)
    assert (saved.kind, saved.person, saved.nominee) == ("section", None, department.one)


def test_save_is_for_the_chief_of_that_section(round_, department, person):
    for by in (
        department.chiefs[1],
        department.deputies[0],
        department.leader,
        department.personnel[1],
        department.chair,
    ):
        with pytest.raises(PermissionDenied):
            save(round_, by, person=person, section=department.one)


@pytest.mark.parametrize("state", ["preparing", "at_branch", "published", "cancelled"])
def test_save_refuses_outside_its_stage(department, chief, person, state):
    round_ = make_round(department.unit, state=state)
    with pytest.raises(Refused, match="不是科室推星"):
        save(round_, chief, person=person, section=department.one)


def test_save_refuses_who_does_not_take_part(department, chief, person):
    round_ = make_round(department.unit)
    Participant.objects.filter(person=person).update(takes_part=False, reason="借调在外")
    Participant.objects.filter(section=department.one).update(takes_part=False, reason="已并入")
    Participant.objects.filter(person=department.officers[0][2]).delete()
    step_round(make_opened(round_), "nominating")
    for who, why in ((person, "借调在外"), (None, "已并入"), (department.officers[0][2], "名单")):
        with pytest.raises(Refused, match=why) as caught:
            save(round_, chief, person=who, section=department.one)
        assert caught.value.field == "nominee"


def make_opened(round_):
    from scheme import clock

    Round.objects.filter(pk=round_.pk).update(
        opened_at=clock.now(), opened_by=make_staff(round_.unit), seal="s"
    )
    return round_


def test_save_refuses_people_of_another_section_or_moved(round_, department, chief, person):
    with pytest.raises(Refused, match="今天不在"):
        save(round_, chief, person=department.officers[1][0], section=department.one)
    SectionMembership.objects.filter(staff=person).update(end_on=date(2026, 7, 1))
    SectionMembership.objects.create(
        staff=person, section=department.two, start_on=date(2026, 7, 1)
    )
    with pytest.raises(Refused, match="今天不在"):
        save(round_, chief, person=person, section=department.one)


@pytest.mark.parametrize(("kind", "named"), [("section", True), ("person", False), ("x", True)])
def test_save_refuses_a_kind_that_does_not_fit(round_, department, chief, person, kind, named):
    with pytest.raises(Refused) as caught:
        save(round_, chief, person=person if named else None, section=department.one, kind=kind)
    assert caught.value.field == "nominee"


def test_one_person_one_star_a_round(round_, draft, chief, person, department):
    with pytest.raises(Refused, match="一人一轮"):
        save(round_, chief, person=person, section=department.one, star="xue")
    with pytest.raises(IntegrityError, match="person_nominated_once"), transaction.atomic():
        make_nomination(round_, person, star="xin")
    nominations.withdraw(draft.pk, by=chief, seen=0)
    assert save(round_, chief, person=person, section=department.one, star="xue").pk


def test_a_section_one_nomination_a_star(round_, chief, department):
    save(round_, chief, section=department.one)
    with pytest.raises(Refused, match="已推过"):
        save(round_, chief, section=department.one)
    assert save(round_, chief, section=department.one, star="xin").pk


def test_save_refuses_too_long_a_statement(round_, chief, person, department):
    with pytest.raises(Refused) as caught:
        save(round_, chief, person=person, section=department.one, statement="长" * 501)
    assert caught.value.field == "statement"
    assert save(round_, chief, person=person, section=department.one, statement="长" * 500).pk


def test_save_refuses_to_carry_a_nomination_to_another_section(round_, draft, department):
    both = department.chiefs[0]
    from scheme.offices import Office
    from tests.factories import appoint

    appoint(both, Office.SECTION_CHIEF, section=department.two)
    with pytest.raises(Refused, match="哪个科室"):
        save(
            round_, both, person=department.officers[1][0], section=department.two,
            pk=draft.pk, seen=0,
        )  # fmt: skip


def test_what_is_submitted_is_not_edited(round_, submitted, chief, person, department):
    with pytest.raises(Refused, match="不能再改"):
        save(
            round_, chief, person=person, section=department.one, pk=submitted.pk,
            seen=submitted.version,
        )  # fmt: skip


# Quota


def test_submitted_ones_use_the_quota_and_drafts_do_not(round_, department, chief):
    one, two = department.officers[0][1:]
    first = save(round_, chief, person=one, section=department.one)
    second = save(round_, chief, person=two, section=department.one)
    nominations.submit(first.pk, by=chief, seen=0)
    with pytest.raises(Refused, match="已经用完"):
        nominations.submit(second.pk, by=chief, seen=0)
    with pytest.raises(Refused, match="已经用完"):
        save(round_, chief, person=department.officers[0][0], section=department.one)
    # Another star, another kind, another section have their own.
    assert save(round_, chief, person=department.officers[0][0], section=department.one, star="xue")
    assert save(round_, chief, section=department.one)
    other = save(
        round_, department.chiefs[1], person=department.officers[1][0], section=department.two
    )
    assert nominations.submit(other.pk, by=department.chiefs[1], seen=0)
    nominations.withdraw(first.pk, by=chief, seen=1)
    assert nominations.submit(second.pk, by=chief, seen=0).state == "submitted"


@pytest.mark.parametrize("change", [{"places": 0}, {"per_section": 0}])
def test_a_star_without_places_is_not_given(department, chief, person, change):
    round_ = make_round(department.unit)
    Quota.objects.filter(round=round_, star="ye", kind="person").update(**change)
    step_round(make_opened(round_), "nominating")
    with pytest.raises(Refused, match="不评个人") as caught:
        save(round_, chief, person=person, section=department.one)
    assert caught.value.field == "star"


# Submitting


def test_submit_freezes_the_dossier_names_the_branch_and_tells_the_nominee(
    submitted, chief, person, department
):
    submitted.refresh_from_db()
    assert (submitted.state, submitted.version) == ("submitted", 1)
    assert (submitted.submitted_by, submitted.branch) == (chief, department.branches[0])
    move = NominationMove.objects.get()
    assert (move.version, move.from_state, move.to_state, move.by) == (
        0, "draft", "submitted", chief,
    )  # fmt: skip
    frozen = Dossier.objects.get()
    assert frozen.version == 1 and frozen.digest == dossiers.digest_of(frozen.body)
    assert frozen.body["nominee"]["name"] == person.name
    notice = Notice.objects.get()
    assert notice.to == person and notice.url == f"/nominations/{submitted.pk}/"
    entry = AuditEntry.objects.get(act="nomination.submit")
    assert entry.before == {"state": "draft"}
    assert entry.after == {
        "state": "submitted", "branch": submitted.branch_id, "dossier": frozen.digest,
    }  # fmt: skip


def test_a_chief_put_forward_by_themself_is_not_told_of_it(round_, chief, department):
    own = save(round_, chief, person=chief, section=department.one)
    nominations.submit(own.pk, by=chief, seen=0)
    assert not Notice.objects.exists()


def test_submit_wants_a_statement_of_twenty_characters(round_, chief, person, department):
    draft = save(round_, chief, person=person, section=department.one, statement="好" * 19)
    with pytest.raises(Refused) as caught:
        nominations.submit(draft.pk, by=chief, seen=0)
    assert caught.value.field == "statement"
    save(
        round_, chief, person=person, section=department.one, statement="好" * 20,
        pk=draft.pk, seen=0,
    )  # fmt: skip
    assert nominations.submit(draft.pk, by=chief, seen=1).state == "submitted"


def test_submit_asks_again_whether_the_nominee_belongs_here(draft, chief, person, department):
    SectionMembership.objects.filter(staff=person).update(end_on=date(2026, 7, 20))
    with pytest.raises(Refused, match="今天不在"):
        nominations.submit(draft.pk, by=chief, seen=0)


def test_submit_refuses_stale_strangers_and_the_wrong_moment(round_, draft, chief, department):
    with pytest.raises(Stale):
        nominations.submit(draft.pk, by=chief, seen=4)
    with pytest.raises(PermissionDenied):
        nominations.submit(draft.pk, by=department.chiefs[1], seen=0)
    step_round(round_, "at_branch")
    with pytest.raises(Refused, match="已经结束"):
        nominations.submit(draft.pk, by=chief, seen=0)


def test_submit_twice_is_refused_in_words(submitted, chief):
    with pytest.raises(Refused, match="已推荐"):
        nominations.submit(submitted.pk, by=chief, seen=1)


# The branch


def test_the_branch_is_the_persons_own_else_the_sections_most(round_, department):
    first, second = department.branches
    own = department.officers[0][2]  # of section one, but in branch two
    assert nominations.branch_for(own, department.one) == second
    BranchMembership.objects.filter(staff=own).delete()
    assert nominations.branch_for(own, department.one) == first
    assert nominations.branch_for(None, department.one) == first
    assert nominations.branch_for(None, department.two) == second


def test_of_equal_branches_the_one_listed_first(round_, department):
    first, second = department.branches
    BranchMembership.objects.filter(
        staff__in=[department.chiefs[0], department.officers[0][1]]
    ).delete()
    assert nominations.branch_for(None, department.one) == first
    type(second).objects.filter(pk=first.pk).update(position=9000)
    type(second).objects.filter(pk=second.pk).update(position=1)
    assert nominations.branch_for(None, department.one) == second


def test_without_any_branch_nobody_could_evaluate(draft, chief, department):
    BranchMembership.objects.filter(staff__in=[chief, *department.officers[0]]).delete()
    with pytest.raises(Refused, match="党支部"):
        nominations.submit(draft.pk, by=chief, seen=0)


# Taking back


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_withdraw_frees_the_place_and_tells_who_knew_of_it(
    round_, draft, chief, person, office, state
):
    seen = 0
    if state != "draft":
        seen = nominations.submit(draft.pk, by=chief, seen=0).version
    if state == "returned":
        seen = nominations.return_(draft.pk, by=office, seen=seen, reason="写具体").version
    Notice.objects.all().delete()
    gone = nominations.withdraw(draft.pk, by=chief, seen=seen, reason="本人不愿参评")
    assert (gone.state, gone.version) == ("withdrawn", seen + 1)
    assert gone.moves.last().reason == "本人不愿参评"
    told = [notice.to for notice in Notice.objects.all()]
    assert told == ([person] if state == "submitted" else [])
    assert AuditEntry.objects.get(act="nomination.withdraw").before == {"state": state}


def test_withdraw_refuses_stale_strangers_endless_words_and_after_the_stage(
    round_, submitted, chief, department
):
    with pytest.raises(Stale):
        nominations.withdraw(submitted.pk, by=chief, seen=0)
    with pytest.raises(PermissionDenied):
        nominations.withdraw(submitted.pk, by=department.personnel[1], seen=1)
    with pytest.raises(Refused):
        nominations.withdraw(submitted.pk, by=chief, seen=1, reason="长" * 201)
    step_round(round_, "at_branch")
    with pytest.raises(Refused, match="已经结束"):
        nominations.withdraw(submitted.pk, by=chief, seen=1)


# Returning


def test_return_tells_the_chief_why_and_is_mended(round_, submitted, chief, office, department):
    back = nominations.return_(submitted.pk, by=office, seen=1, reason=" 成效写具体 ")
    assert (back.state, back.version, back.moves.last().reason) == ("returned", 2, "成效写具体")
    notice = Notice.objects.get(key=f"nomination:{back.pk}:2:returned")
    assert notice.to == chief and "成效写具体" in notice.text
    saved = save(
        round_, chief, person=back.person, section=department.one, pk=back.pk, seen=2,
        statement=STATEMENT + "已补。",
    )  # fmt: skip
    assert saved.state == "returned"
    again_ = nominations.submit(back.pk, by=chief, seen=3)
    assert (again_.state, again_.version) == ("submitted", 4)
    assert [d.version for d in Dossier.objects.all()] == [4, 1]


def test_return_is_bounded(submitted, chief, office):
    seen = 1
    for _time in range(2):
        seen = nominations.return_(submitted.pk, by=office, seen=seen, reason="补").version
        seen = nominations.submit(submitted.pk, by=chief, seen=seen).version
    with pytest.raises(Refused, match="已经退回过2次"):
        nominations.return_(submitted.pk, by=office, seen=seen, reason="补")


def test_return_refuses_no_reason_stale_strangers_and_drafts(draft, chief, office, department):
    with pytest.raises(Refused, match="草稿"):
        nominations.return_(draft.pk, by=office, seen=0, reason="补")
    nominations.submit(draft.pk, by=chief, seen=0)
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(Refused) as caught:
            nominations.return_(draft.pk, by=office, seen=1, reason=reason)
        assert caught.value.field == "reason"
    with pytest.raises(Stale):
        nominations.return_(draft.pk, by=office, seen=0, reason="补")
    for by in (chief, department.chair):
        with pytest.raises(PermissionDenied):
            nominations.return_(draft.pk, by=by, seen=1, reason="补")


# Races, in real transactions


@pytest.fixture
def arena(committed_db, clock):
    clock.set(NOW)
    department = make_department()
    department.round = make_round(department.unit, state="nominating", per_section=1)
    return department


def test_two_submits_for_the_last_place(race, arena):
    chief = arena.chiefs[0]
    one, two = (
        save(arena.round, chief, person=person, section=arena.one)
        for person in arena.officers[0][1:]
    )
    results = race(
        lambda: nominations.submit(one.pk, by=again(chief), seen=0),
        lambda: nominations.submit(two.pk, by=again(chief), seen=0),
    )
    assert sorted(type(r).__name__ for r in results) == ["Nomination", "Refused"]
    assert Nomination.objects.filter(state="submitted").count() == 1
    assert Dossier.objects.count() == NominationMove.objects.count() == 1


def test_submit_against_withdraw(race, arena):
    chief = arena.chiefs[0]
    draft = save(arena.round, chief, person=arena.officers[0][1], section=arena.one)
    results = race(
        lambda: nominations.submit(draft.pk, by=again(chief), seen=0),
        lambda: nominations.withdraw(draft.pk, by=again(chief), seen=0),
    )
    assert sorted(type(r).__name__ for r in results) == ["Nomination", "Stale"]
    assert NominationMove.objects.count() == 1


def test_the_same_submit_twice(race, arena):
    chief = arena.chiefs[0]
    draft = save(arena.round, chief, person=arena.officers[0][1], section=arena.one)
    submit = lambda: nominations.submit(draft.pk, by=again(chief), seen=0)  # noqa: E731
    results = race(submit, submit)
    assert sorted(type(r).__name__ for r in results) == ["Nomination", "Stale"]
    assert Dossier.objects.count() == 1


def test_two_drafts_of_one_person(race, arena):
    chief, person = arena.chiefs[0], arena.officers[0][1]
    results = race(
        *(
            lambda star=star: save(
                arena.round, again(chief), person=person, section=arena.one, star=star
            )
            for star in ("ye", "xue")
        )
    )
    assert sorted(type(r).__name__ for r in results) == ["Nomination", "Refused"]
