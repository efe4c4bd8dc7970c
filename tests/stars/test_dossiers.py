from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheme.models import SectionMembership
from scoring.actions import posting
from stars import dossiers
from stars.models import Award, Nomination
from tests.factories import (
    make_absence,
    make_entry,
    make_nomination,
    make_report,
    make_round,
    make_rule_book,
    make_staff,
    moment,
)
from tests.stars.opening_world import confirm_all


@pytest.fixture
def book(department):
    return make_rule_book(department.unit, in_force_from=date(2026, 1, 1))


@pytest.fixture
def person(department):
    return department.officers[0][1]


def of(department, nominee, star="ye"):
    """A nomination that is nowhere saved, as the chief's preview has it."""
    round_ = make_round(department.unit, participants=False)
    is_person = hasattr(nominee, "staff_no")
    return Nomination(
        unit=department.unit,
        round=round_,
        star_id=star,
        kind="person" if is_person else "section",
        person=nominee if is_person else None,
        section=department.one,
    )


def test_without_rules_and_facts_it_says_so(department, person):
    body = dossiers.build(of(department, person))
    assert body["half"] == "2026H1" and body["star"] == {"key": "ye", "name": "精业"}
    assert body["nominee"] == {
        "kind": "person", "name": person.name, "staff_no": person.staff_no,
        "section": "干部一科", "post": "", "rank": "",
    }  # fmt: skip
    assert (body["cards"], body["rules"], body["awards"], body["run"]) == ([], [], [], {})
    assert body["filing"]["on_time"] == 0 and body["filing"]["missing"] == body["filing"]["due"]


def test_the_nominated_star_comes_first_and_the_total_last(department, book, person):
    posting.settle(department.unit, date(2026, 6, 25), date(2026, 6, 30))
    body = dossiers.build(of(department, person, "ye"))
    assert [card["star"] for card in body["cards"]] == ["ye", "xue", None]
    # Four working days without a report, 25 to 30 June.
    assert body["cards"][0]["deduction"] == "-0.80" and body["cards"][0]["score"] == "19.20"
    other = dossiers.build(of_star(department, person, "xue"))
    assert [card["star"] for card in other["cards"]] == ["xue", "ye", None]


def of_star(department, person, star):
    from stars.models import Round

    return Nomination(
        unit=department.unit, round=Round.objects.get(), star_id=star, kind="person",
        person=person, section=department.one,
    )  # fmt: skip


def test_entries_of_the_star_are_summed_by_rule_and_as_counted(department, book, person):
    for n in range(1, 31):
        good = {"rule_code": "精业-加-01", "rule_title": "日报评为好", "row": n}
        make_entry(person, "0.05", date(2026, 3, 1), **good)
        make_entry(person, "0.05", date(2026, 4, 1), **good)
    make_entry(person, "-0.20", date(2026, 3, 2), rule_code="精业-扣-01", rule_title="无故不报")
    make_entry(person, "20", date(2026, 1, 1), kind="base", rule_code="精业-基-01")
    make_entry(person, "20", date(2026, 1, 1), kind="base", rule_code="勤学-基-01", star="xue")
    rules = dossiers.build(of(department, person))["rules"]
    assert [rule["code"] for rule in rules] == ["精业-基-01", "精业-加-01", "精业-扣-01"]
    # 30 × 0.05 a quarter is at its cap of 1.5; both together are cut to 2.5.
    assert rules[1] == {
        "code": "精业-加-01", "title": "日报评为好", "kind": "bonus", "count": 60,
        "points": "3.00", "counted": "2.50",
    }  # fmt: skip
    assert rules[2]["counted"] == "-0.20"


