import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from scheme.errors import Refused, Stale
from scheme.models import AuditEntry
from scheme.offices import Office
from stars.actions import stages, votes
from stars.models import Seat, Settlement, Vote
from tests.factories import again, appoint, make_nomination, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    s = acts.at_committee(clock)
    for one in (s.a, s.b, s.section):
        acts.make_dossier(one)
    return s


@pytest.fixture
def sitting(s):
    acts.attend(s)
    return s


def cast(s, person, nomination=None, choice="for"):
    return votes.cast((nomination or s.a).pk, by=again(person), choice=choice)


def record(s, *, by=None, present=None, absences=None, seen=None):
    everybody = {person.pk for person in s.d.committee}
    absences = absences or {}
    return votes.record_attendance(
        s.round.pk,
        by=by or again(s.d.personnel[0]),
        present=everybody - set(absences) if present is None else present,
        absences=absences,
        seen=acts.fresh(s).version if seen is None else seen,
    )


# Attendance


def test_attendance_names_everybody_and_why_some_are_away(s):
    version = s.round.version
    record(s, absences={s.d.leader.pk: " 出差 "})
    rows = dict(Seat.objects.filter(body="committee").values_list("staff_id", "present"))
    assert rows.pop(s.d.leader.pk) is False and set(rows.values()) == {True}
    assert Seat.objects.get(staff=s.d.leader, body="committee").absence == "出差"
    assert acts.fresh(s).version == version + 1
    after = AuditEntry.objects.get(act="sitting.attendance").after
    assert after[str(s.d.leader.pk)] == {"present": False, "absence": "出差"}


def test_attendance_is_the_offices_and_of_the_present_page(s):
    with pytest.raises(PermissionDenied):
        record(s, by=again(s.d.chair))
    with pytest.raises(Stale):
        record(s, seen=s.round.version - 1)


@pytest.mark.parametrize(
    ("absence", "text"), [(" ", "请写明王副部长未到会"), ("长" * 61, "60字以内")]
)
def test_an_absence_needs_a_short_reason(s, absence, text):
    with pytest.raises(Refused, match=text) as refused:
        record(s, absences={s.d.leader.pk: absence})
    assert refused.value.field == f"absence-{s.d.leader.pk}"


def test_attendance_covers_the_seats_and_nobody_else(s):
    everybody = {person.pk for person in s.d.committee}
    with pytest.raises(Refused, match="每位"):
        record(s, present=everybody - {s.d.chair.pk})
    with pytest.raises(Refused, match="每位"):
        record(s, present=everybody | {s.d.officers[0][0].pk})
    with pytest.raises(Refused, match="既到会又未到会"):
        record(s, present=everybody, absences={s.d.chair.pk: "出差"})


def test_attendance_belongs_to_the_sitting(clock):
    s = acts.at_branch(clock)
    with pytest.raises(Refused, match="还没有开始"):
        record(s, present=set())


# Votes


def test_a_vote_is_kept_and_the_trail_does_not_say_which(sitting):
    vote = cast(sitting, sitting.d.chair, choice="against")
    assert (vote.choice, vote.by) == ("against", sitting.d.chair)
    entry = AuditEntry.objects.get(act="vote.cast")
    assert entry.after == {"nominations": [sitting.a.pk]}


def test_votes_on_all_items_are_cast_together_or_not_at_all(sitting):
    s = sitting
    choices = {s.a.pk: "for", s.b.pk: "maybe"}
    with pytest.raises(Refused, match="请选") as refused:
        votes.cast_all(s.round.pk, by=again(s.d.chair), choices=choices)
    assert refused.value.field == f"choice-{s.b.pk}"
    assert not Vote.objects.exists()
    choices[s.b.pk] = "abstain"
    assert len(votes.cast_all(s.round.pk, by=again(s.d.chair), choices=choices)) == 2


def test_once_each(sitting):
    cast(sitting, sitting.d.chair)
    with pytest.raises(Refused, match="一项投一次") as refused:
        cast(sitting, sitting.d.chair, choice="against")
    assert refused.value.conflict


def test_nobody_votes_before_attendance_is_taken(s):
    with pytest.raises(Refused, match="还没有登记到会"):
        cast(s, s.d.chair)


def test_the_absent_do_not_vote(s):
    acts.attend(s, absent=[s.d.leader])
    with pytest.raises(Refused, match="未到会"):
        cast(s, s.d.leader)
    assert cast(s, s.d.chair)


