"""Telling a person what happened to their matter: once per key, in the same transaction."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import translation

from scheme import clock
from scheme.models import Notice

# Makes the text in the language that is active when it is called.
Say = Callable[[], str]
LONGEST = 300


class Told(NamedTuple):
    """A text for one person, where many are told something of their own at once."""

    to: Any
    key: str
    say: Say
    url: str = ""


def tell(to, key: str, say: Say, *, url: str = "", icon: str = "bell") -> None:
    """Tells one person. The same key is told once, however often the act is repeated."""
    tell_all([to], key, say, url=url, icon=icon)


def tell_all(people: Iterable, key: str, say: Say, *, url: str = "", icon: str = "bell") -> None:
    """`say` is called once for each language: the reader's need not be the actor's."""
    people = list(people)
    if not people:
        return
    at, texts = clock.now(), _in_every_language(say)
    text = texts.pop(settings.LANGUAGE_CODE)
    Notice.objects.bulk_create(
        [
            Notice(to=one, key=key, text=text, spoken=texts, url=url, icon=icon, at=at)
            for one in people
        ],
        ignore_conflicts=True,
    )


def tell_each(told: Iterable[Told], *, icon: str = "bell") -> None:
    """To each their own text, in one statement however many they are."""
    at, rows = clock.now(), []
    for one in told:
        texts = _in_every_language(one.say)
        text = texts.pop(settings.LANGUAGE_CODE)
        rows.append(
            Notice(to=one.to, key=one.key, text=text, spoken=texts, url=one.url, icon=icon, at=at)
        )
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _in_every_language(say: Say) -> dict[str, str]:
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[code] = str(say())[:LONGEST]
    return texts
