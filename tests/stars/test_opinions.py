from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice, Restriction
from scheme.offices import Office
from stars import eligibility
from stars.actions import opinions
from stars.actions.opinions import Given
from stars.models import BranchOutcome, Opinion, Seat
from tests.factories import again, appoint, make_nomination, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.at_branch(clock)


def give(s, person, nomination=None, mark="for", **more):
    one = nomination or s.a
    more.setdefault("seen", one.version)
    return opinions.give(one.pk, by=again(person), mark=mark, **more)


def test_an_opinion_is_kept_and_the_trail_does_not_say_which(s):
    opinion = give(s, s.d.chair, mark="against", comment=" 材料不足 ")
    assert (opinion.mark, opinion.comment, opinion.by) == ("against", "材料不足", s.d.chair)
    entry = AuditEntry.objects.get(act="opinion.give")
    assert entry.after == {"nominations": [s.a.pk]}
    assert "against" not in str([entry.before, entry.after, entry.reason])


def test_several_opinions_are_given_together_or_not_at_all(s):
    good = {s.a.pk: Given("for", "", s.a.version), s.section.pk: Given("for", "", 0)}
    with pytest.raises(Stale):
        opinions.give_all(s.round.pk, by=again(s.d.chair), marks=good)
    assert not Opinion.objects.exists()
    good[s.section.pk] = Given("abstain", "", s.section.version)
    assert len(opinions.give_all(s.round.pk, by=again(s.d.chair), marks=good)) == 2


@pytest.mark.parametrize("who", ["nominee", "nominator", "chief of a nominated section"])
def test_those_concerned_stand_back(s, who):
    person, one = {
        "nominee": (s.a.person, s.a),
        "nominator": (s.a.submitted_by, s.a),
        "chief of a nominated section": (s.d.chiefs[0], s.section),
    }[who]
    with pytest.raises(Refused, match="回避"):
        give(s, person, one)
    assert not Opinion.objects.exists()


def test_another_chief_of_a_nominated_section_stands_back_too(clock):
    s = acts.nominating(clock)
    second = s.d.officers[0][1]
    appoint(second, Office.SECTION_CHIEF, section=s.d.one)
    acts.push(s)
    with pytest.raises(Refused, match="负责这个科室"):
        give(s, second, s.section)
    assert give(s, second, s.a)


def test_only_the_branch_of_the_nomination_judges(s):
    with pytest.raises(PermissionDenied):
        give(s, s.d.members[0])
    assert give(s, s.d.members[0], s.b)
    with pytest.raises(PermissionDenied):
        give(s, make_staff(s.d.unit))


def test_who_joins_the_branch_later_has_no_seat(s):
    late = make_staff(s.d.unit, branch=s.d.branches[0])
    with pytest.raises(Refused, match="不参加这次评议"):
        give(s, late)


def test_once_each(s):
    give(s, s.d.chair)
    with pytest.raises(Refused, match="一份提名评一次") as refused:
        give(s, s.d.chair, mark="against")
    assert refused.value.conflict
    assert Opinion.objects.get().mark == "for"


@pytest.mark.parametrize(
    ("given", "text", "field"),
    [
        ({"mark": "perhaps"}, "请选", "mark"),
        ({"comment": "长" * 201}, "200字", "comment"),
    ],
)
def test_what_is_given_must_make_sense(s, given, text, field):
    with pytest.raises(Refused, match=text) as refused:
        give(s, s.d.chair, **given)
    assert refused.value.field == f"{field}-{s.a.pk}"


def test_nothing_given_and_strange_nominations_are_refused(s):
    with pytest.raises(Refused, match="还没有评"):
        opinions.give_all(s.round.pk, by=s.d.chair, marks={})
    with pytest.raises(Refused, match="没有这份提名"):
        opinions.give_all(s.round.pk, by=s.d.chair, marks={0: Given("for", "", 1)})


def test_a_page_of_before_is_refused(s):
    with pytest.raises(Stale):
        give(s, s.d.chair, seen=s.a.version - 1)


def test_before_and_after_the_stage_nothing_is_taken(clock):
    s = acts.nominating(clock)
    with pytest.raises(Refused, match="还没有开始"):
        give(s, s.d.chair)
    acts.push(s)
    acts.push(s)
    with pytest.raises(Refused, match="已经结束"):
        give(s, s.d.chair)


