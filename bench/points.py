"""Posting and scorecards against the same sums written by hand as SQL: ratios in one run.

    make bench                                    1,000 and 10,000 people
    make bench ARGS="1000 10000 100000"           the full dose (an hour, 20 GB of disk)

Both sides run on the same server over the same facts, in turn. Units have a thousand people, as
departments are the shard: ours goes unit by unit as the worker does, the hand-written one takes all
units at once. Equal results are checked before any figure is printed. The growth is the exponent
between neighbouring sizes (1.0 is linear).
"""

import math
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from config.embedded import UNSAFE_BUT_FAST, services
from config.local import secret_key

COMPARE = """
SELECT count(*), count(h.score), sum(abs(c.score - h.score)), sum(abs(c.place - h.place))
FROM scoring_scorecard c
JOIN scoring_scorerun r ON r.id = c.run_id AND r.unit_id = ANY(%(units)s)
LEFT JOIN hand_card h ON COALESCE(h.person_id, -h.section_id) = COALESCE(c.person_id, -c.section_id)
    AND COALESCE(h.star, '') = COALESCE(c.star_id, '')
"""


def main(sizes: list[int]) -> int:
    scratch = Path(tempfile.mkdtemp(prefix="liangxing-bench-"))
    os.environ.setdefault("SECRET_KEY", secret_key())
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    try:
        with services(scratch, os.environ, options=UNSAFE_BUT_FAST) as found:
            os.environ.update(found)
            return measure(sizes)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def measure(sizes: list[int]) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    past = None
    print(
        f"{'people':>8} {'entries':>10} {'ours s':>9} {'by hand s':>10} {'ratio':>6} {'growth':>7}"
    )
    for size in sizes:
        ours, hand, entries = one_size(size)
        growth = math.log(ours / past[1]) / math.log(size / past[0]) if past else float("nan")
        figures = f"{ours:>9.2f} {hand:>10.2f} {ours / hand:>6.2f} {growth:>7.2f}"
        print(f"{size:>8} {entries:>10} {figures}", flush=True)
        past = (size, ours)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of this process at its highest: {memory:.0f} MB")
    return 0


def one_size(size: int) -> tuple[float, float, int]:
    """Seconds of ours, seconds by hand, number of entries."""
    from django.db import connection

    from bench import by_hand, department
    from scoring.actions import posting, runs

    share = min(size, department.A_UNIT)
    units = [department.build(f"{size}-{n}", share) for n in range(size // share)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        span = {
            "first": department.FIRST,
            "until": department.UNTIL,
            "units": [unit.pk for unit in units],
        }
        cursor.execute(by_hand.TABLES)
        start = time.perf_counter()
        cursor.execute(by_hand.ENTRIES, span)
        cursor.execute(by_hand.CARDS)
        hand = time.perf_counter() - start
        last = department.UNTIL.replace(month=6, day=30)
        start = time.perf_counter()
        for unit in units:
            posting.settle(unit, department.FIRST, last)
            runs.score(unit, "2026H1", by=None)
        ours = time.perf_counter() - start
        cursor.execute("SELECT count(*) FROM hand_entry")
        (entries,) = cursor.fetchone()
        cursor.execute(COMPARE, span)
        cards, matched, apart, places = cursor.fetchone()
    if not cards or cards != matched or apart or places:
        raise SystemExit(f"the two do not agree: {cards} {matched} {apart} {places}")
    return ours, hand, entries


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]] or [1_000, 10_000]))
