from datetime import date, timedelta

import pytest
from django.urls import reverse

from ledgers.models import PointEntry
from scheme.models import SectionMembership
from scoring import opened
from scoring.actions import posting, rulebooks, runs
from tests.factories import (
    appoint,
    make_absence,
    make_department,
    make_entry,
    make_report,
    make_rule_book,
    make_section,
)

DAY = date(2026, 3, 5)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    make_rule_book(d.unit, in_force_from=date(2026, 1, 1))
    d.me, d.colleague = d.officers[0][1:3]
    d.report = make_report(
        d.me, DAY, state="accepted", grade="good", reviewed_by=d.chiefs[0], lines=["核对档案三十份"]
    )
    posting.settle(d.unit, DAY, DAY)
    return d


def get(client, person, name, *args, **query):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"scoring:{name}", args=args), query)


def test_everything_opens_down_to_the_days_report(client, d):
    entry = PointEntry.objects.get(person=d.me, rule_code="精业-加-01")
    page = get(client, d.me, "points_mine", star="ye", rule="精业-加-01", entry=entry.pk)
    text = page.content.decode()
    card = page.context["card"]
    assert card.total.score == sum(line.score for line in card.stars)
    assert card.star.score == sum(rule.points for rule in card.rules)
    assert card.rule.points == sum(one.points for one in card.rule.entries)
    assert card.entry.entry == entry and card.link.url == reverse(
        "ledgers:report_detail", args=[d.report.pk]
    )
    assert reverse("ledgers:report_detail", args=[d.report.pk]) in text
    assert d.chiefs[0].name in text and "2026年3月5日" in text and f"{entry.pk:07d}" in text


def test_without_a_word_something_telling_is_open(client, d):
    page = get(client, d.colleague, "points_mine")
    card = page.context["card"]
    assert card.star.star.pk == "xue" and card.rule.code == "勤学-基-01"
    page = get(client, d.colleague, "points_mine", star="ye")
    assert page.context["card"].rule.code == "精业-扣-01"
    assert "没有报送" in page.content.decode()


@pytest.mark.parametrize("query", [{"star": "无"}, {"rule": "无"}, {"entry": "9" * 30}])
def test_what_is_not_there_is_passed_over(client, d, query):
    assert get(client, d.me, "points_mine", **query).status_code == 200


def test_a_capped_line_says_so(client, d):
    for n in range(25):
        make_entry(d.me, "-0.20", date(2026, 1, 5) + timedelta(n))
    page = get(client, d.me, "points_mine", star="ye", rule="精业-扣-01")
    assert "计入0：超出每季上限" in page.content.decode()
    assert "还有17笔" in page.content.decode()


def test_a_rule_switched_off_is_not_listed(client, d):
    off = make_rule_book(d.unit, version=2, state="draft")
    off.rules.get(code="精业-扣-02").tiers.update(enabled=False)
    rulebooks.approve(off.pk, by=d.leader, in_force_from=date(2026, 4, 1))
    rules = get(client, d.me, "points_mine", star="ye").context["card"].rules
    assert "精业-扣-02" not in {rule.code for rule in rules}


def test_a_reversed_line_stays_and_counts_nothing(client, d):
    make_absence(d.colleague, DAY, DAY)
    posting.settle(d.unit, DAY, DAY)
    page = get(client, d.colleague, "points_mine", star="ye", rule="精业-扣-01")
    text = page.content.decode()
    first = PointEntry.objects.get(person=d.colleague, rule_code="精业-扣-01", reverses=None)
    assert page.context["card"].rule.points == 0
    assert "已冲销" in text and f"冲销分录{first.pk:07d}" in text and 'class="void"' in text


def test_the_half_years_switch(client, d, clock):
    assert get(client, d.me, "points_mine", half="2026H1").status_code == 200
    empty = get(client, d.me, "points_mine", half="2025H2")
    assert empty.context["card"] is None and "这个半年没有积分" in empty.content.decode()
    for wrong in ("2026", "2026H3", "9999H1", "x"):
        assert get(client, d.me, "points_mine", half=wrong).status_code == 404
    clock.set("2026-09-01")
    assert opened.halves_of(d.unit) == ["2026H2", "2026H1"]


def test_a_leader_has_no_points_of_their_own(client, d):
    page = get(client, d.leader, "points_mine")
    assert page.status_code == 200 and page.context["card"] is None


def test_a_frozen_run_shows_its_hash(client, d):
    run = runs.score(d.unit, "2026H1", by=None)
    assert run.output_hash[:8] in get(client, d.me, "points_mine").content.decode()


