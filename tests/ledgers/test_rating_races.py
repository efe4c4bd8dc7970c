"""A rating that was acknowledged counts, one that was refused does not, whoever closes when."""

from decimal import Decimal

import pytest

from ledgers.actions import ratings
from ledgers.models import RatingEnvelope, Talk
from scheme.errors import Refused
from tests.factories import again, make_department
from tests.ledgers.study_world import keeper, listeners, opened


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-03-05 17:30")
    return make_department()


def test_rating_while_closing_and_twice_at_once(race, d, clock):
    row = opened(d)
    early, late = listeners(d, row.speaker_id)[:6], listeners(d, row.speaker_id)[6:10]
    # Six at once, the first of them twice.
    results = race(
        *(lambda one=one: ratings.rate(row.pk, Decimal(90), by=again(one)) for one in early),
        lambda: ratings.rate(row.pk, Decimal(10), by=again(early[0])),
    )
    refused = [one for one in results if one is not None]
    assert len(refused) == 1 and isinstance(refused[0], Refused)
    assert RatingEnvelope.objects.count() == 6

    # The time is over for the closings while the last ones rate.
    Talk.objects.update(rating_ends_at="2026-03-05T09:30:01Z")
    clock.set("2026-03-05 17:30:01")
    results = race(
        lambda: ratings.shut(row.pk, version=row.version, by=again(keeper(d))),
        lambda: ratings.shut(row.pk, version=row.version, by=None),
        *(lambda one=one: ratings.rate(row.pk, Decimal(50), by=again(one)) for one in late),
    )
    assert sum(isinstance(one, Talk) for one in results[:2]) == 1
    assert all(one is None or isinstance(one, Refused) for one in results[2:]), results
    row.refresh_from_db()
    assert row.state == Talk.State.HELD
    counted = [one for one in results[2:] if one is None]
    assert len(row.ratings) == 6 + len(counted) == row.envelopes.count()
    assert not row.envelopes.exclude(sealed=None).exists() and row.locked_key is None
