"""What an edition of the publication says, by value: it must read the same in ten years.

Keys are only ever added. A body written before a key was there lacks it; whoever reads bodies asks
with `.get`.
"""

import copy
import re
from collections.abc import Iterable

from scheme import clock
from scheme.models import Star
from stars import publicity
from stars.actions.rounds import rules_of
from stars.models import Nomination, Revocation, Round

LINE = 60
COUNTS = ("entitled", "recused", "votes_for", "votes_against", "votes_abstain")


def first(
    round_: Round,
    decided: list[Nomination],
    upheld: set[int],
    lost: set[int],
    numbers: dict[int, str],
) -> dict:
    """`numbers`: of the awards, by nomination."""
    return {
        "unit": round_.unit.name,
        "half": round_.half,
        "edition": 1,
        "published_on": clock.today().isoformat(),
        "publicity": {
            "from": round_.publicity_from.isoformat(),
            "until": publicity.last_day(round_).isoformat(),
            "days": round_.publicity_days,
        },
        "rules": {
            "quorum": [round_.quorum_num, round_.quorum_den],
            "majority": [round_.majority_num, round_.majority_den],
            "recused_count_as_entitled": round_.recused_count_as_entitled,
            "seal": round_.seal,
            "book": str(round_.book) if round_.book else "",
            "book_digest": round_.book.digest if round_.book else "",
            "run_hash": round_.run.output_hash if round_.run else "",
            "whole": rules_of(round_),
        },
        "objections": _objections(round_),
        "stars": [
            {
                "key": star.key,
                "name": star.name,
                "sections": _winners(decided, numbers, star, "section"),
                "persons": _winners(decided, numbers, star, "person"),
            }
            for star in Star.objects.all()
        ],
        "counts": [
            _count(one, one.pk in upheld, one.pk in lost, numbers.get(one.pk, ""))
            for one in decided
        ],
        "changes": [],
    }


def later(last: dict, revocations: Iterable[Revocation], edition: int, reason: str) -> dict:
    """The edition before it, with these stars struck."""
    body, today = copy.deepcopy(last), clock.today().isoformat()
    struck = {
        one.award.number: {
            "on": clock.local(one.decided_at).date().isoformat(),
            "authority": one.authority,
        }
        for one in revocations
    }
    winners = [
        one
        for star in body["stars"]
        for part in (star["sections"], star["persons"])
        for one in part
    ]
    for one in (*winners, *body["counts"]):
        if one["number"] in struck:
            one["revoked"] = struck[one["number"]]
    change = {"edition": edition, "on": today, "reason": reason}
    return body | {
        "edition": edition,
        "published_on": today,
        "changes": [*body.get("changes", ()), change],
    }


def _objections(round_: Round) -> dict:
    """How many matters were raised, and what came of each in the end. No more is ever said."""
    outcomes = list(round_.objections.deciding().values_list("outcome", flat=True))
    return {
        "raised": round_.objections.originals().count(),
        "upheld": outcomes.count("upheld"),
        "dismissed": outcomes.count("dismissed"),
    }


def _winners(decided, numbers, star, kind) -> list[dict]:
    return [
        {
            "number": numbers[one.pk],
            "name": one.nominee.name,
            "section": one.section.name,
            "post": one.person.post if one.person else "",
            "line": first_sentence(one.statement),
            "statement": one.statement,
        }
        for one in decided
        if one.star_id == star.pk and one.kind == kind and one.pk in numbers
    ]


def _count(one: Nomination, upheld: bool, lost: bool, number: str) -> dict:
    branch, decision = one.branch_outcome, one.decision
    mean = None if branch.mean is None else str(branch.mean)
    box = decision.box
    return {
        "star": one.star.key,
        "kind": one.kind,
        "nominee": one.nominee.name,
        "section": one.section.name,
        "branch": {
            "name": one.branch.name if one.branch else "",
            "outcome": branch.outcome,
            "mean": mean,
            "given": branch.given,
        }
        | {name: getattr(branch, name) for name in COUNTS},
        "committee": {
            "present": decision.present,
            "passed": decision.passed,
            "votes_defer": decision.votes_defer,
            "deferred": decision.deferred,
            "secret": bool(box and box.secret),
            "turn": box.turn if box else 1,
        }
        | {name: getattr(decision, name) for name in COUNTS},
        "placed": decision.placed,
        "floating": decision.floating,
        "settled": decision.settled_reason,
        "objection_upheld": upheld,
        "lost": lost,
        "number": number,
    }


def first_sentence(text: str) -> str:
    """What stands under a name on the wall: the first sentence, kept short."""
    found = re.match(r"[^。！？!?；;\n]+[。！？]?", text.strip())
    line = found[0] if found else ""
    return line if len(line) <= LINE else line[: LINE - 1] + "…"
