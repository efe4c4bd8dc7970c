"""What a finished round's package holds, read from the rows: plain values, ready for JSON.

Things that refer to each other do so by the key of the row; people stand there with number and
name. What somebody said in confidence is not in the package, only its hash: of an objection, of a
clearance's wording. Why a member stood back is left out, since kinship is confidential too.
"""

from django.db import connection
from django.db.models import Q

from scheme.models import AuditEntry, CalendarDay
from scoring import fingerprints
from scoring.contents import canonical, content_of
from stars.actions import rounds
from stars.archive import proceedings
from stars.archive.values import hashed, plain, row_of, rows_of
from stars.models import (
    Award,
    Box,
    Dossier,
    Meeting,
    Minutes,
    Nomination,
    Objection,
    Publication,
    Revocation,
    Round,
)

FORMAT = 1
MOVE = ("version", "from_state", "to_state", "by", "reason", "at")
DATES = ("nominate_until", "branch_until", "committee_until", "publicity_from", "publicity_until")
RULES = (
    "quorum_num",
    "quorum_den",
    "majority_num",
    "majority_den",
    "recused_count_as_entitled",
    "publicity_days",
    "publicity_seconds",
    "floating_sections",
    "floating_persons",
    "branch_method",
    "trimmed",
    "leaders_weight",
    "agreed_from",
    "against_below",
    "secret",
    "recusals",
    "tie_order",
    "tie_last",
    "vetoes",
    "most_returns",
)


def gather(round_: Round) -> dict[str, object]:
    """Name of the file → what is written into it."""
    return {
        "round.json": _round(round_),
        "participants.json": _participants(round_),
        "rulebook.json": _rule_book(round_),
        "scorecards.json": _scorecards(round_),
        "nominations.json": _nominations(round_),
        "branch.json": proceedings.branch(round_),
        "sitting.json": proceedings.sitting(round_),
        "decisions.json": proceedings.decisions(round_),
        "publicity.json": _publicity(round_),
        "objections.json": _objections(round_),
        "awards.json": _awards(round_),
        "publications.json": rows_of(
            Publication.objects.filter(round=round_).order_by("edition"),
            *("edition", "body", "digest", "published_at", "published_by"),
        ),
        "audit.json": _trail(round_),
    }


def _round(round_: Round) -> dict:
    return {
        "format": FORMAT,
        "key": round_.pk,
        "unit": round_.unit.name,
        "half": round_.half,
        "seal": round_.seal,
        "sealed": round_.sealed or _sealed_anew(round_),
        "rules": row_of(round_, *RULES),
        "dates": row_of(round_, *DATES),
        "quotas": [
            {"star": row.star_id, "kind": row.kind, "places": row.places}
            for row in round_.quotas.all()
        ],
        "moves": rows_of(round_.moves.all(), *MOVE),
        **row_of(round_, "state", "version", "opened_at", "opened_by"),
    }


def _sealed_anew(round_: Round) -> dict:
    """Of a round from before it was kept."""
    return rounds.sealed_body(round_) if round_.book and round_.run else {}


def _participants(round_: Round) -> dict:
    rows = round_.participants.select_related("person", "section")
    return {
        "people": sorted(
            (row_of(row, "person", "takes_part", "reason") for row in rows if row.person_id),
            key=lambda row: row["person"]["no"],
        ),
        "sections": sorted(
            (row_of(row, "section", "takes_part", "reason") for row in rows if row.section_id),
            key=lambda row: row["section"],
        ),
        "confirmations": rows_of(round_.confirmations.all(), "section", "by", "reason", "at"),
    }


def _rule_book(round_: Round) -> dict:
    book = round_.book
    if book is None:
        return {}
    fields = ("title", "version", "in_force_from", "approved_by", "approved_at", "digest")
    return row_of(book, *fields) | {"text": canonical(content_of(book))}


def _scorecards(round_: Round) -> dict:
    run = round_.run
    if run is None:
        return {}
    cards = run.cards.select_related("person", "section").order_by(
        "person__staff_no", "section__name", "star_id"
    )
    # As hashed: a number read back through JSON has lost its zeros.
    with connection.cursor() as cursor:
        cursor.execute(fingerprints.LINES, {"run": run.pk})
        lines = dict(cursor.fetchall())
    shown = ("person", "section", "base", "deduction", "bonus", "score", "place", "tree")
    return row_of(run, "half", "input_hash", "output_hash", "at") | {
        "cards": [
            {"star": card.star_id, "line": lines[card.pk], **row_of(card, *shown)} for card in cards
        ]
    }


