"""Who stands back: by the rules when a stage begins, by declaration, by order; lifted in error."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from scheme.actions import kinship
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from stars import recusal
from stars.actions import opinions, recusals
from stars.branching import BranchStage
from stars.models import Meeting, Nomination, Recusal, Round
from tests.factories import again, appoint, make_nomination, make_round, make_seats, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.at_branch(clock)


def kinds(nomination, body):
    rows = Recusal.objects.filter(nomination=nomination, body=body)
    return {row.staff: row.kind for row in rows.select_related("staff")}


def related(person, relative):
    return kinship.declare(person.pk, by=again(person), relative=relative.pk, relation="spouse")


# By rule


def test_the_branch_lays_only_what_fits_a_branch(clock):
    s = acts.nominating(clock, recusals=["head", "member", "same_section", "charge", "nominator"])
    sister = s.d.officers[0][1]
    related(s.a.person, sister)
    ended = s.d.officers[2][1]
    kinship.end(related(ended, s.a.person).pk, by=again(ended))
    acts.push(s)
    chief = s.d.chiefs[0]
    assert kinds(s.a, "branch") == {s.a.person: "own", sister: "kin", chief: "nominator"}
    assert kinds(s.section, "branch") == {chief: "head"}
    # Its nominee's branch has no seat for the leader in charge, and nobody else of it is tied.
    assert kinds(s.b, "branch") == {s.b.person: "own", s.d.chiefs[1]: "nominator"}
    entry = AuditEntry.objects.get(act="round.advance")
    assert entry.after["recused"] == Recusal.objects.count() == 6


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], {"nominee": "own", "kin": "kin"}),
        (
            ["same_section"],
            {
                "nominee": "own",
                "kin": "kin",
                "mate": "same_section",
                "chief": "same_section",
            },
        ),
        (["charge"], {"nominee": "own", "kin": "kin", "leader": "charge"}),
        (["nominator"], {"nominee": "own", "kin": "kin", "chief": "nominator"}),
        (["head", "member"], {"nominee": "own", "kin": "kin"}),
    ],
)
def test_the_committee_lays_what_the_round_chose(clock, chosen, expected):
    clock.set(acts.START)
    s = acts.nominating(clock, recusals=chosen)
    people = {
        "nominee": s.a.person,
        "kin": s.d.chair,
        "mate": s.d.officers[0][1],
        "leader": s.d.leader,
        "chief": s.d.chiefs[0],
        "nobody": s.d.members[0],
    }
    # Said by the other of the two: it holds both ways.
    related(s.d.chair, s.a.person)
    Nomination.objects.filter(pk=s.a.pk).update(state="at_branch")
    Nomination.objects.filter(pk=s.a.pk).update(state="at_committee")
    make_seats(s.round, "committee", people.values())
    assert kinds(s.a, "committee") == {people[name]: kind for name, kind in expected.items()}


def test_of_a_nominated_section_heads_and_members_stand_back(clock):
    s = acts.nominating(clock)
    seats = [s.d.chiefs[0], s.d.officers[0][1], s.d.members[0]]
    for state in ("at_branch", "at_committee"):
        Nomination.objects.filter(pk=s.section.pk).update(state=state)
    with acts.counting_queries() as few:
        make_seats(s.round, "committee", seats)
    assert kinds(s.section, "committee") == {seats[0]: "head", seats[1]: "member"}
    assert recusal.of(s.round, "committee")[s.section.pk] == {
        seats[0].pk: "本人负责这个科室，回避",
        seats[1].pk: "本人在这个科室，回避",
    }
    assert recusal.of(s.round, "branch")[s.section.pk] == {}
    assert len(few) <= 8


def test_a_change_of_section_meanwhile_changes_nothing(s):
    before = recusal.of(s.round, "branch")
    appoint(s.d.chair, Office.SECTION_CHIEF, section=s.d.one)
    assert recusal.of(s.round, "branch") == before


# On the way


def test_who_asks_stands_back_at_once_and_only_the_office_reads_why(s, client):
    person = s.d.officers[2][1]
    row = recusals.declare(s.a.pk, by=again(person), reason=" 曾有矛盾 ")
    assert (row.kind, row.note, row.by) == ("declared", "曾有矛盾", person)
    with pytest.raises(Refused, match="申请回避"):
        opinions.give(s.a.pk, by=again(person), mark="for", seen=s.a.version)
    assert not Nomination.objects.visible_to(again(person)).filter(pk=s.a.pk)
    assert "曾有矛盾" not in str(AuditEntry.objects.filter(act="recusal.declare").values())
    told = Notice.objects.filter(key=f"recusal:{row.pk}:declared")
    assert {one.to for one in told} == set(s.d.personnel)
    assert "曾有矛盾" not in str(told.values()) and s.a.person.name not in str(told.values())
    with pytest.raises(Refused, match="已经回避"):
        recusals.declare(s.a.pk, by=again(person), reason="再说一次")
    client.force_login(s.d.personnel[1])
    page = client.get(reverse("stars:recusal_list", args=[s.round.pk])).content.decode()
    assert "曾有矛盾" in page
    assert AuditEntry.objects.filter(act="recusal.read", actor=s.d.personnel[1]).count() == 1


def test_who_has_judged_or_has_no_seat_does_not_stand_back(s):
    person = s.d.chair
    opinions.give(s.a.pk, by=again(person), mark="for", seen=s.a.version)
    for act in (
        lambda: recusals.declare(s.a.pk, by=again(person), reason="后悔"),
        lambda: recusals.order(s.a.pk, by=again(s.d.personnel[1]), staff=person.pk, reason="后悔"),
    ):
        with pytest.raises(Refused, match="已经评过"):
            act()
    late = make_staff(s.d.unit, branch=s.d.branches[0])
    with pytest.raises(Refused, match="不由这位同志评议"):
        recusals.declare(s.a.pk, by=again(late), reason="亲戚")
    with pytest.raises(PermissionDenied):
        recusals.declare(s.b.pk, by=again(person), reason="别的支部")
    with pytest.raises(Refused, match="不由这位同志评议"):
        recusals.order(
            s.a.pk, by=again(s.d.personnel[1]), staff=s.d.members[0].pk, reason="不是本支部"
        )


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_reason_is_given_in_few_words(s, reason):
    with pytest.raises(Refused) as refused:
        recusals.declare(s.a.pk, by=again(s.d.chair), reason=reason)
    assert refused.value.field == "reason"


def test_the_office_orders_and_lifts(s):
    office, person = again(s.d.personnel[1]), s.d.chair
    row = recusals.order(s.a.pk, by=office, staff=person.pk, reason="有往来")
    text = Notice.objects.get(key=f"recusal:{row.pk}:ordered").text
    assert s.a.person.name not in text
    assert s.a not in BranchStage(s.round).owed(person.pk)
    lifted = recusals.lift(row.pk, by=office, reason="查无此事")
    assert (lifted.lifted_by, lifted.lifted_why) == (office, "查无此事")
    assert s.a in BranchStage(s.round).owed(person.pk)
    with pytest.raises(Refused, match="已经撤销"):
        recusals.lift(row.pk, by=office, reason="再来")
    again_ = recusals.order(s.a.pk, by=office, staff=person.pk, reason="还是有")
    assert again_.pk != row.pk
    with pytest.raises(Refused, match="申请回避"):
        recusals.order(s.a.pk, by=office, staff=office.pk, reason="自己")
    with pytest.raises(PermissionDenied):
        recusals.order(s.a.pk, by=again(s.d.chair), staff=s.d.leader.pk, reason="我来定")


def test_what_the_rules_laid_is_not_lifted(s):
    row = Recusal.objects.get(nomination=s.a, kind="own")
    with pytest.raises(Refused, match="依规则"):
        recusals.lift(row.pk, by=again(s.d.personnel[1]), reason="放行")
    with pytest.raises(IntegrityError), transaction.atomic():
        Recusal.objects.filter(pk=row.pk).update(kind="ordered")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_nobody_chooses_the_judges_of_a_matter_of_their_own(clock):
    s = acts.nominating(clock)
    mine = make_nomination(s.round, s.d.officers[2][0], star="geng", state="submitted")
    acts.push(s)
    nominee, author = s.d.personnel[1], s.d.personnel[0]
    assert (mine.person, mine.made_by) == (nominee, author)
    for one in (nominee, author):
        with pytest.raises(PermissionDenied, match="与您有关"):
            recusals.order(mine.pk, by=again(one), staff=s.d.chair.pk, reason="他会反对")
    third = make_staff(s.d.unit)
    appoint(third, Office.PERSONNEL_OFFICE)
    row = recusals.order(mine.pk, by=again(third), staff=s.d.chair.pk, reason="有往来")
    with pytest.raises(PermissionDenied, match="与您有关"):
        recusals.lift(row.pk, by=again(nominee), reason="他会赞成")


def test_once_put_to_the_vote_or_decided_it_is_too_late(clock):
    s = acts.at_branch(clock)
    early = recusals.declare(s.b.pk, by=again(s.d.members[0]), reason="朋友")
    acts.judge(s)
    acts.push(s)
    office = again(s.d.personnel[1])
    with pytest.raises(Refused, match="那一阶段已经结束"):
        recusals.lift(early.pk, by=office, reason="晚了")
    # The committee asks anew; the chair may order there.
    row = recusals.order(s.b.pk, by=again(s.d.chair), staff=s.d.members[1].pk, reason="有往来")
    assert row.body == "committee"
    assert s.d.members[1].pk in recusal.of(s.round, "committee")[s.b.pk]
    meeting = Meeting.objects.filter(round=s.round).first() or Meeting.objects.create(
        round=s.round, number=1
    )
    box = s.b.boxes.create(
        meeting=meeting, secret=False, opened_at=s.round.stage_since, opened_by=office
    )
    for act in (
        lambda: recusals.declare(s.b.pk, by=again(s.d.members[0]), reason="想起来了"),
        lambda: recusals.lift(row.pk, by=office, reason="撤"),
    ):
        with pytest.raises(Refused, match="已经开始表决"):
            act()
    assert box.state == "open"
    draft = make_nomination(make_round(s.d.unit, half="2025H2"), s.d.officers[0][1])
    with pytest.raises(Refused, match="现在不在评议"):
        recusals.declare(draft.pk, by=again(s.d.members[0]), reason="早了")


# The pages


def test_the_pages_ask_order_and_lift(client, s):
    person, office = s.d.officers[2][1], s.d.personnel[1]
    client.force_login(person)
    url = reverse("stars:recusal_declare", args=[s.a.pk])
    assert s.a.person.name in client.get(url).content.decode()
    assert client.post(url, acts.idem() | {"reason": ""}).status_code == 422
    assert client.post(url, acts.idem() | {"reason": "朋友"}).status_code == 302
    assert client.get(url).status_code == 404
    listed = reverse("stars:recusal_list", args=[s.round.pk])
    assert client.get(listed).status_code == 403

    client.force_login(office)
    order = reverse("stars:recusal_order", args=[s.round.pk])
    good = {"nomination": s.a.pk, "staff": s.d.chair.pk, "reason": "有往来"}
    for bad in ({"nomination": ""}, {"staff": "9" * 30}, {"nomination": "²"}, {"reason": "\x00"}):
        assert client.post(order, acts.idem() | good | bad).status_code == 422
    assert client.post(order, acts.idem() | good).status_code == 302
    row = Recusal.objects.get(kind="ordered")
    lift = reverse("stars:recusal_lift", args=[row.pk])
    assert client.post(lift, acts.idem() | {"reason": "弄错了"}).status_code == 302
    page = client.get(listed).content.decode()
    assert "弄错了" in page and "有往来" in page
    assert "依规则回避的" in page and "推荐由本人提交" in page


def test_kinship_and_reasons_are_for_the_office_only(client, clock):
    s = acts.nominating(clock)
    related(s.a.person, s.d.leader)
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    recusals.declare(s.a.pk, by=again(s.d.members[0]), reason="当年的师徒")
    listed = reverse("stars:recusal_list", args=[s.round.pk])
    client.force_login(s.d.chair)
    page = client.get(listed).content.decode()
    assert "依规则回避" in page and "亲属" not in page and "当年的师徒" not in page
    assert not AuditEntry.objects.filter(act="recusal.read").exists()
    client.force_login(s.d.personnel[1])
    page = client.get(listed).content.decode()
    assert "亲属" in page and "当年的师徒" in page


def test_a_list_costs_the_same_for_few_and_for_many(client, clock):
    s = SimpleNamespace(**vars(acts.at_branch(clock)))
    url = reverse("stars:recusal_list", args=[s.round.pk])
    client.force_login(s.d.personnel[1])
    client.get(url)
    with acts.counting_queries() as few:
        client.get(url)
    chief, office = s.d.chiefs[0], again(s.d.personnel[1])
    for _n in range(25):
        one = make_nomination(
            s.round, make_staff(section=s.d.one, branch=s.d.branches[0]), by=chief,
            star="geng", state="at_branch",
        )  # fmt: skip
        recusals.order(one.pk, by=office, staff=s.d.chair.pk, reason="有往来")
    with acts.counting_queries() as many:
        page = client.get(url)
    assert len(page.context["rows"]) >= 25
    assert len(many) == len(few) <= 14
    assert Round.objects.get(pk=s.round.pk).state == "at_branch"
