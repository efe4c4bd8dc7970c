"""Which clause of which regulation a scoring rule rests on.

A tier's 依据 is free text: 《考核办法》第十三条第一款, or 第十三条第一款 alone, which means the
one regulation the unit has marked for it. It is resolved for a day, so that a rule book goes on
citing what was in force when it began, and changes since are told.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clauses, clock
from scheme.models import Clause, Regulation, RegulationVersion, Unit
from scoring.models import RuleBook, Tier

CITED = re.compile(
    rf"(?:《(?P<title>[^《》]+)》)?\s*第(?P<number>{clauses.N})条"
    rf"(?:之(?P<sub>{clauses.N}))?(?:第(?P<part>{clauses.N})款)?"
)
HOLDS, CHANGED, GONE, UNKNOWN = "holds", "changed", "gone", "unknown"


class Cited(NamedTuple):
    """A clause named in a text; `title` is empty where none is written."""

    title: str
    number: int
    sub: int
    part: int


class Found(NamedTuple):
    """What became of it: `state` one of the four above; without a clause there is no url."""

    state: str
    why: str
    url: str = ""
    regulation: Regulation | None = None
    clause: Clause | None = None


def read(text: str) -> Cited | None:
    """The first clause a text names; a title holds for what follows it."""
    found = CITED.search(text)
    if found is None:
        return None
    number, sub, part = (
        clauses.number_of(found[name]) if found[name] else 0 for name in ("number", "sub", "part")
    )
    return Cited((found["title"] or "").strip(), number, sub, part)


class Library:
    """A unit's approved texts of two days, read once: the day of citing, and today."""

    def __init__(self, unit: Unit | int, day: date, today: date | None = None):
        self.then = self._held(unit, day)
        self.now = self._held(unit, today or clock.today())
        self.clauses: dict[int, dict[tuple[int, int], Clause]] = {}
        versions = {one.pk for one in (*self.then.values(), *self.now.values())}
        rows = Clause.objects.filter(regulation_version__in=versions, kind=Clause.Kind.CLAUSE)
        for one in rows.defer("grams"):
            held = self.clauses.setdefault(one.regulation_version_id, {})
            held[one.number, one.sub] = one

    @staticmethod
    def _held(unit, day: date) -> dict[str, RegulationVersion]:
        """By title, and under the empty title the one that is meant where none is named."""
        found = {}
        rows = RegulationVersion.objects.in_force(day).filter(regulation__unit=unit)
        for version in rows.select_related("regulation").defer("text"):
            found[version.regulation.title] = version
            if version.regulation.cited_bare:
                found[""] = version
        return found

    def resolve(self, text: str) -> Found | None:
        """None where a text names no clause at all."""
        cited = read(text)
        if cited is None:
            return None
        version = self.then.get(cited.title) or self.now.get(cited.title)
        if version is None:
            why = _("制度库里没有施行中的《%(title)s》。") % {"title": cited.title}
            return Found(
                UNKNOWN, why if cited.title else _("没有写制度名称，也没有设默认引用的制度。")
            )
        clause = self._clause(version, cited)
        if clause is None:
            why = _("%(title)s里没有这一条。") % {"title": version.regulation}
            return Found(UNKNOWN, why, regulation=version.regulation)
        page = reverse("scoring:regulation_detail", args=[version.regulation_id])
        url = f"{page}?version={version.number}#{clause.anchor_id}"
        if cited.part:
            url += f"-k{cited.part}"
        return Found(*self._since(version, clause, cited), url, version.regulation, clause)

    def _clause(self, version, cited: Cited) -> Clause | None:
        clause = self.clauses.get(version.pk, {}).get((cited.number, cited.sub))
        if clause and cited.part > len(clauses.paragraphs(clause.text)):
            return None
        return clause

    def _since(self, version, clause: Clause, cited: Cited) -> tuple[str, str]:
        now = self.now.get(cited.title)
        if now is None:
            return GONE, _("%(title)s已经废止。") % {"title": version.regulation}
        if now.pk == version.pk:
            return HOLDS, ""
        newer = self._clause(now, cited)
        form = {"title": version.regulation, "number": now.number}
        if newer is None:
            return GONE, _("%(title)s第%(number)s版里没有这一条了。") % form
        if newer.text != clause.text:
            return CHANGED, _("%(title)s第%(number)s版改了这一条。") % form
        return HOLDS, ""


def day_of(book: RuleBook) -> date:
    """Of a book that is still a draft, today."""
    return book.in_force_from or clock.today()


class Use(NamedTuple):
    """Rules of the book in force that rest on one clause."""

    clause: str
    codes: list[str]
    found: Found


def uses(book: RuleBook | None, today: date | None = None) -> list[Use]:
    """Every text the rules of a book cite, with what it resolves to."""
    if book is None:
        return []
    codes: dict[str, list[str]] = {}
    tiers = Tier.objects.filter(rule__book=book).exclude(clause="").select_related("rule")
    for tier in tiers.order_by("rule__position", "position"):
        listed = codes.setdefault(tier.clause, [])
        if tier.rule.code not in listed:
            listed.append(tier.rule.code)
    library = Library(book.unit_id, day_of(book), today)
    resolved = ((text, library.resolve(text)) for text in codes)
    return [Use(text, codes[text], found) for text, found in resolved if found]


def of_regulation(found: Iterable[Use], regulation: Regulation) -> dict[tuple[int, int], list[str]]:
    """Rule codes by (number, sub) of the clause they rest on."""
    listed: dict[tuple[int, int], list[str]] = {}
    for use in found:
        if use.found.clause and use.found.regulation == regulation:
            of_clause = listed.setdefault((use.found.clause.number, use.found.clause.sub), [])
            of_clause += [code for code in use.codes if code not in of_clause]
    return listed


def broken(found: Iterable[Use]) -> list[Use]:
    """What the personnel office has to look at: clauses gone or changed since, or not found."""
    return [use for use in found if use.found.state != HOLDS]
