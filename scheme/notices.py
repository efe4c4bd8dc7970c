"""Telling a person what happened to their matter: once per key, in the same transaction."""

from collections.abc import Iterable

from scheme import clock
from scheme.models import Notice


def tell(to, key: str, text: str, *, url: str = "", icon: str = "bell") -> None:
    """Tells one person. The same key is told once, however often the act is repeated."""
    tell_all([to], key, text, url=url, icon=icon)


def tell_all(people: Iterable, key: str, text: str, *, url: str = "", icon: str = "bell") -> None:
    at = clock.now()
    Notice.objects.bulk_create(
        [
            Notice(to=one, key=key, text=str(text)[:300], url=url, icon=icon, at=at)
            for one in people
        ],
        ignore_conflicts=True,
    )