def test_below_the_quorum_nobody_votes(s):
    acts.attend(s, absent=s.d.committee[:2])
    with pytest.raises(Refused, match="须到4人"):
        cast(s, s.d.members[0])


def test_members_of_that_day_only(sitting):
    late = make_staff(sitting.d.unit)
    appoint(late, Office.COMMITTEE_MEMBER)
    with pytest.raises(Refused, match="不是部务会成员"):
        cast(sitting, late)
    with pytest.raises(PermissionDenied):
        cast(sitting, sitting.d.officers[0][1])
    with pytest.raises(PermissionDenied):
        cast(sitting, make_staff())


def test_nothing_chosen_and_strange_items_are_refused(sitting):
    with pytest.raises(Refused, match="任何一项"):
        votes.cast_all(sitting.round.pk, by=again(sitting.d.chair), choices={})
    with pytest.raises(Refused, match="没有这一项"):
        votes.cast_all(sitting.round.pk, by=again(sitting.d.chair), choices={0: "for"})


def test_before_and_after_the_sitting_no_votes(clock):
    s = acts.at_branch(clock)
    with pytest.raises(Refused, match="还没有开始"):
        cast(s, s.d.chair)


def test_members_stand_back_from_their_own_nomination_and_section(clock):
    s = acts.nominating(clock)
    head, member = s.d.chiefs[0], s.d.officers[0][1]
    for person in (head, member):
        appoint(person, Office.COMMITTEE_MEMBER)
    own = make_nomination(
        s.round, member, star="geng", state="submitted", by=head, branch=s.d.branches[0]
    )
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    own.refresh_from_db()
    with pytest.raises(Refused, match="本人是提名对象"):
        cast(s, member, own)
    with pytest.raises(Refused, match="在这个科室"):
        cast(s, member, s.section)
    with pytest.raises(Refused, match="负责这个科室"):
        cast(s, head, s.section)
    assert cast(s, head, own) and cast(s, member, s.b)
    acts.vote(s)
    acts.push(s)
    from stars.models import Decision

    got = Decision.objects.get(nomination=s.section)
    # Seven entitled: the two who stand back still count, so four votes are needed, five came.
    assert (got.entitled, got.recused, got.votes_for, got.passed) == (7, 2, 5, True)


def test_whether_the_recused_count_as_entitled_is_the_rounds_rule(clock):
    s = acts.nominating(clock, recused_count_as_entitled=False)
    for person in (s.d.chiefs[0], s.d.officers[0][1]):
        appoint(person, Office.COMMITTEE_MEMBER)
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    from stars.ballots import Sitting

    sitting = Sitting(s.round)
    least = {one.pk: sitting.least_to_pass(one) for one in sitting.nominations}
    assert (least[s.section.pk], least[s.b.pk]) == (3, 4)


# Ties


@pytest.fixture
def tied(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    return s


def settle(s, **more):
    more = {"star": "ye", "kind": "person", "winners": [s.a.pk], "reason": "任务更重"} | more
    by = more.pop("by", None) or again(s.d.chair)
    return votes.settle(s.round.pk, by=by, **more)


def test_the_chair_settles_once_with_a_reason(tied):
    row = settle(tied)
    assert (row.winners, row.by, row.reason) == ([tied.a.pk], tied.d.chair, "任务更重")
    assert AuditEntry.objects.get(act="vote.settle").reason == "任务更重"
    with pytest.raises(Refused, match="已经裁定过"):
        settle(tied, winners=[tied.b.pk])
    assert Settlement.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"winners": []}, "选定1项"),
        ({"winners": [0]}, "选定1项"),
        ({"reason": " "}, "理由"),
        ({"reason": "长" * 201}, "200字"),
        ({"star": "geng"}, "没有需要裁定"),
        ({"star": "xiao", "kind": "section"}, "没有需要裁定"),
    ],
)
def test_a_settlement_must_fit_the_tie(tied, more, text):
    with pytest.raises(Refused, match=text):
        settle(tied, **more)
    with pytest.raises(Refused, match="选定1项"):
        settle(tied, winners=[tied.a.pk, tied.b.pk])


def test_nobody_but_the_chair_settles(tied):
    with pytest.raises(PermissionDenied):
        settle(tied, by=again(tied.d.leader))


def test_a_tie_is_not_there_before_the_last_vote(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s, people=s.d.committee[1:])
    with pytest.raises(Refused, match="还没有投完"):
        settle(s)


