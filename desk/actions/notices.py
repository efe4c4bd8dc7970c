from django.db import transaction

from scheme import clock
from scheme.models import Notice, Staff


@transaction.atomic
def mark_read(*, by: Staff) -> int:
    """Marks all of one's own notices as read; returns how many were not."""
    return Notice.objects.filter(to=by, read_at=None).update(read_at=clock.now())