def test_the_cap_on_all_bonuses_stands_in_the_equation(client, d):
    from scoring.models import RuleBook

    book = RuleBook.objects.get()
    assert book.bonus_cap == 20
    for n, star in enumerate(("xue", "ye")):
        for m in range(3):
            make_entry(d.me, 5, DAY, star=star, rule_code=f"加{n}", item=f"{m}")
    page = get(client, d.me, "points_mine")
    card = page.context["card"]
    assert card.over == sum(line.score for line in card.stars) - card.total.score > 0
    assert "超出加分总上限" in page.content.decode()


# --- Who sees whose


def test_by_office(client, d):
    """Own chief, leader in charge, committee, personnel office; nobody else, and no other unit."""
    stranger = make_department()
    sees = [d.me, d.chiefs[0], d.leader, d.personnel[1], d.members[0], d.chair]
    blind = [d.colleague, d.chiefs[1], d.deputies[0], *stranger.personnel, stranger.chair]
    for person in sees:
        assert get(client, person, "points_of", d.me.pk).status_code == 200, person
    for person in blind:
        assert get(client, person, "points_of", d.me.pk).status_code == 404, person


def test_the_chief_of_the_section_of_that_time(client, d, clock):
    other = make_section(d.unit)
    SectionMembership.objects.filter(staff=d.me).update(end_on=date(2026, 7, 1))
    SectionMembership.objects.create(staff=d.me, section=other, start_on=date(2026, 7, 1))
    appoint(d.chiefs[1], "section_chief", section=other)
    clock.set("2026-09-01")
    assert get(client, d.chiefs[0], "points_of", d.me.pk, half="2026H1").status_code == 200
    assert get(client, d.chiefs[0], "points_of", d.me.pk, half="2026H2").status_code == 404
    assert get(client, d.chiefs[1], "points_of", d.me.pk, half="2026H2").status_code == 200
    assert get(client, d.chiefs[1], "points_of", d.me.pk, half="2026H1").status_code == 404


def test_a_section_is_for_its_people_and_those_in_charge(client, d):
    stranger = make_department()
    for person in (d.me, d.chiefs[0], d.leader, d.personnel[0], d.chair):
        assert get(client, person, "points_section", d.one.pk).status_code == 200, person
    for person in (d.chiefs[1], d.officers[1][0], d.other_leader, stranger.personnel[0]):
        wanted = 200 if person == d.other_leader else 404  # of the committee
        assert get(client, person, "points_section", d.one.pk).status_code == wanted, person


def test_in_a_section_who_it_was_is_not_for_colleagues(client, d):
    entries = PointEntry.objects.filter(section=d.one, rule_code="精业-扣-11")
    whose = entries.get(source__contains=f":{d.colleague.pk}:")
    query = {"star": "ye", "rule": "精业-扣-11", "entry": whose.pk}
    for reader, shown in ((d.me, False), (d.colleague, True), (d.chiefs[0], True)):
        page = get(client, reader, "points_section", d.one.pk, **query)
        facts = str(page.context["card"].facts)
        assert (d.colleague.name in facts) == shown, reader
        assert ("没有报送" in facts) == shown
        assert ("姓名只对" in facts) != shown


def test_the_people_of_a_section_are_listed_for_those_who_may_open_them(client, d):
    url = reverse("scoring:points_of", args=[d.me.pk])
    assert url in get(client, d.chiefs[0], "points_section", d.one.pk).content.decode()
    assert url not in get(client, d.colleague, "points_section", d.one.pk).content.decode()


def test_a_report_out_of_sight_is_not_linked(client, d):
    """The committee reads points, not daily reports."""
    entry = PointEntry.objects.get(person=d.me, rule_code="精业-加-01")
    query = {"star": "ye", "rule": "精业-加-01", "entry": entry.pk}
    page = get(client, d.members[0], "points_of", d.me.pk, **query)
    assert page.context["card"].link is None
    assert get(client, d.chiefs[0], "points_of", d.me.pk, **query).context["card"].link


def test_places_and_no_table_of_others(client, d):
    page = get(client, d.me, "points_mine", star="ye").content.decode()
    assert "第1位，共" in page
    assert d.colleague.name not in page


def test_queries_do_not_grow_with_entries(client, d):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert get(client, d.me, "points_mine", star="ye").status_code == 200
        return len(queries)

    count()
    few = count()
    for n in range(60):
        make_entry(d.me, "-0.20", date(2026, 1, 5) + timedelta(n))
    assert count() <= few < 45
