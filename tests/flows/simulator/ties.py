"""Who stands back from what, told from the world and not from the product's tables."""

from datetime import date

from tests.flows.simulator.oracle import Item, Rules
from tests.flows.simulator.world import World


def in_branch(w: World, item: Item, rules: Rules, day: date) -> set[int]:
    kinds = {"own", "kin", *rules.recusals} & {"own", "kin", "head", "nominator"}
    return _tied(w, item, kinds, day)


def in_committee(w: World, item: Item, rules: Rules, day: date) -> set[int]:
    return _tied(w, item, {"own", "kin", *rules.recusals}, day)


def _tied(w: World, item: Item, kinds: set[str], day: date) -> set[int]:
    found = set()
    if "own" in kinds and item.person:
        found.add(item.person)
    if "kin" in kinds and item.person:
        found |= {other for pair in w.kin if item.person in pair for other in pair - {item.person}}
    if "head" in kinds and not item.person:
        found.add(w.chief[item.section].pk)
    if "member" in kinds and not item.person:
        found |= {one.pk for one in w.members(item.section, day)}
    if "same_section" in kinds and item.person:
        found |= {one.pk for one in w.members(item.section, day)}
    if "charge" in kinds:
        found.add(w.leader[item.section].pk)
    if "nominator" in kinds:
        found.add(item.by)
    return found


def leads(w: World) -> set[int]:
    """Whose points are those of leaders."""
    heads = {*w.chief.values(), *w.leader.values(), *w.committee, *w.secretaries.values()}
    return {one.pk for one in heads}
