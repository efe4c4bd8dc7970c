"""Where a round and a nomination may go. The database refuses every other step (0002_guards)."""

from typing import NamedTuple

from stars.models import Meeting, Nomination, Round

R, N, M = Round.State, Nomination.State, Meeting.State


class Step(NamedTuple):
    to: str
    reason_required: bool = False


# The round goes forward by the clock, or by the personnel office with a reason.
ROUND_NEXT: dict[str, str] = {
    R.PREPARING: R.NOMINATING,
    R.NOMINATING: R.AT_BRANCH,
    R.AT_BRANCH: R.AT_COMMITTEE,
    R.AT_COMMITTEE: R.PUBLICITY,
    R.PUBLICITY: R.PUBLISHED,
}
ROUND_CANCELLABLE = (R.PREPARING, R.NOMINATING, R.AT_BRANCH, R.AT_COMMITTEE, R.PUBLICITY)

# (where it lies, what somebody does) → where it goes.
NOMINATION_STEPS: dict[tuple[str, str], Step] = {
    (N.DRAFT, "submit"): Step(N.SUBMITTED),
    (N.RETURNED, "submit"): Step(N.SUBMITTED),
    (N.DRAFT, "withdraw"): Step(N.WITHDRAWN),
    (N.RETURNED, "withdraw"): Step(N.WITHDRAWN),
    (N.SUBMITTED, "withdraw"): Step(N.WITHDRAWN),
    (N.SUBMITTED, "return"): Step(N.RETURNED, reason_required=True),
    (N.SUBMITTED, "to_branch"): Step(N.AT_BRANCH),
    (N.AT_BRANCH, "to_committee"): Step(N.AT_COMMITTEE),
    (N.AT_BRANCH, "close"): Step(N.CLOSED),
    (N.AT_COMMITTEE, "close"): Step(N.CLOSED),
}


def round_pairs() -> list[tuple[str, str]]:
    return [*ROUND_NEXT.items(), *((state, R.CANCELLED) for state in ROUND_CANCELLABLE)]


def nomination_pairs() -> list[tuple[str, str]]:
    return [(start, step.to) for (start, _move), step in NOMINATION_STEPS.items()]


def meeting_pairs() -> list[tuple[str, str]]:
    """One that was called and never begun ends as well, with its stage."""
    return [(M.CALLED, M.OPEN), (M.CALLED, M.CLOSED), (M.OPEN, M.CLOSED)]
