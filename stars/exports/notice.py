"""公示: who is to be awarded, for how long it is shown, and how to object."""

from scheme import clock, workdays
from scheme.exports import documents
from scheme.exports.gongwen import Block, Heading, Paragraph, Signed, Title, spelled
from stars.actions.stages import is_shortened
from stars.bodies import first_sentence
from stars.models import Nomination, Round

from . import wording

BLANK = "　　　　　　　　　　　　"


def title_of(round_: Round) -> str:
    return f"{wording.half_name(round_.half)}五星评定拟定名单公示"


def word(round_: Round, placed: list[Nomination], contact: str) -> bytes:
    """`placed` in the order they are shown; the same round gives the same bytes."""
    made = clock.at(round_.publicity_from)
    return documents.build(blocks(round_, placed, contact), title=title_of(round_), made=made)


def blocks(round_: Round, placed: list[Nomination], contact: str) -> list[Block]:
    sections = [one for one in placed if one.kind == "section"]
    persons = [one for one in placed if one.kind == "person"]
    half = wording.half_name(round_.half)
    made: list[Block] = [Title(title_of(round_))]
    if placed:
        made.append(
            Paragraph(
                f"根据本轮评星规则，经科室推星、支部评星、部务会定星，拟评定下列"
                f"{wording.places(len(sections), len(persons))}为{half}五星。"
                "为听取意见，现予公示。"
            )
        )
    else:
        made.append(
            Paragraph(f"经科室推星、支部评星、部务会定星，{half}五星没有拟定对象。现予公示。")
        )
    points = _counted(["拟评定的科室"] * bool(sections) + ["拟评定的个人"] * bool(persons))
    if sections:
        rows = [[_star(one), one.section.name, first_sentence(one.statement)] for one in sections]
        made += [Heading(next(points)), wording.of_sections(rows)]
    if persons:
        rows = [
            [
                _star(one),
                one.person.name,
                one.section.name,
                one.person.post,
                first_sentence(one.statement),
            ]
            for one in persons
        ]
        made += [Heading(next(points)), wording.of_persons(rows)]
    shown = bool(sections) + bool(persons)
    made += [Heading(f"{_ORDINALS[shown]}、公示时间"), *_time(round_)]
    made += [Heading(f"{_ORDINALS[shown + 1]}、提出异议"), *_objecting(contact)]
    return [*made, Signed(round_.unit.name, round_.publicity_from)]


_ORDINALS = "一二三四"


def _counted(texts: list[str]):
    return (f"{_ORDINALS[at]}、{text}" for at, text in enumerate(texts))


def _star(one: Nomination) -> str:
    return wording.of_star(one.star.name)


def _time(round_: Round) -> list[Block]:
    """The working days one by one, so that nobody counts another number."""
    first, last = round_.publicity_from, round_.publicity_until
    days = [day for day in workdays.between(first, last) if day > first]
    listed = "、".join(f"{day.month}月{day.day}日" for day in days)
    text = (
        f"自{spelled(first)}起，至{spelled(last)}18时止，共{len(days)}个工作日（{listed}）。"
        "公布当日和休息日、节假日不计入。"
    )
    found: list[Block] = [Paragraph(text)]
    if is_shortened(round_):
        found.append(Paragraph(f"本轮为演示，公示缩短为{round_.publicity_seconds}秒。"))
    return found


def _objecting(contact: str) -> list[Block]:
    return [
        Paragraph(
            "对名单有异议的，请在公示期内实名提出，说明具体事实，留下联系方式。可以在系统的公示页面"
            "提出，也可以来信、来访、来电。以单位名义反映的，须加盖单位印章；没有具体线索的匿名反映，"
            "一般不予受理。信函以邮戳为准。"
        ),
        Paragraph(f"受理方式：{contact or BLANK}"),
        Paragraph(
            "反映人的身份和反映的内容依规保密，由没有参加初审的人员核实，结果告知反映人。异议没有"
            "处理完的，不公布结果。"
        ),
    ]
