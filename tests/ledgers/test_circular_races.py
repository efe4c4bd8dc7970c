"""Two circulars issued at one moment, and one issued twice."""

from ledgers.actions import circular_steps as steps
from ledgers.models import Circular, SupervisionNote
from scheme.errors import Refused
from tests.ledgers.circular_world import department, signed


def test_numbers_have_no_gap_and_no_twin_and_nothing_is_issued_twice(race, clock):
    clock.set("2026-06-03 09:00")
    d = department()
    made = [signed(d, f"2026-0{n}") for n in range(1, 5)]

    def issue(circular, by):
        return lambda: steps.issue(circular.pk, mark="泽组通", version=2, by=by)

    calls = [issue(one, d.other) for one in made] + [issue(made[0], d.writer)]
    found = race(*calls)
    serials = list(Circular.objects.order_by("serial").values_list("serial", flat=True))
    assert serials == [1, 2, 3, 4]
    failed = [one for one in found if isinstance(one, Exception)]
    assert len(failed) == 1 and isinstance(failed[0], Refused), failed
    assert SupervisionNote.objects.count() == 4
