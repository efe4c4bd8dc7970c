"""The points a nomination rests on, entry by entry, with the fact and its proof; and how the star's
score went over time. Copied by value into the dossier.

A section's entries come from its people's facts: what they name is told, whose they were is not.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ledgers.models import Paper, PointEntry
from ledgers.models.reports import Grade
from scheme import periods
from scheme.templatetags.look import md_hm
from scoring import queries, retelling
from scoring.models import DeclarationProof, Scorecard, ScoreRun
from scoring.queries import Counted
from stars.models import Nomination

Kind = PointEntry.Kind
ORDER = {Kind.BASE: 0, Kind.BONUS: 1, Kind.DEDUCTION: 2}
# A frozen copy stays readable, and its row of the table small: what tells least is left out, and
# the copy says how much that was.
MOST_ENTRIES = 200
MOST_PROOFS = 5
LONGEST_WORDS = 120
HALVES = 4


class Standing(NamedTuple):
    """Entries of the nominated star that count in the half-year, in the order of the book."""

    entries: list[PointEntry]
    counted: dict[int, Counted]

    def points_of(self, entry: PointEntry) -> Decimal:
        return self.counted[entry.pk].counted


def subject_of(nomination: Nomination) -> dict:
    if nomination.person_id:
        return {"person": nomination.person}
    return {"section": nomination.section}


def standing(nomination: Nomination) -> Standing:
    half = nomination.round.half
    book = queries.book_for(nomination.round.unit, half)
    if book is None:
        return Standing([], {})
    counted = queries.counted_entries(book, half, **subject_of(nomination))
    rows = PointEntry.objects.filter(pk__in=list(counted), star=nomination.star_id)
    return Standing(list(rows.order_by("event_on", "row", "pk")), counted)


def by_rule(of: Standing) -> list[dict]:
    """Summed by rule: how many, as posted, and as counted."""
    rules: dict[str, dict] = {}
    for entry in of.entries:
        rule = rules.setdefault(
            entry.rule_code,
            {
                "code": entry.rule_code,
                "title": entry.rule_title,
                "kind": entry.kind,
                "count": 0,
                "points": Decimal(0),
                "counted": Decimal(0),
            },
        )
        rule["count"] += 1
        rule["points"] += entry.points
        rule["counted"] += of.points_of(entry)
    rows = sorted(rules.values(), key=lambda rule: (ORDER[rule["kind"]], rule["code"]))
    return [row | {"points": text(row["points"]), "counted": text(row["counted"])} for row in rows]


def one_by_one(of: Standing) -> dict:
    """`rows`, the most telling ones in the order of the book; `left_out`, how many others there
    are and what they count together."""
    telling = sorted(of.entries, key=lambda entry: -abs(of.points_of(entry)))
    kept = {entry.pk for entry in telling[:MOST_ENTRIES]}
    shown = [entry for entry in of.entries if entry.pk in kept]
    others = [of.points_of(entry) for entry in of.entries if entry.pk not in kept]
    proofs = _proofs(shown)
    # Copied once for every reader, whatever language the chief reads.
    with translation.override(settings.LANGUAGE_CODE):
        rows = [
            {
                "entry": entry.pk,
                "on": entry.event_on.isoformat(),
                "code": entry.rule_code,
                "title": entry.rule_title,
                "kind": entry.kind,
                "points": text(entry.points),
                "counted": text(of.points_of(entry)),
                "words": _words(entry)[:LONGEST_WORDS],
                "proofs": proofs.get(entry.pk, []),
            }
            for entry in shown
        ]
    return {
        "rows": rows,
        "left_out": {"count": len(others), "points": text(sum(others, Decimal()))},
    }


def _words(entry: PointEntry) -> str:
    """The fact in a line; a report is told by what became of it."""
    fact = entry.fact
    if words := retelling.words_of(entry):
        return words
    if fact.get("grade"):
        return _("等次：%(grade)s") % {"grade": Grade(fact["grade"]).label}
    if fact.get("filed_at"):
        return _("%(at)s报送") % {"at": md_hm(datetime.fromisoformat(fact["filed_at"]))}
    return _("没有报送") if fact.get("closes") else ""


def _proofs(entries: Iterable[PointEntry]) -> dict[int, list[dict]]:
    """Names and hashes of what proves them: papers of a declaration, or of a row of a ledger."""
    facts: dict[tuple[str, int], list[int]] = {}
    for entry in entries:
        ledger, __, rest = entry.source.partition(":")
        row = rest.split(":")[0]
        if row.isascii() and row.isdigit() and len(row) < 16:
            facts.setdefault((ledger, int(row)), []).append(entry.pk)
    declared = {row for ledger, row in facts if ledger == "declared"}
    rows = DeclarationProof.objects.filter(declaration__in=declared)
    found = [
        ("declared", *row)
        for row in rows.order_by("pk").values_list("declaration", "name", "file__sha256")
    ]
    papers = Paper.objects.filter(
        ledger__in={ledger for ledger, __ in facts},
        row_id__in={row for __, row in facts},
        removed_at=None,
    )
    found += papers.order_by("pk").values_list("ledger", "row_id", "name", "file__sha256")
    told: dict[int, list[dict]] = {}
    for ledger, row, name, sha256 in found:
        for entry in facts.get((ledger, row), ()):
            proofs = told.setdefault(entry, [])
            if len(proofs) < MOST_PROOFS:
                proofs.append({"name": name[:LONGEST_WORDS], "sha256": sha256})
    return told


def trend(nomination: Nomination, of: Standing) -> dict:
    """The star's score in the last half-years, as each was last scored, and what each month of
    this one brought (entries of older events with the first month)."""
    return {"halves": _halves(nomination), "months": _months(nomination, of)}


def _halves(nomination: Nomination) -> list[dict]:
    unit, half = nomination.unit_id, nomination.round.half
    runs = ScoreRun.objects.filter(unit=unit, half__lte=half).order_by("-half", "-pk")
    newest = dict(reversed(list(runs.distinct("half").values_list("half", "pk")[:HALVES])))
    cards = Scorecard.objects.filter(run__in=newest.values(), star=nomination.star_id)
    scores = dict(cards.filter(**subject_of(nomination)).order_by().values_list("run", "score"))
    return [
        {"half": code, "score": text(scores[run])} for code, run in newest.items() if run in scores
    ]


def _months(nomination: Nomination, of: Standing) -> list[dict]:
    span = periods.half_span(nomination.round.half)
    sums = {span.first.replace(month=span.first.month + n): Decimal() for n in range(6)}
    for entry in of.entries:
        if entry.kind != Kind.BASE:
            month = min(max(entry.event_on, span.first), span.last).replace(day=1)
            sums[month] += of.points_of(entry)
    return [{"month": f"{month:%Y-%m}", "points": text(points)} for month, points in sums.items()]


def text(points: Decimal) -> str:
    return str(points.quantize(Decimal("0.01")))
