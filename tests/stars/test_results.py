import hashlib
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from scheme import clock as house_clock
from scheme.errors import Refused
from scheme.models import AuditEntry, Job, Notice, Restriction
from stars import bodies
from stars.actions import objections, results, stages
from stars.models import Award, Box, Meeting, Publication, Round
from tests.factories import again, make_department, make_nomination
from tests.stars import acts
from tests.stars import awards_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.published(clock)


def test_winners_are_numbered_in_the_order_of_stars(s):
    got = list(Award.objects.order_by("number").values_list("number", "nomination", "awarded_on"))
    day = house_clock.today()
    assert got == [
        ("〔2026〕上-01", s.a.pk, day),
        ("〔2026〕上-02", s.b.pk, day),
        ("〔2026〕上-03", s.section.pk, day),
    ]
    row = Award.objects.get(nomination=s.section)
    assert (row.person, row.section) == (None, s.d.one)


def test_the_second_half_is_numbered_as_such(s):
    assert results._number(Round(half="2026H2"), 7) == "〔2026〕下-07"


def test_the_publication_is_frozen_with_its_digest(s):
    publication = Publication.objects.get()
    body = publication.body
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert publication.digest == hashlib.sha256(text.encode()).hexdigest()
    assert publication.edition == 1 and publication.published_by is None
    assert body["unit"] == s.d.unit.name and body["half"] == "2026H1"
    assert body["rules"]["quorum"] == [2, 3] and body["rules"]["seal"] == s.round.seal
    ye = next(star for star in body["stars"] if star["key"] == "ye")
    assert [one["name"] for one in ye["persons"]] == [s.a.person.name, s.b.person.name]
    assert ye["sections"] == [] and len(body["stars"]) == 5
    count = body["counts"][0]
    assert (count["nominee"], count["committee"]["votes_for"]) == (s.a.person.name, 5)
    assert count["number"] == "〔2026〕上-01"
    assert body["objections"] == {"raised": 0, "upheld": 0, "dismissed": 0}
    assert AuditEntry.objects.get(act="result.publish").after["digest"] == publication.digest


def test_the_round_is_over(s):
    assert (s.round.state, s.round.due_at) == ("published", None)
    with pytest.raises(Refused, match="不在进行中"):
        stages.advance(s.round.pk)


def test_winners_hear_of_it(s):
    for award in Award.objects.all():
        told = Notice.objects.get(key=f"award:{award.pk}")
        assert told.to == (award.person or s.d.chiefs[0])
        assert award.number in told.text


def test_an_upheld_objection_takes_the_star_and_leaves_the_place_empty(clock):
    s = acts.in_publicity(clock)
    raised = objections.raise_(s.round.pk, s.b.pk, by=s.d.officers[1][1], text="事实不符")
    objections.handle(raised.pk, by=again(s.d.personnel[1]), outcome="upheld", finding="属实")
    clock.set(house_clock.local(s.round.due_at).replace(tzinfo=None))
    stages.advance(s.round.pk)
    assert list(Award.objects.values_list("nomination", flat=True)) == [s.a.pk, s.section.pk]
    body = Publication.objects.get().body
    assert [c["objection_upheld"] for c in body["counts"]] == [False, True, False]
    assert body["objections"] == {"raised": 1, "upheld": 1, "dismissed": 0}


def test_who_was_sanctioned_since_the_sitting_gets_no_star_and_nobody_reads_why(clock, client):
    s = world.in_publicity(clock)
    day = house_clock.today()
    common = {"unit": s.d.unit, "since": day, "recorded_by": s.office, "recorded_at": day_of(day)}
    Restriction.objects.create(staff=s.a.person, kind="sanction", authority="处分决定1号", **common)
    Restriction.objects.create(section=s.d.one, kind="criticism", authority="通报2号", **common)
    world.conclude(s, clock)
    assert list(Award.objects.values_list("nomination", flat=True)) == [s.b.pk]
    body = Publication.objects.get().body
    lost = {one["nominee"] for one in body["counts"] if one["lost"]}
    assert lost == {s.a.person.name, s.d.one.name}
    assert "处分" not in json.dumps(body["counts"], ensure_ascii=False)
    told = Notice.objects.filter(key=f"nomination:{s.a.pk}:lost")
    assert {one.to for one in told} == {s.a.person, *s.d.personnel}
    assert not any("处分" in one.text for one in told)
    assert s.d.chiefs[0] in {
        one.to for one in Notice.objects.filter(key=f"nomination:{s.section.pk}:lost")
    }
    text = page(client, s.other, "result", s.round.pk).content.decode()
    assert "没有评定" in text and "现在不能参评" in text and "处分" not in text


def day_of(day):
    return house_clock.at(day, 9)


def test_the_body_says_how_it_was_counted(clock):
    s = world.in_publicity(clock)
    one = make_nomination(s.round, s.d.officers[2][2], star="geng", state="closed")
    meeting = Meeting.objects.create(round=s.round, number=1)
    at = house_clock.now()
    box = Box.objects.create(
        meeting=meeting, nomination=one, turn=2, secret=True, opened_at=at, opened_by=s.office
    )
    world.judged(
        one,
        placed=False,
        passed=False,
        deferred=True,
        votes_defer=3,
        box=box,
        branch={"mean": "86.333", "given": 7},
    )
    world.conclude(s, clock)
    body = Publication.objects.get().body
    assert body["rules"]["whole"]["publicity_days"] == 5 and body["changes"] == []
    count = next(row for row in body["counts"] if row["star"] == "geng")
    assert (count["branch"]["mean"], count["branch"]["given"]) == ("86.333", 7)
    told = {name: count["committee"][name] for name in ("secret", "turn", "deferred")}
    assert told == {"secret": True, "turn": 2, "deferred": True}
    assert count["committee"]["votes_defer"] == 3 and not count["floating"]


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("牵头一网查。成效好。", "牵头一网查。"),
        ("  没有句号", "没有句号"),
        ("长" * 61, "长" * 59 + "…"),
        ("", ""),
        ("。。", ""),
        ("第一行\n第二行", "第一行"),
    ],
)
def test_the_wall_says_one_short_sentence(statement, line):
    assert bodies.first_sentence(statement) == line


