"""What the branches and the committee did, for the package: seats, opinions, meetings, ballots,
counts. Opinions of the branch and secret ballots stand there without names."""

from stars.archive.values import COUNTS, row_of, rows_of
from stars.models import (
    Box,
    BranchRecord,
    Decision,
    Meeting,
    Nomination,
    Opinion,
    Round,
    Settlement,
)


def branch(round_: Round) -> dict:
    """Opinions without names: what they come to can be counted again, and no more."""
    seats = round_.seats.filter(body="branch").select_related("staff", "branch")
    leads = {seat.staff_id: seat.leads for seat in seats}
    given: dict[int, list] = {}
    for one in Opinion.objects.filter(nomination__round=round_):
        what = {"mark": one.mark, "points": one.points, "leads": leads.get(one.by_id, False)}
        given.setdefault(one.nomination_id, []).append(what)
    outcomes = []
    rows = Nomination.objects.filter(round=round_, branch_outcome__isnull=False)
    for one in rows.select_related("branch_outcome").order_by("pk"):
        outcomes.append(
            {
                "nomination": one.pk,
                **row_of(one.branch_outcome, *COUNTS, "mean", "given", "outcome", "at"),
                "opinions": sorted(given.get(one.pk, []), key=lambda row: str(sorted(row.items()))),
            }
        )
    return {
        "seats": sorted(
            ({"branch": seat.branch.name, **row_of(seat, "staff")} for seat in seats),
            key=lambda row: (row["branch"], row["staff"]["no"]),
        ),
        "recused": _recused(round_, "branch"),
        "outcomes": outcomes,
        "records": [
            row_of(row, "branch", "held_on", "place", "host", "recorder", "text", "by", "at")
            | {"present": len(row.present)}
            for row in BranchRecord.objects.filter(round=round_).select_related(
                "branch", "host", "recorder", "by"
            )
        ],
    }


def _recused(round_: Round, body: str) -> list[dict]:
    rows = round_.recusals_of.filter(body=body).select_related("staff", "by", "lifted_by")
    return [
        {"nomination": row.nomination_id, **row_of(row, "staff", "by", "at", "lifted_at")}
        for row in rows
    ]


def sitting(round_: Round) -> dict:
    meetings = Meeting.objects.filter(round=round_).select_related(
        "chair", "recorder", "scrutineer", "teller", "opened_by", "closed_by", "minutes"
    )
    boxes = (
        Box.objects.filter(meeting__round=round_)
        .select_related("meeting", "opened_by", "closed_by")
        .prefetch_related("electors__staff", "ballots", "votes__by")
        .order_by("pk")
    )
    people = ("chair", "recorder", "scrutineer", "teller")
    course = ("opened_at", "opened_by", "closed_at", "closed_by", "adjourned_why")
    return {
        "seats": rows_of(
            round_.seats.filter(body="committee").order_by("staff__staff_no"), "staff", "chairs"
        ),
        "recused": _recused(round_, "committee"),
        "meetings": [
            {
                **row_of(one, "number", "state", "held_on", "place", *people, *course),
                "attendance": rows_of(one.attendance.all(), "staff", "kind", "reason", "by", "at"),
                "written": [
                    {"nomination": row.nomination_id, **row_of(row, "staff", "text", "by", "at")}
                    for row in one.written.select_related("staff", "by")
                ],
                "minutes": _minutes(one),
            }
            for one in meetings
        ],
        "boxes": [_box(one) for one in boxes],
    }


def _minutes(meeting: Meeting) -> dict | None:
    if not hasattr(meeting, "minutes"):
        return None
    shown = ("body", "text", "confirmed_by", "confirmed_at", "digest")
    return row_of(meeting.minutes, *shown)


def _box(box: Box) -> dict:
    """What a secret ballot held, in the order of the choices; an open one by name."""
    shown = ("turn", "secret", "state", "opened_at", "opened_by", "closed_at", "closed_by")
    found = {
        "key": box.pk,
        "meeting": box.meeting.number,
        "nomination": box.nomination_id,
        **row_of(box, *shown, *COUNTS, "present", "votes_defer", "digest", "void_why"),
        "reconsiders": box.reconsiders_id,
        "reconsidered_why": box.reconsidered_why,
        "supporters": len(box.supporters),
        "electors": sorted(
            (
                row_of(row, "staff", "standing", "presides", "has_voted")
                for row in box.electors.all()
            ),
            key=lambda row: row["staff"]["no"],
        ),
    }
    if box.secret:
        return found | {"ballots": [row_of(row, "number", "choice") for row in box.ballots.all()]}
    votes = sorted((row_of(row, "by", "choice") for row in box.votes.all()), key=_number_of_voter)
    return found | {"votes": votes}


def _number_of_voter(row: dict) -> str:
    return row["by"]["no"]


def decisions(round_: Round) -> dict:
    shown = (*COUNTS, "present", "votes_defer", "passed", "deferred", "placed", "floating")
    rows = Decision.objects.filter(nomination__round=round_).select_related("settled_by")
    return {
        "decisions": [
            {
                "nomination": row.nomination_id,
                "box": row.box_id,
                **row_of(row, *shown, "settled_by", "settled_reason", "at"),
            }
            for row in rows.order_by("nomination_id")
        ],
        "settlements": [
            {"star": row.star_id, **row_of(row, "kind", "winners", "by", "reason", "at")}
            for row in Settlement.objects.filter(round=round_).select_related("by")
        ],
    }
