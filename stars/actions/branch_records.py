"""The record of the branch's meeting: written by its secretary, put right until the round is
decided."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Branch
from stars import recording
from stars.exports import branch_record as paper
from stars.models import BranchRecord, Round, Seat

MAX_PLACE, MAX_TEXT = 60, 5000


@transaction.atomic
def save(
    round_pk: int,
    branch_pk: int,
    *,
    by,
    seen: int | None,
    held_on: date,
    place: str,
    host: int,
    recorder: int,
    present: set[int],
    text: str,
) -> BranchRecord:
    """Writes it, or writes it anew. `seen` is the page's version; None where there was none."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=round_pk)
    branch = Branch.objects.get(pk=branch_pk, unit=round_.unit)
    access.require(
        by, "branch.record", Anchor(round_.unit_id, branch_id=branch.pk, state=round_.state)
    )
    place, text = place.strip(), text.strip()
    members = set(
        Seat.objects.filter(round=round_, body=Seat.Body.BRANCH, branch=branch).values_list(
            "staff_id", flat=True
        )
    )
    if not members:
        raise Refused(_("本支部这一轮没有提名，不用写会议记录。"))
    _check(round_, members, held_on, place, host, recorder, present, text)
    row = BranchRecord.objects.filter(round=round_, branch=branch).first()
    if (row.version if row else None) != seen:
        raise Stale(_("会议记录刚刚有人改过，请看过再改。"))
    before = _facts(row) if row else {}
    row = row or BranchRecord(round=round_, branch=branch, version=-1)
    row.held_on, row.place, row.text = held_on, place, text
    row.host_id, row.recorder_id, row.present = host, recorder, sorted(present)
    row.by, row.at, row.version = by, clock.now(), row.version + 1
    row.save()
    audit.record(by, "branch.record", row, before=before, after=_facts(row), unit=round_.unit)
    return row


def _check(round_, members, held_on, place, host, recorder, present, text) -> None:
    began = round_.moves.filter(to_state=Round.State.AT_BRANCH).order_by("pk").first()
    if held_on > clock.today():
        raise Refused(_("会议日期不能晚于今天。"), field="held_on")
    if began and held_on < clock.local(began.at).date():
        raise Refused(_("会议日期早于支部评星开始的日期。"), field="held_on")
    if not place or len(place) > MAX_PLACE:
        raise Refused(_("请填地点，60字以内。"), field="place")
    if not present or not present <= members:
        raise Refused(_("请勾选到会的同志。"), field="present")
    if host not in present:
        raise Refused(_("主持人须是到会的同志。"), field="host")
    if recorder not in present:
        raise Refused(_("记录人须是到会的同志。"), field="recorder")
    if not text:
        raise Refused(_("请写会议情况。"), field="text")
    if len(text) > MAX_TEXT:
        raise Refused(_("会议情况请写在5000字以内。"), field="text")


def _facts(row: BranchRecord) -> dict:
    return {
        "held_on": row.held_on.isoformat(),
        "place": row.place,
        "host": row.host_id,
        "recorder": row.recorder_id,
        "present": row.present,
        "text": row.text,
    }


@transaction.atomic
def word(round_pk: int, branch_pk: int, *, by) -> bytes:
    """The record as a Word file, as `by` may read it; each that goes out leaves a line."""
    rows = BranchRecord.objects.visible_to(by).select_related("round__unit", "branch")
    row = rows.get(round=round_pk, branch=branch_pk)
    content = paper.word(row.round, row.branch, recording.of(row.round, row.branch, by))
    audit.record(by, "branch.export", row, after={"format": "docx"}, unit=row.round.unit)
    return content