def test_a_chair_who_must_stand_back_does_not_settle(clock):
    s = acts.nominating(clock)
    appoint(s.a.person, Office.COMMITTEE_CHAIR)
    acts.push(s)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    # Level although one member stands back: the others' votes are made the same.
    acts.vote(s, choices={s.b.pk: "for"}, people=s.d.committee)
    acts.vote(s, "abstain")
    with pytest.raises(Refused, match="您须回避"):
        settle(s, by=again(s.a.person))
    assert settle(s)


def test_nobody_joins_once_a_tie_is_settled(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s, absent=[s.d.leader])
    acts.vote(s)
    settle(s)
    with pytest.raises(Refused, match="不能再增加到会"):
        record(s)
    record(s, absences={s.d.leader.pk: "出差", s.d.members[0].pk: "中途离会"})


# Pages


def page(client, s, name, person, query=""):
    client.force_login(person)
    return client.get(reverse(f"stars:{name}", args=[s.round.pk]) + query)


@pytest.mark.parametrize("name", ["committee", "sitting", "attendance", "tie"])
def test_no_partial_result_anywhere_before_the_end(client, sitting, name):
    """The same pages, whichever way the same people voted."""
    s = sitting
    who = {"attendance": s.d.personnel[0], "tie": s.d.chair}.get(name, s.d.leader)

    def text():
        html = page(client, s, name, who).content.decode()
        return re.sub(r'value="[^"]{20,}"|nonce="[^"]*"|x-csrftoken[^}]*', "", html)

    from django.db import transaction

    seen = set()
    for choice in ("for", "against", "abstain"):
        with transaction.atomic():
            for person in (s.d.chair, s.d.members[0]):
                cast(s, person, choice=choice)
            seen.add(text())
            transaction.set_rollback(True)
    assert len(seen) == 1


def test_the_members_page_groups_items_and_says_what_stands_in_the_way(client, clock):
    s = acts.nominating(clock)
    appoint(s.a.person, Office.COMMITTEE_MEMBER)
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    before = page(client, s, "committee", s.a.person).content.decode()
    assert "登记到会后才能表决" in before and "本人是提名对象，回避" in before
    acts.attend(s)
    context = page(client, s, "committee", s.a.person).context
    assert [(g["star"].key, len(g["items"])) for g in context["groups"]] == [("ye", 2), ("xiao", 1)]
    assert (context["own_done"], context["own_due"]) == (0, 1)
    assert context["votes_due"] == 3 * 6 - 2


def test_votes_are_cast_from_the_page(client, sitting):
    s = sitting
    url = reverse("stars:vote_cast", args=[s.round.pk])
    client.force_login(s.d.chair)
    data = {f"choice-{one.pk}": "for" for one in (s.a, s.b)}
    assert client.post(url, data | acts.idem()).status_code == 302
    assert Vote.objects.count() == 2
    shown = page(client, s, "committee", s.d.chair)
    assert "您的票：同意" in shown.content.decode()
    assert client.post(url, data | acts.idem()).status_code == 409
    assert client.post(url, acts.idem()).status_code == 422
    client.force_login(s.d.officers[0][1])
    assert client.post(url, data | acts.idem()).status_code == 403


def test_after_the_sitting_the_pages_lead_on(client, clock):
    s = acts.in_publicity(clock)
    client.force_login(s.d.chair)
    data = {f"choice-{s.a.pk}": "for"}
    assert (
        client.post(reverse("stars:vote_cast", args=[s.round.pk]), data | acts.idem()).status_code
        == 409
    )
    detail = reverse("stars:round_detail", args=[s.round.pk])
    for name in ("committee", "sitting"):
        assert page(client, s, name, s.d.chair)["Location"] == detail
    for name, person in (("tie", s.d.chair), ("attendance", s.d.personnel[0])):
        assert page(client, s, name, person).status_code == 404


def test_the_projector_shows_one_item_at_a_time(client, sitting):
    s = sitting
    cast(s, s.d.chair)
    first = page(client, s, "sitting", s.d.personnel[0])
    assert (first.context["nomination"], first.context["cast"], first.context["due"]) == (s.a, 1, 5)
    assert (first.context["previous"], first.context["following"]) == (None, 2)
    assert "通过须得3票" in first.content.decode()
    last = page(client, s, "sitting", s.d.personnel[0], "?item=99")
    assert (last.context["nomination"], last.context["following"]) == (s.section, None)
    assert page(client, s, "sitting", s.d.chair, "?item=x").context["place"] == 1
    part = client.get(reverse("stars:sitting", args=[s.round.pk]), headers={"HX-Request": "true"})
    assert part.templates[0].name == "stars/_committee_panel.html"
    assert page(client, s, "sitting", s.d.officers[0][1]).status_code == 403