def _nominations(round_: Round) -> list[dict]:
    rows = (
        Nomination.objects.filter(round=round_)
        .select_related("person", "section", "branch", "made_by", "submitted_by")
        .prefetch_related("moves__by", "dossiers", "clearances__by")
        .order_by("pk")
    )
    shown = ("kind", "person", "section", "branch", "statement", "state", "made_by", "made_at")
    return [
        {
            "key": one.pk,
            "star": one.star_id,
            **row_of(one, *shown, "submitted_by", "submitted_at"),
            "moves": [row_of(move, *MOVE) for move in one.moves.all()],
            "dossiers": [_dossier(row) for row in one.dossiers.all()],
            "clearances": [
                row_of(row, "body", "word", "document", "by", "at") | {"text": hashed(row.text)}
                for row in one.clearances.all()
            ],
        }
        for one in rows
    ]


def _dossier(row: Dossier) -> dict:
    return row_of(row, "version", "body", "digest", "at")


def _publicity(round_: Round) -> dict:
    """With the days of the calendar the count rests on."""
    span = (round_.publicity_from, round_.publicity_until)
    days = CalendarDay.objects.filter(day__range=span).order_by("day") if all(span) else ()
    return {
        "from": plain(round_.publicity_from),
        "until": plain(round_.publicity_until),
        "days": round_.publicity_days,
        "seconds": round_.publicity_seconds,
        "calendar": [[row.day.isoformat(), row.is_working] for row in days],
    }


def _objections(round_: Round) -> list[dict]:
    """No names of those who spoke and no words of theirs."""
    shown = ("number", "source", "raised_at", "outcome", "handled_by", "handled_at")
    rows = Objection.objects.filter(round=round_).select_related("handled_by").order_by("pk")
    return [
        {
            "key": row.pk,
            "reviews": row.reviews_id,
            "nomination": row.nomination_id,
            **row_of(row, *shown),
            "text": hashed(row.text),
            "finding": hashed(row.finding),
        }
        for row in rows
    ]


def _awards(round_: Round) -> dict:
    awards = Award.objects.filter(round=round_).select_related("person", "section")
    taken = Revocation.objects.filter(award__round=round_, state=Revocation.State.APPROVED)
    return {
        "awards": [
            {
                "nomination": row.nomination_id,
                "star": row.star_id,
                **row_of(row, "person", "section", "number", "awarded_on"),
            }
            for row in awards.order_by("number")
        ],
        "revocations": [
            {
                "award": row.award.number,
                **row_of(row, "authority", "reason", "proposed_by", "decided_by", "decided_at"),
                "entries": len(row.entries),
            }
            for row in taken.select_related("award", "proposed_by", "decided_by")
        ],
    }


PARTS = {
    Nomination: "round",
    Meeting: "round",
    Box: "meeting__round",
    Minutes: "meeting__round",
    Award: "round",
    Publication: "round",
    Revocation: "award__round",
}


def _trail(round_: Round) -> list[dict]:
    """What was done to the round and its parts. Nothing of what is confidential, and by whom
    neither; not the readings and not the making of packages, so that the same round has the same
    package tomorrow."""
    parts = Q(object_type="stars.round", object_id=str(round_.pk))
    for model, path in PARTS.items():
        keys = model.objects.filter(**{path: round_}).values_list("pk", flat=True)
        parts |= Q(object_type=model._meta.label_lower, object_id__in=[str(pk) for pk in keys])
    rows = AuditEntry.objects.filter(parts).exclude(act__regex=ASIDE).order_by("pk")
    shown = ("at", "actor", "on_behalf_of", "act", "object_type", "object_id")
    return [
        row_of(row, *shown, "before", "after", "reason")
        for row in rows.select_related("actor", "on_behalf_of")
    ]


ASIDE = (
    r"^(objection|clearance|recusal|restriction|kin|archive)\."
    r"|\.(read|view|export|print|download|document)$"
)
