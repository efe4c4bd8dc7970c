"""Rules of a round, drawn from the seed, and how they are handed to the product."""

from stars.models import Quota, Round
from tests.flows.simulator.oracle import Rules

STARS = ("xue", "ye", "xin")


def draw(rng) -> Rules:
    order = rng.sample(["branch", "score", "deductions", "tasks"], rng.randrange(0, 4))
    return Rules(
        quorum=rng.choice([(1, 2), (2, 3)]),
        majority=(1, 2),
        recused_count=rng.random() < 0.5,
        method=rng.choice(["votes", "marks"]),
        trimmed=rng.random() < 0.5,
        leaders_weight=rng.choice([0, 40]),
        agreed_from=80,
        against_below=rng.choice([60, 70]),
        secret=rng.random() < 0.7,
        recusals=tuple(rng.sample(["head", "member", "same_section", "charge", "nominator"], 3)),
        tie_order=tuple(order),
        tie_last=rng.choice(["chair", "chair", "empty"]),
        floating={"person": rng.randrange(2), "section": rng.randrange(2)},
        places=rng.choice([1, 1, 2]),
        per_section=1,
    )


def as_planned(round_: Round, rules: Rules) -> dict:
    """What `rounds.plan` takes. Only three of the five stars have places."""
    quotas = {}
    for row in Quota.objects.filter(round=round_):
        places = rules.places if row.star_id in STARS else 0
        quotas[row.star_id, row.kind] = (places, rules.per_section if places else 0)
    return {
        "dates": {
            name: getattr(round_, name)
            for name in ("nominate_until", "branch_until", "committee_until")
        },
        "quotas": quotas,
        "quorum": rules.quorum,
        "majority": rules.majority,
        "publicity_days": 3,
        "recused_count_as_entitled": rules.recused_count,
        "rules": {
            "branch_method": rules.method,
            "trimmed": rules.trimmed,
            "leaders_weight": rules.leaders_weight,
            "agreed_from": rules.agreed_from,
            "against_below": rules.against_below,
            "secret": rules.secret,
            "recusals": list(rules.recusals),
            "tie_order": list(rules.tie_order),
            "tie_last": rules.tie_last,
            "floating_persons": rules.floating["person"],
            "floating_sections": rules.floating["section"],
            "bar_probation": True,
        },
    }