def test_another_unit_has_no_part(s):
    with pytest.raises(PermissionDenied):
        give(s, make_staff())


# Points


@pytest.mark.parametrize("mark", ["", "for", "101", "-1", "8.5", "²", "８０", "1e2", "0085"])
def test_points_are_whole_numbers_to_a_hundred(clock, mark):
    s = acts.at_branch(clock, branch_method="marks")
    with pytest.raises(Refused, match="0到100") as refused:
        give(s, s.d.chair, mark=mark)
    assert refused.value.field == f"mark-{s.a.pk}"


def test_points_come_to_a_mean_by_the_rules_of_the_round(client, clock):
    rules = {"branch_method": "marks", "leaders_weight": 40, "trimmed": True}
    s = acts.at_branch(clock, **rules)
    # Of the first branch, with a seat on b's: leaders are the other leader and the second chief.
    chief, leader = s.d.chiefs[1], s.d.other_leader
    leads = {seat.staff for seat in Seat.objects.filter(branch=s.b.branch, leads=True)}
    assert leads == {chief, leader, *s.d.members}
    client.force_login(s.d.members[0])
    url = reverse("stars:opinion_give", args=[s.round.pk])
    data = {f"mark-{s.b.pk}": "90", f"seen-{s.b.pk}": s.b.version}
    wrong = client.post(url, data | acts.idem() | {f"mark-{s.b.pk}": "120"})
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.content.decode()
    assert client.post(url, data | acts.idem()).status_code == 302
    text = client.get(reverse("stars:branch", args=[s.round.pk])).content.decode()
    assert "您打了90分" in text and "平均80分以上为赞成" in text
    give(s, s.d.members[1], s.b, mark="100")
    give(s, leader, s.b, mark="81")
    for person, mark in zip(s.d.officers[1][1:], ("60", "0"), strict=True):
        give(s, person, s.b, mark=mark)
    acts.push(s)
    outcomes = {one.nomination_id: one for one in BranchOutcome.objects.all()}
    # 100 and 0 go: leaders (90 + 81) / 2, the other 60.
    b = outcomes[s.b.pk]
    assert (b.mean, b.given, b.outcome) == (Decimal("70.200"), 5, "split")
    a = outcomes[s.a.pk]
    assert (a.mean, a.given, a.outcome, a.votes_for) == (None, 0, "split", 0)
    client.force_login(leader)
    assert "70.200" in client.get(reverse("stars:branch", args=[s.round.pk])).content.decode()


def test_a_low_mean_closes_with_the_line_it_missed(clock):
    s = acts.at_branch(clock, branch_method="marks")
    give(s, s.d.chair, mark="59")
    acts.push(s)
    assert s.a.state == "closed" and s.b.state == "at_committee"
    assert s.a.moves.last().reason == "支部评议平均分低于60分"


# Who no longer qualifies


def test_who_lost_the_right_on_the_way_goes_no_further(clock):
    s = acts.nominating(clock)
    make_restriction(s.a.person)
    acts.push(s)
    assert (s.a.state, s.b.state) == ("withdrawn", "at_branch")
    make_restriction(s.b.person)
    acts.judge(s)
    acts.push(s)
    assert (s.b.state, s.section.state) == ("closed", "at_committee")
    for one in (s.a, s.b):
        assert one.moves.last().reason == str(eligibility.NEUTRAL)
        told = Notice.objects.filter(key=f"nomination:{one.pk}:unfit")
        assert {row.to for row in told} == {one.made_by, *s.d.personnel}
        assert "处分" not in str(told.values())
    assert s.b.branch_outcome.outcome == "agreed"


def make_restriction(person):
    from scheme import clock

    return Restriction.objects.create(
        unit=person.unit,
        staff=person,
        kind="sanction",
        since=clock.today(),
        authority="机关纪委文件",
        recorded_by=person,
        recorded_at=clock.now(),
    )


# The page


@pytest.fixture
def page(client, s):
    def get(person, **more):
        client.force_login(person)
        return client.get(reverse("stars:branch", args=[s.round.pk]), **more)

    return get


def test_marks_of_others_show_once_ones_own_is_in(page, s):
    give(s, s.d.leader, mark="against", comment="还需核实")
    before = page(s.d.chair).content.decode()
    assert "还需核实" not in before and s.d.leader.name not in before
    give(s, s.d.chair)
    after = page(s.d.chair).content.decode()
    assert "还需核实" in after and s.d.leader.name in after
    assert page(s.a.person).content.decode().count("还需核实") == 0


