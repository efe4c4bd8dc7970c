"""通报 of a round's result: made from the frozen publication, with what was revoked since said."""

from scheme.exports import documents
from scheme.exports.gongwen import (
    Addressed,
    Block,
    Heading,
    Imprint,
    Letterhead,
    Paragraph,
    Signed,
    Title,
    numbered,
    spelled,
)
from stars.models import Publication, Revocation

from . import wording


def title_of(publication: Publication) -> str:
    return f"关于{wording.half_name(publication.body['half'])}五星评定结果的通报"


def word(publication: Publication, revoked: list[Revocation], *, mark: str) -> bytes:
    """`mark`: 文号 without year and number, which are given when it is issued."""
    content = blocks(publication, revoked, mark=mark)
    made = publication.published_at
    return documents.build(content, title=title_of(publication), made=made)


def blocks(publication: Publication, revoked: list[Revocation], *, mark: str) -> list[Block]:
    body, day = publication.body, wording.local_day(publication.published_at)
    gone = {row.award.number for row in revoked}
    half = wording.half_name(body["half"])
    sections = [(star, one) for star in body["stars"] for one in star["sections"]]
    persons = [(star, one) for star in body["stars"] for one in star["persons"]]
    made: list[Block] = [
        Letterhead(body["unit"], numbered(mark, day.year, None)),
        Title(title_of(publication)),
        Addressed("各科室"),
    ]
    if not sections and not persons:
        made.append(Paragraph(f"{_course(body)}{half}五星没有评定对象。特此通报。"))
        return [*made, Signed(body["unit"], day), Imprint("", body["unit"], day)]
    made.append(
        Paragraph(
            f"{_course(body)}现评定{wording.places(len(sections), len(persons))}为{half}五星，"
            "予以通报。"
        )
    )
    points = iter("一二")
    if sections:
        rows = [
            [one["number"], wording.of_star(star["name"]), _name(one, gone), one["line"]]
            for star, one in sections
        ]
        made += [Heading(f"{next(points)}、科室"), wording.of_sections(rows, "编号")]
    if persons:
        rows = [
            [
                one["number"],
                wording.of_star(star["name"]),
                _name(one, gone),
                one["section"],
                one["post"],
                one["line"],
            ]
            for star, one in persons
        ]
        made += [Heading(f"{next(points)}、个人"), wording.of_persons(rows, "编号")]
    if revoked:
        made.append(Paragraph(_taken_back(revoked)))
    made.append(
        Paragraph(
            "希望获评的科室和同志再接再厉，各科室和全体同志对照先进找差距，继续发扬“安专迷、质速效”"
            "的部风，把各项工作做得更好。"
        )
    )
    return [*made, Signed(body["unit"], day), Imprint("", body["unit"], day)]


def _name(one: dict, gone: set[str]) -> str:
    return f"{one['name']}（已撤销）" if one["number"] in gone else one["name"]


def _course(body: dict) -> str:
    shown, raised = body["publicity"], body["objections"]
    found = (
        f"收到异议{raised['raised']}条，成立{raised['upheld']}条，均已处理"
        if raised["raised"]
        else "没有收到异议"
    )
    return (
        f"经科室推星、支部评星、部务会定星，{wording.iso(shown['from'])}至"
        f"{wording.iso(shown['until'])}公示，{found}。"
    )


def _taken_back(revoked: list[Revocation]) -> str:
    """Nothing that was taken back is printed as if it stood."""
    texts = []
    for row in revoked:
        award, day = row.award, wording.local_day(row.decided_at)
        who, star = award.person or award.section, wording.of_star(award.star.name)
        texts.append(f"{who.name}的{star}（{award.number}）已于{spelled(day)}撤销")
    return f"{'；'.join(texts)}，不再使用该称号。"
