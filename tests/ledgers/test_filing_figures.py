"""Filing figures: against the calendar counted day by day, and what they never do."""

import io
import random
from collections import Counter
from datetime import date, timedelta

import openpyxl
import pytest

from ledgers import filing
from ledgers.deadlines import Status, day_statuses
from scheme.models import AuditEntry, SectionMembership
from scheme.periods import Span
from tests.factories import again, make_absence, make_report, make_section, make_staff, moment
from tests.ledgers.acting import THURSDAY

pytestmark = pytest.mark.django_db
MARCH = Span(date(2026, 3, 1), date(2026, 4, 1))
WORDS = {
    Status.ON_TIME: "on_time",
    Status.LATE: "late",
    Status.BACKFILLED: "backfilled",
    Status.MISSING: "missing",
    Status.EXCUSED: "excused",
    Status.DUE: "open",
}


@pytest.fixture
def world(d, clock):
    """A month of every kind of day, told at random; somebody moves, leaves and joins."""
    clock.set("2026-03-24 11:00")
    dice = random.Random(20260324)
    mover = d.officers[0][1]
    SectionMembership.objects.filter(staff=mover).update(end_on=date(2026, 3, 16))
    SectionMembership.objects.create(staff=mover, section=d.two, start_on=date(2026, 3, 16))
    make_staff(section=d.one, joined_on=date(2026, 3, 12), name="新来的")
    make_staff(section=d.one, left_on=date(2026, 3, 12), name="走了的")
    make_absence(d.officers[1][0], date(2026, 3, 10), date(2026, 3, 12))
    make_absence(d.officers[1][1], date(2026, 3, 18))
    make_absence(d.officers[1][1], date(2026, 3, 18), date(2026, 3, 19), kind="travel")
    people = [row.staff for row in SectionMembership.objects.filter(end_on=None)]
    for person in people:
        for n in range(24):
            day = date(2026, 3, 1) + timedelta(n)
            kind = dice.choice(("same", "next", "limit", "late", "back", "gone", "draft", ""))
            late_day = day + timedelta(dice.choice((1, 2, 4, 7)))
            times = {
                "same": moment(f"{day} 17:30"),
                "next": moment(f"{day + timedelta(1)} 09:59"),
                "limit": moment(f"{day + timedelta(1)} 10:00"),
                "late": moment(f"{day + timedelta(1)} 10:01"),
                "back": moment(f"{late_day} 23:59"),
                "gone": moment(f"{day + timedelta(8)} 00:00"),
            }
            if kind == "draft":
                make_report(person, day, state="draft")
            elif kind and times[kind] <= moment("2026-03-24 11:00"):
                make_report(person, day, filed_at=times[kind])
    return d


def test_the_sets_agree_with_the_days_told_one_by_one(world):
    d = world
    found = filing.by_person(filing.rows(d.unit, MARCH))
    told = {}
    for row, tally in found:
        told.setdefault(row.staff_id, filing.Tally())
        told[row.staff_id] += tally
    now = moment("2026-03-24 11:00")
    for pk, tally in told.items():
        person = next(one for one in (*d.everybody, *_others(d)) if one.pk == pk)
        days = day_statuses(person, MARCH.first, MARCH.last)
        past = [one for one in days if one.deadline and one.deadline.cutoff < now]
        counts = Counter(WORDS[one.status] for one in past if one.status in WORDS)
        expected = filing.Tally(
            sum(n for word, n in counts.items() if word != "excused"),
            *(counts[word] for word in filing.Tally._fields[1:]),
        )
        assert tally == expected, person
    # Every kind of day was told, or the agreement says nothing.
    assert all(filing.total(filing.rows(d.unit, MARCH)))


def _others(d):
    members = SectionMembership.objects.filter(section__unit=d.unit).select_related("staff")
    return [row.staff for row in members]


