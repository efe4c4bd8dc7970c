"""The record of a branch's meeting as somebody may read it: what the secretary wrote, beside what
the program knows of seats, recusals and outcomes."""

from typing import NamedTuple

from scheme.models import Branch, Staff
from stars.models import BranchRecord, Nomination, Opinion, Recusal, Round, Seat
from stars.models.round import BranchMethod

State = Nomination.State
BEFORE_BRANCH = (State.AT_BRANCH, State.AT_COMMITTEE, State.CLOSED)


class Item(NamedTuple):
    nomination: Nomination
    recused: list[Staff]
    # None until the stage has ended.
    outcome: object


class Record(NamedTuple):
    """`withheld`: the reader stands back from something of it that is still being decided, so the
    words, which may speak of it, wait."""

    row: BranchRecord | None
    entitled: list[Staff]
    present: list[Staff]
    absent: list[Staff]
    items: list[Item]
    by_marks: bool
    withheld: bool


def of(round_: Round, branch: Branch, reader: Staff) -> Record:
    """A constant number of queries, whatever the number of items."""
    rows = BranchRecord.objects.visible_to(reader).select_related("host", "recorder", "by")
    row = rows.filter(round=round_, branch=branch).first()
    entitled = [seat.staff for seat in seats(round_, branch)]
    came = set(row.present if row else ())
    all_ = Nomination.objects.filter(round=round_, branch=branch, state__in=BEFORE_BRANCH)
    open_ = list(
        all_.open_to(reader)
        .select_related("star", "person", "section", "branch_outcome")
        .order_by("star__position", "kind", "pk")
    )
    back = _back(open_)
    return Record(
        row,
        entitled,
        [one for one in entitled if one.pk in came],
        [one for one in entitled if one.pk not in came],
        [Item(one, back.get(one.pk, []), getattr(one, "branch_outcome", None)) for one in open_],
        round_.branch_method == BranchMethod.MARKS,
        all_.count() > len(open_),
    )


def seats(round_: Round, branch: Branch) -> list[Seat]:
    rows = Seat.objects.filter(round=round_, body=Seat.Body.BRANCH, branch=branch)
    return list(rows.select_related("staff").order_by("staff__sort_weight", "staff__staff_no"))


def _back(nominations) -> dict[int, list[Staff]]:
    found: dict[int, list[Staff]] = {}
    rows = Recusal.objects.filter(
        nomination__in=nominations, body=Seat.Body.BRANCH, lifted_at=None
    ).select_related("staff")
    for one in rows.order_by("staff__sort_weight", "staff__staff_no"):
        found.setdefault(one.nomination_id, []).append(one.staff)
    return found


def gave(round_: Round, branch: Branch) -> set[int]:
    """Who has judged something of the branch: the first guess at who came."""
    rows = Opinion.objects.filter(nomination__round=round_, nomination__branch=branch)
    return set(rows.values_list("by_id", flat=True))


def draft(host: Staff, record: Record) -> str:
    """The first words of a record, which is Chinese for every reader. No figure is in it that the
    table beside it has."""
    way = "打分" if record.by_marks else "表决"
    return "\n".join(
        [
            f"会议由{host.name}同志主持，按本轮评星规则，对提交本支部的提名逐项评议，以{way}方式提出意见。",
            "依规定须回避的同志没有参加相应提名的评议。",
            "经评议，各项提名的意见见评议情况。",
        ]
    )
