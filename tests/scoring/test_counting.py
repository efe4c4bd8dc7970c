"""The arithmetic in SQL against a small model in plain Python, written apart from it."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import formulas, queries
from tests.factories import make_entry, make_quarter, make_rule_book, make_section, make_staff

CENT = Decimal("0.01")
FIRST = date(2026, 1, 5)


def half(value):
    return (value / 2).quantize(CENT, ROUND_HALF_UP)


class Entry:
    def __init__(self, subject, rule, item, day, row, cents, pk):
        self.subject, self.rule, self.item, self.day, self.row = subject, rule, item, day, row
        self.points = Decimal(cents) / 100
        self.pk = pk

    @property
    def order(self):
        return (self.day, self.row, self.pk)


def clip(value, cap):
    return value if cap is None else max(-cap, min(cap, value))


def model(entries, rules, bonus_cap):
    """{subject: {star: (base, deduction, bonus, score), None: …}}, and the places."""
    groups = {}
    for entry in entries:
        groups.setdefault((entry.subject, entry.rule), []).append(entry)
    sums = {}
    for (subject, code), found in groups.items():
        rule = rules[code]
        worth = {}
        for item in {entry.item for entry in found}:
            same = sorted((e for e in found if e.item == item), key=lambda e: e.order)
            largest = max(same, key=lambda e: abs(e.points))  # the first of equals
            for entry in same:
                if rule["stacking"] == "all" or entry is largest:
                    worth[entry] = entry.points
                else:
                    worth[entry] = half(entry.points) if rule["stacking"] == "first_full" else 0
            if rule["item"] is not None:
                left = rule["item"]
                for entry in same:
                    kept = min(left, abs(worth[entry]))
                    left -= kept
                    worth[entry] = kept if entry.points > 0 else -kept
        quarters = {}
        for entry in found:
            quarter = 1 if entry.day.month < 4 else 2
            quarters[quarter] = quarters.get(quarter, 0) + worth[entry]
        total = clip(sum(clip(value, rule["quarter"]) for value in quarters.values()), rule["half"])
        key = (subject, rule["star"], rule["kind"])
        sums[key] = sums.get(key, Decimal(0)) + total
    cards = {}
    for subject in (1, 2, 3):
        card = {}
        for star in ("xue", "ye"):
            base, deduction, bonus = (
                sums.get((subject, star, kind), Decimal(0))
                for kind in ("base", "deduction", "bonus")
            )
            card[star] = (base, deduction, bonus, max(Decimal(0), base + deduction) + bonus)
        kept = sum(max(Decimal(0), c[0] + c[1]) for c in card.values())
        bonus = min(bonus_cap, sum(c[2] for c in card.values()))
        card[None] = (
            sum(c[0] for c in card.values()), sum(c[1] for c in card.values()), bonus, kept + bonus
        )  # fmt: skip
        cards[subject] = card
    return cards


def places(cards, star):
    scores = {subject: card[star][3] for subject, card in cards.items()}
    return {s: 1 + sum(other > mine for other in scores.values()) for s, mine in scores.items()}


KINDS = {
    "A": ("base", "xue"),
    "B": ("deduction", "xue"),
    "C": ("bonus", "xue"),
    "D": ("bonus", "ye"),
}


@pytest.fixture
def three(db, clock):
    clock.set("2026-07-15")
    section = make_section()
    return section, {n: make_staff(section=section) for n in (1, 2, 3)}


cap = st.none() | st.integers(1, 600).map(lambda n: Decimal(n) / 100)
rule = st.fixed_dictionaries(
    {
        "item": cap,
        "quarter": cap,
        "half": cap,
        "stacking": st.sampled_from(["all", "highest", "first_full"]),
    }
)
fact = st.tuples(
    st.integers(1, 3),
    st.sampled_from("ABCD"),
    st.sampled_from("xyz"),
    st.integers(0, 170),
    st.integers(0, 2),
    st.integers(1, 400),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rules=st.fixed_dictionaries({code: rule for code in KINDS}),
    facts=st.lists(fact, max_size=14),
    bonus_cap=st.integers(0, 900).map(lambda n: Decimal(n) / 100),
)
def test_the_sql_says_what_the_model_says(three, rules, facts, bonus_cap):
    section, people = three
    with transaction.atomic():
        rows, given_rules = [], {}
        for code, (kind, star) in KINDS.items():
            points = "-1" if kind == "deduction" else "1"
            caps = [rules[code][name] for name in ("item", "quarter", "half")]
            rows.append((code, kind, "person", star, code, "declared", points, *caps))
            given_rules[code] = rules[code] | {"kind": kind, "star": star}
        book = make_rule_book(section.unit, rules=rows, bonus_cap=bonus_cap, state="draft")
        for code in KINDS:
            book.rules.filter(code=code).update(stacking=rules[code]["stacking"])
        entries = []
        for subject, code, item, day, row, cents in facts:
            kind, star = KINDS[code]
            signed = -cents if kind == "deduction" else cents
            when = FIRST + timedelta(day)
            made = make_entry(
                people[subject], Decimal(signed) / 100, when, star=star, kind=kind,
                rule_code=code, item=item, row=row,
            )  # fmt: skip
            entries.append(Entry(subject, code, item, when, row, signed, made.pk))
        expected = model(entries, given_rules, bonus_cap)
        numbers = {person.pk: n for n, person in people.items()}
        found = {}
        for card in queries.scorecards(section.unit, "2026H1", book):
            if card.person_id in numbers:
                values = (card.base, card.deduction, card.bonus, card.score, card.place, card.pool)
                found[numbers[card.person_id], card.star_id] = values
        for star in ("xue", "ye", None):
            place = places(expected, star)
            for subject in people:
                wanted = (*expected[subject][star], place[subject], len(people))
                assert found[subject, star] == wanted, (subject, star)
        for n, person in people.items():
            counted = queries.counted_entries(book, "2026H1", person=person)
            for star in ("xue", "ye"):
                pks = {e.pk for e in entries if e.subject == n and KINDS[e.rule][1] == star}
                total = sum((counted[pk].counted for pk in pks), Decimal(0))
                assert total == sum(expected[n][star][:3])
        transaction.set_rollback(True)


# --- The examples of the rules of counting and the edges


@pytest.fixture
def person(db, clock):
    clock.set("2026-07-15")
    return make_staff(section=make_section())


def book_of(person, *rules, **more):
    return make_rule_book(person.unit, rules=rules, **more)


def line_of(person, star="ye", half="2026H1"):
    return next(
        line
        for line in queries.scorecard_of(person, half=half)
        if line.star and line.star.pk == star
    )


def test_missed_reports_of_two_quarters(person):
    book_of(
        person,
        ("B", "base", "person", "ye", "基础", "base", "20", None, None, None),
        ("M", "deduction", "person", "ye", "缺报", "report_missing", "-0.20", None, 4, None),
    )
    make_entry(person, 20, date(2026, 1, 1), kind="base", rule_code="B")
    for n in range(12):
        make_entry(person, "-0.20", date(2026, 1, 5) + timedelta(n), rule_code="M")
    for n in range(25):
        make_entry(person, "-0.20", date(2026, 4, 5) + timedelta(n), rule_code="M")
    line = line_of(person)
    assert (line.deduction, line.score) == (Decimal("-6.40"), Decimal("13.60"))


def test_the_higher_adoption_counts_where_it_stands(person):
    book = book_of(
        person,
        ("W", "bonus", "person", "geng", "采用", "adopted", "5", None, None, 15),
        state="draft",
    )
    book.rules.update(stacking="highest")
    march = make_entry(person, 2, date(2026, 3, 10), star="geng", rule_code="W", item="a")
    april = make_entry(person, 5, date(2026, 4, 10), star="geng", rule_code="W", item="a")
    counted = queries.counted_entries(book, "2026H1", person=person)
    assert (counted[march.pk].counted, counted[april.pk].counted) == (0, 5)
    assert counted[march.pk].cut_by == ["stacking"] and counted[april.pk].cut_by == []


def test_what_a_cap_cuts_is_named(person):
    book = book_of(person, ("T", "bonus", "person", "ye", "抽调", "declared", "1", 3, 4, 5))
    days = [date(2026, 1, 5), date(2026, 1, 6), date(2026, 2, 2), date(2026, 4, 7)]
    items = ["a", "a", "b", "c"]
    made = [
        make_entry(person, 2, day, rule_code="T", item=item)
        for day, item in zip(days, items, strict=True)
    ]
    counted = queries.counted_entries(book, "2026H1", person=person)
    assert [(counted[e.pk].counted, counted[e.pk].cut_by) for e in made] == [
        (2, []),
        (1, ["item"]),
        (1, ["quarter"]),
        (1, ["half"]),
    ]


def test_deductions_never_eat_bonuses(person):
    book_of(
        person,
        ("B", "base", "person", "ye", "基础", "base", "1", None, None, None),
        ("M", "deduction", "person", "ye", "缺报", "report_missing", "-5", None, None, None),
        ("G", "bonus", "person", "ye", "评好", "report_good", "1", None, None, None),
    )
    make_entry(person, 1, date(2026, 1, 1), kind="base", rule_code="B")
    make_entry(person, -5, date(2026, 1, 5), rule_code="M")
    make_entry(person, 1, date(2026, 1, 6), rule_code="G")
    assert line_of(person).score == 1
    assert formulas.star_score(Decimal(1), Decimal(-5), Decimal(1)) == 1


def test_the_cap_on_all_bonuses_leaves_the_stars(person):
    book_of(
        person,
        ("G", "bonus", "person", "ye", "评好", "report_good", "1", None, None, None),
        ("H", "bonus", "person", "xue", "讲课", "talk_good", "1", None, None, None),
        bonus_cap=Decimal(20),
    )
    make_entry(person, 15, date(2026, 1, 6), rule_code="G")
    make_entry(person, 15, date(2026, 1, 6), star="xue", rule_code="H")
    lines = queries.scorecard_of(person, half="2026H1")
    assert [line.score for line in lines] == [15, 15, 20]
    stars = [(line.base, line.deduction, line.bonus) for line in lines[:-1]]
    assert formulas.total_score(stars, Decimal(20)) == 20


def test_a_star_without_a_rule_switched_on_has_no_value(person):
    book = book_of(
        person,
        ("G", "bonus", "person", "ye", "评好", "report_good", "1", None, None, None),
        ("H", "bonus", "person", "xue", "讲课", "talk_good", "1", None, None, None),
        state="draft",
    )
    book.rules.get(code="H").tiers.update(enabled=False)
    cards = queries.scorecards(person.unit, "2026H1", book)
    assert {card.star_id for card in cards if card.person_id} == {"ye", None}
    assert not [card for card in cards if card.section_id]


def test_reversed_within_the_half_year_is_as_if_never_posted(person):
    book = book_of(
        person, ("M", "deduction", "person", "ye", "缺报", "report_missing", "-1", None, 1, None)
    )
    first = make_entry(person, -1, date(2026, 1, 5), rule_code="M")
    make_entry(person, -1, date(2026, 1, 6), rule_code="M")
    make_entry(
        person, 1, date(2026, 1, 5), kind="deduction", rule_code="M", reverses=first,
        quarter=make_quarter(person.unit, "2026Q2"),
    )  # fmt: skip
    assert line_of(person).deduction == -1
    assert len(queries.counted_entries(book, "2026H1", person=person)) == 1


def test_reversed_in_a_later_half_year_gives_back_there(person, clock):
    book_of(
        person, ("M", "deduction", "person", "ye", "缺报", "report_missing", "-1", None, 1, None)
    )
    first = make_entry(person, -1, date(2026, 1, 5), rule_code="M")
    make_entry(
        person, 1, date(2026, 1, 5), kind="deduction", rule_code="M", reverses=first,
        quarter=make_quarter(person.unit, "2026Q3"),
    )  # fmt: skip
    assert line_of(person).deduction == -1
    assert line_of(person, half="2026H2").deduction == 1


def test_a_rule_of_an_older_version_keeps_its_own_caps(person, clock):
    book_of(person, ("O", "deduction", "person", "ye", "旧", "report_late", "-1", None, 2, None))
    book_of(
        person,
        ("M", "deduction", "person", "ye", "缺报", "report_missing", "-1", None, None, None),
        version=2,
        in_force_from=date(2026, 4, 1),
    )
    for n in range(5):
        make_entry(person, -1, date(2026, 1, 5) + timedelta(n), rule_code="O")
    assert line_of(person).deduction == -2


def test_sections_have_a_pool_of_their_own(person):
    section = make_section(person.unit)
    book_of(
        person,
        ("P", "deduction", "person", "ye", "缺报", "report_missing", "-1", None, None, None),
        ("S", "deduction", "section", "ye", "缺报", "report_missing", "-1", None, None, None),
    )
    make_entry(section, -1, date(2026, 1, 5), rule_code="S")
    lines = queries.scorecard_of(section=section, half="2026H1")
    assert [(line.deduction, line.score, line.place, line.pool) for line in lines] == [
        (-1, 0, 1, 2),
        (-1, 0, 1, 2),
    ]


def test_half_up_rounds_the_absolute_value():
    assert formulas.half_up(Decimal("-0.125")) == Decimal("-0.13")
    assert formulas.half_up(Decimal("0.525")) == Decimal("0.53")


def test_no_book_no_card(person):
    assert queries.scorecard_of(person, half="2026H1") == []
    assert queries.scorecards(person.unit, "2026H1") == []
    leader = make_staff(person.unit)
    book_of(person, ("P", "base", "person", "ye", "基础", "base", "1", None, None, None))
    assert queries.scorecard_of(leader, half="2026H1") == []