def test_what_counts_and_what_does_not(d, author, clock):
    def mine(first=THURSDAY, last=THURSDAY):
        span = Span(first, last + timedelta(1))
        return filing.total(filing.rows(d.unit, span, person=author.pk))

    make_report(author, THURSDAY, filed_at=moment("2026-03-05 17:00"))
    # Filed, but others still may file in time: nobody's day counts yet.
    clock.set("2026-03-06 10:00")
    assert mine() == filing.Tally()
    clock.set("2026-03-06 10:01")
    assert mine() == filing.Tally(due=1, on_time=1)
    weekend = date(2026, 3, 7), date(2026, 3, 8)
    clock.set("2026-03-12 23:00")
    assert mine(*weekend) == filing.Tally() and mine(*weekend).rate is None
    assert mine(date(2026, 3, 6), date(2026, 3, 6)) == filing.Tally(due=1, open=1)
    clock.set("2026-03-14 00:00")
    assert mine(date(2026, 3, 6), date(2026, 3, 6)) == filing.Tally(due=1, missing=1)
    assert filing.rows(d.unit, Span(date(2026, 5, 1), date(2026, 6, 1))) == []
    assert filing.Tally(due=3, on_time=2).rate == filing.Tally(due=300, on_time=200).rate
    assert str(filing.Tally(due=3, on_time=2).rate) == "66.7"


def test_periods_by_name():
    assert filing.span_of("2026-12") == Span(date(2026, 12, 1), date(2027, 1, 1))
    assert filing.span_of("2026Q1").until == date(2026, 4, 1)
    assert filing.span_of("2026H2").first == date(2026, 7, 1)
    for wrong in ("", "1999-01", "2026-13", "2026Q5", "2026H3", "H", "\x00"):
        with pytest.raises(ValueError):
            filing.span_of(wrong)
    codes = [choice.code for choice in filing.spans(date(2026, 3, 5))]
    assert codes[:2] == ["2026-03", "2026-02"] and codes[-2:] == ["2026H1", "2025H2"]
    assert "2026Q1" in codes and len(codes) == len(set(codes))


# --- The page


def enter(client, person):
    client.force_login(again(person), backend="django.contrib.auth.backends.ModelBackend")


def shown(client, person, **query):
    enter(client, person)
    return client.get("/reports/filing/", query).context


def test_who_sees_whose_figures_in_office_order(world, client):
    d = world
    own = shown(client, d.officers[0][1], span="2026Q1")
    assert own["own"] and not own["people"] and [m for m, _t in own["months"]][-1] == MARCH.first
    chief = shown(client, d.chiefs[0])
    assert {row.section_id for row, _tally in chief["people"]} == {d.one.pk}
    assert chief["whose"] == d.one.name and chief["sections"] == []
    leader = shown(client, d.leader)
    assert [pk for pk, _name, _tally in leader["sections"]] == [d.one.pk, d.office.pk]
    whole = shown(client, d.personnel[0])
    assert [pk for pk, _n, _t in whole["sections"]] == [d.one.pk, d.two.pk, d.office.pk]
    assert whole["people"] == []
    one = shown(client, d.personnel[0], section=d.two.pk)
    people = [row.staff_id for row, _tally in one["people"]]
    assert set(people) == {one.pk for one in (d.chiefs[1], d.officers[0][1], *d.officers[1])}
    weights = [next(p.sort_weight for p in _others(d) if p.pk == pk) for pk in people]
    assert weights == sorted(weights)
    # A section one has nothing to do with narrows nothing; nonsense is as good as nothing.
    assert {
        row.section_id for row, _t in shown(client, d.chiefs[0], section=d.two.pk)["people"]
    } == {d.one.pk}
    assert shown(client, d.personnel[0], span="\x00", section="9" * 30)["code"] == "2026-03"
    nobody = shown(client, d.chair, span="2026-02")
    assert nobody["total"] == filing.Tally()


def test_the_workbook_says_the_same(world, client):
    d = world
    enter(client, d.chiefs[0])
    assert client.post("/reports/filing/export/", {"span": "x"}).status_code == 422
    answer = client.post("/reports/filing/export/", {"span": "2026-03"})

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    people = filing.by_person(filing.rows(d.unit, MARCH, sections=[d.one.pk]))
    told = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)][: len(people)]
    assert told == [
        [row.section, row.name, *tally, f"{tally.rate}%" if tally.due else "—"]
        for row, tally in people
    ]
    entry = AuditEntry.objects.get(act="filing.export")
    assert entry.after["rows"] == len(people) and entry.after["period"] == "2026-03"


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_costs_the_same(d, client, many, django_assert_max_num_queries):
    for n in range(many):
        person = make_staff(section=make_section(d.unit, f"第{n}科"))
        make_report(person, date(2026, 3, 3))
    enter(client, d.personnel[0])
    with django_assert_max_num_queries(12):
        client.get("/reports/filing/?span=2026H1")
    with django_assert_max_num_queries(12):
        client.get("/reports/mine/")
