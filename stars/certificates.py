"""What a certificate says: taken from the edition in which the star was first published, so that it
says the same whenever it is printed."""

import hashlib
from typing import NamedTuple

from stars.bodies import first_sentence
from stars.models import Award, Publication

CODE = 16


class Certificate(NamedTuple):
    number: str
    unit: str
    half: str
    # "section" or "person".
    kind: str
    name: str
    section: str
    post: str
    line: str
    star: str
    # The day of the award, ISO.
    awarded_on: str
    code: str
    # Printed to be kept with the papers of a star that was taken back.
    revoked: bool = False


def code_of(publication: Publication, number: str) -> str:
    """What a reader compares with the award's page: of everything published, and this number."""
    whole = hashlib.sha256(f"{publication.digest}:{number}".encode()).hexdigest()
    code = whole[:CODE].upper()
    return "-".join(code[at : at + 4] for at in range(0, CODE, 4))


def of(award: Award, publication: Publication, *, revoked: bool = False) -> Certificate:
    """`publication`: the first edition of the award's round. Wants the award's star, person,
    section, unit and nomination."""
    kind = "person" if award.person_id else "section"
    said = _said(publication.body, award.number) or {
        "name": (award.person or award.section).name,
        "section": award.section.name,
        "post": award.person.post if award.person else "",
        "line": first_sentence(award.nomination.statement),
    }
    return Certificate(
        number=award.number,
        unit=publication.body["unit"],
        half=publication.body["half"],
        kind=kind,
        name=said["name"],
        section=said["section"],
        post=said["post"],
        line=said["line"],
        star=f"{award.star.name}之星",
        awarded_on=award.awarded_on.isoformat(),
        code=code_of(publication, award.number),
        revoked=revoked,
    )


def _said(body: dict, number: str) -> dict | None:
    for star in body["stars"]:
        for one in (*star["sections"], *star["persons"]):
            if one["number"] == number:
                return one
    return None