def test_progress_counts_what_one_owes(page, s):
    assert page(s.d.chair).context["total"] == 2
    give(s, s.d.chair)
    context = page(s.d.chair).context
    assert (context["done"], context["total"]) == (1, 2)
    # What one stands back from is not listed and not counted.
    own = page(s.a.person)
    assert [one["nomination"] for one in own.context["items"]] == [s.section]
    assert own.context["total"] == 1 and s.a.star.title not in own.content.decode()


def test_only_the_secretary_sees_who_is_awaited_and_never_how(page, s):
    give(s, s.d.chair, mark="against")
    assert page(s.d.leader).context["awaited"] is None
    rows = page(s.d.secretaries[0]).context["awaited"]
    # This one submitted both nominations and stands back: names, but no numbers.
    assert {"name": s.d.chair.name, "left": None} in rows
    other = s.d.officers[2][1]
    appoint(other, Office.BRANCH_SECRETARY, branch=s.d.branches[0])
    assert {"name": s.d.chair.name, "left": 1} in page(other).context["awaited"]
    assert s.d.members[0].name not in [row["name"] for row in rows]
    text = page(s.d.secretaries[0]).content.decode()
    assert s.d.chair.name in text and "赞成：" not in text


def test_no_sums_before_the_end_and_then_the_branchs_own(page, s):
    acts.judge(s)
    assert "outcomes" not in page(s.d.chair).context
    acts.push(s)
    rows = page(s.d.chair).context["outcomes"]
    assert {one.pk for one in rows} == {s.a.pk, s.section.pk}
    assert "评议结果" in page(s.d.chair).content.decode()


def test_somebody_without_a_seat_reads_why(page, s):
    late = make_staff(s.d.unit, branch=s.d.branches[0])
    assert "您这次不参加评议" in page(late).content.decode()


def test_opinions_are_given_from_the_page(client, page, s):
    page(s.d.chair)
    url = reverse("stars:opinion_give", args=[s.round.pk])
    data = {f"mark-{s.a.pk}": "for", f"seen-{s.a.pk}": s.a.version, f"comment-{s.a.pk}": "好"}
    answer = client.post(url, data | acts.idem())
    assert answer.status_code == 302
    assert Opinion.objects.get().comment == "好"
    again_ = client.post(url, data | acts.idem())
    assert again_.status_code == 409
    assert "一份提名评一次" in again_.content.decode()
    assert client.post(url, acts.idem()).status_code == 422


def test_a_refused_page_keeps_what_was_written(client, page, s):
    page(s.d.chair)
    url = reverse("stars:opinion_give", args=[s.round.pk])
    data = {f"mark-{s.a.pk}": "for", f"seen-{s.a.pk}": 0, f"comment-{s.a.pk}": "写了很多"}
    answer = client.post(url, data | acts.idem())
    assert answer.status_code == 409
    assert "写了很多" in answer.content.decode()
    broken = client.post(url, data | acts.idem() | {f"seen-{s.a.pk}": "x"})
    assert broken.status_code == 422


def test_after_the_stage_the_page_refuses_plainly(client, page, s):
    page(s.d.chair)
    acts.push(s)
    url = reverse("stars:opinion_give", args=[s.round.pk])
    data = {f"mark-{s.a.pk}": "for", f"seen-{s.a.pk}": s.a.version}
    assert client.post(url, data | acts.idem()).status_code == 409


def test_before_the_stage_there_is_no_page(client, clock):
    s = acts.nominating(clock)
    client.force_login(s.d.chair)
    assert client.get(reverse("stars:branch", args=[s.round.pk])).status_code == 404


def test_the_page_costs_the_same_for_three_and_for_thirty(client, clock):
    s = acts.nominating(clock)
    url = reverse("stars:branch", args=[s.round.pk])
    few = make_staff(section=s.d.one, branch=s.d.branches[0])
    acts.push(s)
    client.force_login(few)
    client.get(url)
    with acts.counting_queries() as three:
        client.get(url)
    for _n in range(30):
        person = make_staff(section=s.d.one, branch=s.d.branches[0])
        one = make_nomination(s.round, person, star="geng", state="at_branch")
        acts.make_dossier(one)
    with acts.counting_queries() as thirty:
        page = client.get(url)
    assert len(page.context["items"]) == 32
    assert len(thirty) == len(three)