# The workbook


def test_the_workbook_is_asked_for_once_per_form(s):
    publication, by = Publication.objects.get(), again(s.d.personnel[0])
    first = results.start_workbook(publication.pk, by=by, key="one")
    assert results.start_workbook(publication.pk, by=by, key="one") == first
    assert results.start_workbook(publication.pk, by=by, key="two") != first
    assert (first.kind, first.asked_by, first.unit) == ("stars.publish_workbook", by, s.d.unit)
    assert results.start_workbook(publication.pk, by=again(s.d.chair), key="one")
    with pytest.raises(PermissionDenied):
        results.start_workbook(publication.pk, by=again(s.d.officers[0][0]), key="one")


def test_the_page_starts_it_and_leads_to_its_progress(client, s):
    client.force_login(s.d.personnel[0])
    url = reverse("stars:export_start", args=[s.round.pk])
    answer = client.post(url, acts.idem())
    job = Job.objects.get()
    assert answer["Location"] == reverse("desk:job", args=[job.pk])
    client.force_login(s.d.officers[0][0])
    assert client.post(url, acts.idem()).status_code == 403


# Wall and counts


def page(client, person, name, *args):
    client.force_login(person)
    return client.get(reverse(f"stars:{name}", args=args))


def test_the_wall_shows_stars_and_no_figures(client, s):
    text = page(client, s.d.officers[2][1], "wall").content.decode()
    for name in (s.a.person.name, s.b.person.name, s.d.one.name, "勤学之星", "创新之星"):
        assert name in text
    assert "本轮空缺" in text and "2026年上半年" in text
    same = page(client, s.d.chair, "wall_round", s.round.pk)
    assert same.context["publication"] == Publication.objects.get()


def test_before_the_first_result_the_wall_is_empty_and_says_so(client, clock):
    s = acts.in_publicity(clock)
    assert "还没有公布过结果" in page(client, s.d.chair, "wall").content.decode()
    assert page(client, s.d.chair, "wall_round", s.round.pk).status_code == 404


def test_other_units_see_neither_wall_nor_counts(client, s):
    stranger = make_department().chair
    assert "还没有公布过结果" in page(client, stranger, "wall").content.decode()
    assert page(client, stranger, "wall_round", s.round.pk).status_code == 404
    assert page(client, stranger, "result", s.round.pk).status_code == 404


def test_counts_are_shown_to_those_who_decide_and_those_concerned(client, clock):
    s = acts.in_publicity(clock, places=1)
    lost = s.b if s.a.decision.placed else s.a
    won = s.a if lost == s.b else s.b

    def rows(person):
        return {row.one.pk for row in page(client, person, "result", s.round.pk).context["rows"]}

    everything = {s.a.pk, s.b.pk, s.section.pk}
    assert rows(s.d.chair) == rows(s.d.personnel[0]) == everything
    assert rows(s.d.officers[2][1]) == {won.pk, s.section.pk}
    assert rows(lost.person) == everything
    chief = s.d.chiefs[1] if lost == s.b else s.d.chiefs[0]
    assert lost.pk in rows(chief)


def test_counts_before_the_end_have_no_page(client, clock):
    s = acts.voted(clock)
    assert page(client, s.d.chair, "result", s.round.pk).status_code == 404


def test_the_counts_say_what_became_of_each(client, s):
    text = page(client, s.d.personnel[0], "result", s.round.pk).content.decode()
    assert "评定" in text and "生成上报表" in text and "〔2026〕上-01" in text
    assert (
        "生成上报表" not in page(client, s.d.officers[0][0], "result", s.round.pk).content.decode()
    )


def test_the_wall_and_counts_read_in_english(client, s):
    client.cookies["language"] = "en"
    with translation.override("en"):
        assert page(client, s.d.chair, "wall").status_code == 200
        assert page(client, s.d.chair, "result", s.round.pk).status_code == 200


def test_the_counts_cost_the_same_for_three_and_for_thirty(client, clock):
    from stars.models import BranchOutcome, Decision
    from tests.factories import make_nomination, make_staff

    s = acts.in_publicity(clock)
    page(client, s.d.chair, "result", s.round.pk)
    with acts.counting_queries() as few:
        page(client, s.d.chair, "result", s.round.pk)
    branch, decision = (model.objects.get(nomination=s.a) for model in (BranchOutcome, Decision))
    for _n in range(30):
        person = make_staff(section=s.d.one, branch=s.d.branches[0])
        one = make_nomination(s.round, person, star="geng", state="closed")
        for row in (branch, decision):
            row.pk, row.nomination = None, one
            row._state.adding = True
            row.save()
    with acts.counting_queries() as many:
        shown = page(client, s.d.chair, "result", s.round.pk)
    assert len(shown.context["rows"]) == 33
    assert len(many) == len(few)