def test_filing_counts_the_days_that_were_owed(department, person):
    # June 2026 has 21 working days (19 and 20–21 June are the Dragon Boat holiday).
    person.joined_on = date(2026, 6, 1)
    person.save()
    SectionMembership.objects.filter(staff=person).update(start_on=date(2026, 6, 1))
    make_report(person, date(2026, 6, 1), filed_at=moment("2026-06-01 17:30"))
    make_report(person, date(2026, 6, 2), filed_at=moment("2026-06-03 11:00"))
    make_report(person, date(2026, 6, 3), filed_at=moment("2026-06-08 09:00"))
    make_report(person, date(2026, 6, 4), filed_at=moment("2026-06-30 09:00"))
    make_absence(person, date(2026, 6, 8), date(2026, 6, 12))
    filing = dossiers.build(of(department, person))["filing"]
    assert filing == {"due": 16, "on_time": 1, "late": 2, "missing": 13, "excused": 5}


def test_a_sections_filing_is_its_peoples_while_they_were_there(department):
    for one in [department.chiefs[0], *department.officers[0]]:
        SectionMembership.objects.filter(staff=one).update(start_on=date(2026, 6, 29))
    moved = department.officers[0][1]
    SectionMembership.objects.filter(staff=moved).update(end_on=date(2026, 6, 30))
    left = department.officers[0][2]
    left.left_on = date(2026, 6, 30)
    left.save()
    make_report(moved, date(2026, 6, 29))
    make_report(moved, date(2026, 6, 30))
    body = dossiers.build(of(department, department.one))
    # Four on the 29th, two on the 30th.
    assert body["filing"] == {"due": 6, "on_time": 1, "late": 0, "missing": 5, "excused": 0}
    assert body["nominee"] == {"kind": "section", "name": "干部一科", "people": 3}


def test_whoever_left_before_the_half_year_is_passed_over(department):
    gone = make_staff(section=department.one, left_on=date(2025, 12, 1))
    before = dossiers.build(of(department, department.one))["filing"]
    SectionMembership.objects.filter(staff=gone).delete()
    assert dossiers.build(of_section(department))["filing"] == before


def of_section(department):
    from stars.models import Round

    return Nomination(
        unit=department.unit, round=Round.objects.get(half="2026H1"), star_id="ye", kind="section",
        section=department.one,
    )  # fmt: skip


def test_earlier_stars_are_listed_newest_first(department, person):
    for n, half in enumerate(("2025H1", "2025H2"), 1):
        round_ = make_round(department.unit, half=half, participants=False)
        for nominee in (person, department.one):
            won = make_nomination(round_, nominee, star="geng")
            Award.objects.create(
                unit=department.unit, round=round_, nomination=won, star_id="geng",
                person=won.person, section=department.one, awarded_on=date(2025, 6 + n, 1),
                number=f"{half}-{won.pk}",
            )  # fmt: skip
    own = dossiers.build(of(department, person))["awards"]
    assert [award["half"] for award in own] == ["2025H2", "2025H1"]
    sections = dossiers.build(of_section(department))["awards"]
    assert len(sections) == 2 and {a["number"] for a in sections}.isdisjoint(
        a["number"] for a in own
    )


def test_the_same_facts_give_the_same_digest(department, book, person):
    nomination = of(department, person)
    first = dossiers.digest_of(dossiers.build(nomination))
    assert first == dossiers.digest_of(dossiers.build(nomination))
    make_report(person, date(2026, 6, 29))
    assert first != dossiers.digest_of(dossiers.build(nomination))


def test_queries_do_not_grow_with_the_section(department, book):
    nomination = of(department, department.one)
    dossiers.build(nomination)
    with CaptureQueriesContext(connection) as few:
        dossiers.build(nomination)
    for _n in range(30):
        member = make_staff(section=department.one)
        make_report(member, date(2026, 6, 29))
    with CaptureQueriesContext(connection) as many:
        dossiers.build(nomination)
    assert len(few) == len(many)


def test_it_names_the_scorecards_the_round_was_opened_on(scored, office):
    from stars.actions import rounds

    round_ = confirm_all(rounds.prepare(scored.unit, "2026H1", by=office), by=office)
    round_ = rounds.open_(round_.pk, by=office, seen=0)
    nomination = Nomination(
        unit=scored.unit, round=round_, star_id="ye", kind="section", section=scored.one
    )
    run = dossiers.build(nomination)["run"]
    assert run == {"output": round_.run.output_hash, "book": round_.book.digest}
