"""What the honour wall shows: the newest edition of a round's result, in slides for a big screen
and in sheets for posters; and the stars won over the years.

Winners stand in the order of the office (sections, then people by rank weight), never by points. A
star that was revoked stays on the pages and says so; a screen or a poster honours those that stand
and says how many do not.
"""

import hashlib
from datetime import datetime
from math import ceil
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from scheme import periods
from stars.models import Award, Publication, Revocation

# Together at most on one slide or one sheet.
ON_SLIDE = 12
ON_POSTER = 28
# All five stars fit one slide with so many of each kind.
SECTIONS_AT_A_GLANCE, PERSONS_AT_A_GLANCE = 2, 3
SIZES = (1, 2, 3, 4, 6, 9, 12)


class Honour(NamedTuple):
    """A winner as published."""

    kind: str
    number: str
    name: str
    section: str
    post: str
    line: str
    revoked_at: datetime | None


class StarShown(NamedTuple):
    key: str
    name: str
    sections: list[Honour]
    persons: list[Honour]


class Slide(NamedTuple):
    """Of one star, the `part`th of `parts`; without a star all five at a glance."""

    star: StarShown | None
    honours: list[Honour]
    part: int = 1
    parts: int = 1

    @property
    def size(self) -> int:
        """How many places the grid has."""
        return next(size for size in SIZES if len(self.honours) <= size)


class Sheet(NamedTuple):
    star: StarShown
    honours: list[Honour]
    # few: with their deeds; some: with their sections; many: names and sections, small.
    crowd: str


class Wall(NamedTuple):
    publication: Publication
    stars: list[StarShown]
    # Changes when anything that is shown changes.
    edition: str

    @property
    def revoked(self) -> int:
        return sum(bool(one.revoked_at) for star in self.stars for one in _all(star))

    @property
    def standing(self) -> list[StarShown]:
        """The stars with those winners alone whom nothing has been taken from."""
        return [
            star._replace(
                sections=[one for one in star.sections if not one.revoked_at],
                persons=[one for one in star.persons if not one.revoked_at],
            )
            for star in self.stars
        ]


def newest(person) -> Publication | None:
    """The newest edition of the newest round that was published."""
    rows = Publication.objects.visible_to(person).select_related("round", "unit")
    return rows.order_by("-round__half", "-edition").first()


def of(publication: Publication) -> Wall:
    """One query beside the publication: which of its stars have been taken back."""
    gone = dict(
        Revocation.objects.filter(
            award__round=publication.round_id, state=Revocation.State.APPROVED
        ).values_list("award__number", "decided_at")
    )
    stars = [
        StarShown(
            star["key"],
            star["name"],
            [_honour("section", one, gone) for one in star["sections"]],
            [_honour("person", one, gone) for one in star["persons"]],
        )
        for star in publication.body["stars"]
    ]
    told = f"{publication.digest} {sorted(gone)}"
    return Wall(publication, stars, hashlib.sha256(told.encode()).hexdigest()[:16])


def _honour(kind: str, one: dict, gone: dict) -> Honour:
    texts = (one.get(name, "") for name in ("number", "name", "section", "post", "line"))
    return Honour(kind, *texts, gone.get(one["number"]))


def _all(star: StarShown) -> list[Honour]:
    return [*star.sections, *star.persons]


def _parted(honours: list[Honour], most: int) -> list[list[Honour]]:
    """In parts as equal as can be, none longer than `most`; at least one part."""
    parts = max(1, ceil(len(honours) / most))
    size, longer = divmod(len(honours), parts)
    found, at = [], 0
    for n in range(parts):
        until = at + size + (n < longer)
        found.append(honours[at:until])
        at = until
    return found


def slides(wall: Wall) -> list[Slide]:
    """All stars at a glance where they fit, then star by star."""
    shown = []
    for star in wall.standing:
        parts = _parted(_all(star), ON_SLIDE)
        shown += [Slide(star, part, at, len(parts)) for at, part in enumerate(parts, 1)]
    fits = all(
        len(star.sections) <= SECTIONS_AT_A_GLANCE and len(star.persons) <= PERSONS_AT_A_GLANCE
        for star in wall.standing
    )
    return [Slide(None, []), *shown] if fits and wall.stars else shown


def sheets(wall: Wall, *, by: str, star: str = "") -> list[Sheet]:
    """Posters: one a star, or one a winner; of one star where it is named."""
    chosen = [one for one in wall.standing if not star or one.key == star]
    if by == "winner":
        return [Sheet(one, [honour], "one") for one in chosen for honour in _all(one)]
    return [
        Sheet(one, part, _crowd(len(part)))
        for one in chosen
        for part in _parted(_all(one), ON_POSTER)
        if part
    ]


def _crowd(count: int) -> str:
    return "few" if count <= 3 else "some" if count <= 6 else "many"


# --- Over the years


def won(person) -> list[Award]:
    """Every star of the unit, the newest half-year first, in the order of the office; one query. A
    unit wins some dozens a year, so filters and groups are made of the whole.

    Each has its `half_name`, and `revoked_at` if it was taken back.
    """
    taken = Revocation.objects.filter(award=OuterRef("pk"), state=Revocation.State.APPROVED)
    rows = (
        Award.objects.visible_to(person)
        .select_related("star", "person", "section", "round")
        .annotate(revoked_at=Subquery(taken.values("decided_at")[:1]))
    )
    found = sorted(rows, key=_place)
    for award in found:
        award.half_name = periods.half_name(award.round.half)
    return sorted(found, key=lambda award: award.round.half, reverse=True)


def _place(award: Award) -> tuple:
    section, one = award.section, award.person
    return (
        award.star.position,
        (0, section.position, section.pk) if one is None else (1, one.sort_weight, one.pk),
    )


class Group(NamedTuple):
    """A half-year, a star in a half-year, or a winner: with what was won, in order."""

    title: str
    key: object
    awards: list[Award]


def by_half(awards: list[Award]) -> list[Group]:
    return _grouped(awards, lambda one: one.round.half, lambda one: one.half_name)


def by_star(awards: list[Award]) -> list[Group]:
    """Stars in their order, the newest winners first."""
    rows = sorted(awards, key=lambda one: one.star.position)
    return _grouped(rows, lambda one: one.star_id, lambda one: one.star.title)


def by_winner(awards: list[Award]) -> list[Group]:
    """Sections, then people, each in the order of the office: no table of who has most."""
    rows = sorted(awards, key=lambda one: _place(one)[1])
    return _grouped(rows, winner_of, lambda one: str(one.person or one.section))


def winner_of(award: Award) -> str:
    return f"p{award.person_id}" if award.person_id else f"s{award.section_id}"


def _grouped(awards, key, title) -> list[Group]:
    found: dict = {}
    for one in awards:
        found.setdefault(key(one), []).append(one)
    return [Group(title(rows[0]), value, rows) for value, rows in found.items()]
