"""The fixed words of the ledgers as workbooks write them, and columns that several sheets have."""

from ledgers.models import Grade, Level
from scheme.imports import cells
from scheme.imports.sheets import Column

GRADES = {"好": Grade.GOOD, "较好": Grade.FAIR, "一般": Grade.PLAIN, "较差": Grade.POOR}
LEVELS = {"国家": Level.NATION, "省": Level.PROVINCE, "市": Level.CITY, "本级": Level.OWN}

people = cells.listing(cells.code)
sections = cells.listing(cells.code)
title = cells.at_most(500, cells.text)


def listed(head: str, read=people, *, spare: bool = False) -> Column:
    """A list that may be empty."""
    return Column(head, read, required=False, spare=spare, default=())
