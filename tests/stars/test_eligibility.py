from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheme import clock
from stars import eligibility
from stars.models import Round
from tests.factories import make_absence, make_nomination, make_round, make_staff, make_unit

from .nominating_world import make_restriction

TODAY = date(2026, 7, 20)


@pytest.fixture
def round_(department):
    return make_round(department.unit, absence_limit=30)


def kinds(round_, day=TODAY):
    return {
        subject: [ground.kind for ground in found]
        for subject, found in eligibility.grounds(round_, day).items()
    }


def test_nobody_is_barred_without_a_ground(round_):
    assert kinds(round_) == {}


def test_restrictions_bar_from_their_first_day_until_the_day_before_their_end(
    round_, department, office
):
    person, section = department.officers[0][1], department.one
    make_restriction(person, by=office, since=date(2026, 3, 2), until=date(2026, 9, 2))
    make_restriction(section, by=office, kind="criticism", since=TODAY, until=None)
    who, where = ("person", person.pk), ("section", section.pk)
    assert kinds(round_) == {who: ["sanction"], where: ["criticism"]}
    assert kinds(round_, date(2026, 3, 1)) == {}
    assert (
        kinds(round_, date(2026, 3, 2)) == kinds(round_, date(2026, 7, 19)) == {who: ["sanction"]}
    )
    assert kinds(round_, date(2026, 9, 1))[who] == ["sanction"]
    assert kinds(round_, date(2026, 9, 2)) == {where: ["criticism"]}
    [ground] = eligibility.of(round_, person, section)
    assert (ground.text, ground.since, ground.until) == (
        "处分影响期", date(2026, 3, 2), date(2026, 9, 2),
    )  # fmt: skip
    assert [g.kind for g in eligibility.of(round_, None, section)] == ["criticism"]
    assert eligibility.of(round_, department.officers[0][2], section) == []


def test_only_the_kinds_of_the_round_and_of_its_unit_count(round_, department, office):
    person = department.officers[0][1]
    make_restriction(person, by=office, kind="secrets")
    make_restriction(person, by=office, kind="admonition", since=date(2026, 2, 1))
    stranger = make_staff(make_unit())
    make_restriction(stranger, by=stranger)
    assert kinds(round_) == {("person", person.pk): ["admonition", "secrets"]}
    Round.objects.filter(pk=round_.pk).update(vetoes=["secrets"])
    round_.refresh_from_db()
    assert kinds(round_) == {("person", person.pk): ["secrets"]}


def test_probation_bars_where_the_rules_say_so(round_, department):
    person = department.officers[0][1]
    person.probation = True
    person.save()
    make_staff(make_unit(), probation=True)
    assert kinds(round_) == {("person", person.pk): ["probation"]}
    Round.objects.filter(pk=round_.pk).update(bar_probation=False)
    round_.refresh_from_db()
    assert kinds(round_) == {}


def test_leave_counts_working_days_of_the_half_year_each_once(round_, department):
    """June 2026 has 21 working days, 1 to 12 May has 7 (the holiday lasts until the 5th)."""
    long, short, away = department.officers[0]
    make_absence(long, date(2026, 6, 1), date(2026, 8, 31))
    make_absence(long, date(2026, 5, 18), date(2026, 6, 15))  # ten more, the rest counted already
    make_absence(short, date(2026, 6, 1), date(2026, 6, 30))
    make_absence(short, date(2025, 1, 1), date(2025, 12, 31))  # another half-year
    make_absence(away, date(2026, 1, 1), None, kind="travel")
    found = eligibility.grounds(round_, TODAY)
    assert {s: [g.kind for g in gs] for s, gs in found.items()} == {
        ("person", long.pk): ["absence"]
    }
    assert found["person", long.pk][0].text == "这个半年请假31个工作日，超过30个"
    # Days to come do not count yet; at the limit is not beyond it.
    assert kinds(round_, date(2026, 6, 30)) == {("person", long.pk): ["absence"]}
    assert kinds(round_, date(2026, 6, 29)) == {}
    make_absence(short, date(2026, 1, 1), None)
    assert set(kinds(round_)) == {("person", long.pk), ("person", short.pk)}
    Round.objects.filter(pk=round_.pk).update(absence_limit=None)
    round_.refresh_from_db()
    assert kinds(round_) == {}


def test_lost_names_the_nominations_whose_nominee_no_longer_qualifies(round_, department, office):
    person, other = department.officers[0][1:]
    own = make_nomination(round_, person)
    make_nomination(round_, other)
    section = make_nomination(round_, department.one)
    everyone = [own, section, *round_.nominations.filter(person=other)]
    assert eligibility.lost(round_, everyone) == {}
    make_restriction(person, by=office)
    assert list(eligibility.lost(round_, everyone)) == [own.pk]
    make_restriction(department.one, by=office)
    assert list(eligibility.lost(round_, everyone)) == [own.pk, section.pk]
    with CaptureQueriesContext(connection) as queries:
        assert eligibility.lost(round_, []) == {}
    assert len(queries) == 0


def test_many_people_cost_no_more(round_, department, office):
    with CaptureQueriesContext(connection) as few:
        eligibility.grounds(round_, TODAY)
    for _n in range(30):
        one = make_staff(section=department.one, probation=True)
        make_restriction(one, by=office)
        make_absence(one, date(2026, 1, 1), clock.today())
    with CaptureQueriesContext(connection) as many:
        assert len(eligibility.grounds(round_, TODAY)) == 30
    assert len(few) == len(many) == 3


def test_who_is_told_why(round_, department, office):
    person = department.officers[0][1]
    own = make_nomination(round_, person)
    section = make_nomination(round_, department.one)
    told = [p for p in department.everybody if eligibility.may_know(p, own)]
    assert {p.pk for p in told} == {person.pk, *(p.pk for p in department.personnel)}
    told = [p for p in department.everybody if eligibility.may_know(p, section)]
    assert {p.pk for p in told} == {p.pk for p in department.personnel}
