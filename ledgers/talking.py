"""What may be shown of a talk's ratings, and to whom."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ledgers.models import Talk

# Fewer ratings than these are not kept, and of a workbook's not shown: among few, everybody knows
# whose is whose. The rule book has a minimum of its own besides, from which a talk counts.
FEWEST = 5


class Rated(NamedTuple):
    """`mean` is empty while the talk is open or when too few have rated."""

    number: int
    mean: Decimal | None = None


def rated(talk: Talk, envelopes: int) -> Rated:
    """The result of a talk. `envelopes`: how many have rated it here; a workbook brings values
    without."""
    values = talk.ratings if talk.state == Talk.State.HELD else []
    if len(values) < FEWEST:
        return Rated(envelopes or len(values))
    mean = (sum(values) / len(values)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Rated(len(values), mean)