def test_an_empty_sitting_has_its_pages(client, clock):
    s = acts.at_committee(clock, mark="against")
    assert "没有上会的提名" in page(client, s, "committee", s.d.chair).content.decode()
    assert "没有上会的提名" in page(client, s, "sitting", s.d.chair).content.decode()
    acts.attend(s)


def test_attendance_is_taken_from_the_page(client, s):
    office = s.d.personnel[0]
    assert page(client, s, "attendance", office).status_code == 200
    url = reverse("stars:attendance", args=[s.round.pk])
    data = {f"came-{person.pk}": "yes" for person in s.d.committee}
    data[f"came-{s.d.leader.pk}"] = "no"
    refused = client.post(url, data | {"seen": s.round.version} | acts.idem())
    assert refused.status_code == 422 and "请写明" in refused.content.decode()
    data |= {f"absence-{s.d.leader.pk}": "出差", "seen": s.round.version}
    assert client.post(url, data | acts.idem()).status_code == 302
    assert Seat.objects.get(staff=s.d.leader, body="committee").present is False
    stale = client.post(url, data | acts.idem())
    assert stale.status_code == 409
    assert page(client, s, "attendance", s.d.chair).status_code == 403


def test_a_tie_is_settled_from_the_page(client, tied):
    s = tied
    shown = page(client, s, "tie", s.d.chair)
    assert [one.pk for one in shown.context["ties"][0]["level"]] == [s.a.pk, s.b.pk]
    assert "有1组同票待您裁定" in page(client, s, "committee", s.d.chair).content.decode()
    assert "等部务会主持人裁定" in page(client, s, "committee", s.d.personnel[0]).content.decode()
    assert "同票" not in page(client, s, "committee", s.d.leader).content.decode()
    client.force_login(s.d.chair)
    url = reverse("stars:tie", args=[s.round.pk])
    data = {"star": "ye", "kind": "person", "winners": [s.b.pk], "reason": ""}
    refused = client.post(url, data | acts.idem())
    assert refused.status_code == 422 and "checked" in refused.content.decode()
    data["reason"] = "任务更重"
    assert client.post(url, data | acts.idem()).status_code == 302
    assert "任务更重" in page(client, s, "tie", s.d.chair).content.decode()
    assert page(client, s, "tie", s.d.leader).status_code == 403


def test_the_office_closes_the_sitting_from_the_page(client, tied):
    s, office = tied, tied.d.personnel[0]
    url = reverse("stars:round_advance", args=[s.round.pk])
    client.force_login(office)
    data = {"reason": "散会", "seen": acts.fresh(s).version}
    assert client.post(url, data | acts.idem()).status_code == 422
    settle(s)
    assert client.post(url, data | {"seen": "x"} | acts.idem()).status_code == 422
    assert client.post(url, data | acts.idem()).status_code == 302
    assert acts.fresh(s).state == "publicity"
    assert client.post(url, data | acts.idem()).status_code == 409
    client.force_login(s.d.chair)
    assert client.post(url, data | acts.idem()).status_code == 403


def test_the_pages_cost_the_same_for_three_items_and_for_thirty(client, sitting):
    s = sitting
    names = ("committee", "sitting")
    people = {"committee": s.d.chair, "sitting": s.d.chair}
    costs = {}
    for name in names:
        page(client, s, name, people[name])
        with acts.counting_queries() as few:
            page(client, s, name, people[name])
        costs[name] = len(few)
    from stars.models import BranchOutcome

    template = BranchOutcome.objects.get(nomination=s.a)
    for _n in range(30):
        person = make_staff(section=s.d.one, branch=s.d.branches[0])
        one = make_nomination(s.round, person, star="geng", state="at_committee")
        template.pk, template.nomination = None, one
        template._state.adding = True
        template.save()
        acts.make_dossier(one)
    for name in names:
        with acts.counting_queries() as many:
            page(client, s, name, people[name])
        assert len(many) == costs[name], name


def test_stages_are_what_ends_the_sitting(tied):
    """Votes after the end are refused, whoever casts them."""
    settle(tied)
    version = acts.fresh(tied).version
    stages.advance(tied.round.pk, by=again(tied.d.personnel[0]), reason="散会", seen=version)
    with pytest.raises(Refused, match="已经结束"):
        cast(tied, tied.d.chair)
