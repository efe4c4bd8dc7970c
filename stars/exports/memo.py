"""请示: what the personnel office puts before the committee: who was nominated, what the branches
say, how many places there are, and what is asked."""

from collections import Counter

from django.utils import translation

from scheme.exports import documents
from scheme.exports.gongwen import (
    Addressed,
    Annex,
    Block,
    Enclosures,
    Heading,
    Paragraph,
    Signed,
    Table,
    Title,
    spelled,
)
from scheme.models import Star
from stars import ruling
from stars.models import Nomination, Quota, Round

from . import wording

ROWS = "提请审定的各项"


def title_of(round_: Round) -> str:
    return f"关于提请审定{wording.half_name(round_.half)}五星的请示"


def word(
    round_: Round,
    asked: list[Nomination],
    nominated: list[Nomination],
    *,
    office: str,
    partial: bool,
) -> bytes:
    """`asked`: what comes before the committee, of all that were `nominated`. `partial`: its maker
    stands back from some, which are left out of both."""
    content = blocks(round_, asked, nominated, office=office, partial=partial)
    return documents.build(content, title=title_of(round_), made=round_.opened_at)


def blocks(round_, asked, nominated, *, office: str, partial: bool) -> list[Block]:
    quotas = sorted(
        round_.quotas.select_related("star"),
        key=lambda quota: (quota.star.position, quota.kind != "section"),
    )
    half = wording.half_name(round_.half)
    made: list[Block] = [
        Title(title_of(round_)),
        Addressed("部务会"),
        Paragraph(
            f"{half}评星已经科室推星、支部评星，现将有关情况报告如下，"
            f"并提请审定{len(asked)}项提名。"
        ),
        Heading("一、推荐和评议情况"),
        Paragraph(_course(round_, nominated)),
        Paragraph(_branches(round_, nominated)),
        _by_star(nominated, asked),
        Heading("二、名额"),
        *_arithmetic(round_, quotas, asked),
        Heading("三、议事规则"),
        *_rules(round_),
        Heading("四、提请事项"),
        Paragraph("请部务会按上述规则逐项审议、逐项表决，审定后按规定公示。各项情况见附件。"),
    ]
    if partial:
        made.append(Paragraph("按回避规定，制作人应当回避的事项没有列入本件，数字也不含这些事项。"))
    made += [
        Paragraph("妥否，请审议。"),
        Enclosures([ROWS]),
        Signed(office),
        Annex("附件", ROWS),
        *_items(round_, asked),
    ]
    return made


def _course(round_: Round, nominated) -> str:
    kinds = Counter(one.kind for one in nominated)
    part = list(round_.participants.taking_part().values_list("person", flat=True))
    people = sum(1 for person in part if person)
    return (
        f"本轮{spelled(wording.local_day(round_.opened_at))}开启，{len(part) - people}个科室、"
        f"{people}人参加，规则同日封存（校验值{round_.seal[:16]}）。各科室共推荐{len(nominated)}项，"
        f"其中科室{kinds['section']}项、个人{kinds['person']}项。"
    )


def _branches(round_: Round, nominated) -> str:
    outcomes = [one.branch_outcome for one in nominated if hasattr(one, "branch_outcome")]
    found = Counter(row.outcome for row in outcomes)
    how = "打分" if round_.branch_method == "marks" else "逐项表决"
    said = "、".join(f"{word}{found[key]}项" for key, word in wording.OUTCOMES.items())
    return f"各党支部以{how}方式评议{len(outcomes)}项：{said}。"


def _by_star(nominated, asked) -> Table:
    """Nominations and what is left of them, star by star."""
    put = Counter((one.star_id, one.kind) for one in nominated)
    left = Counter((one.star_id, one.kind) for one in asked)
    head = [["星级", "推荐", "", "提请审定", ""], ["", "科室", "个人", "科室", "个人"]]
    rows = [
        [
            wording.of_star(star.name),
            *(str(count[star.key, kind]) for count in (put, left) for kind in wording.KINDS),
        ]
        for star in Star.objects.all()
    ]
    return Table(head, rows, "l")


def _arithmetic(round_: Round, quotas: list[Quota], asked) -> list[Block]:
    """Places against what is asked: where there are more nominations than places, and how many."""
    left = Counter((one.star_id, one.kind) for one in asked)
    rows, total, floating = [], Counter(), {"section": round_.floating_sections}
    floating["person"] = round_.floating_persons
    for quota in quotas:
        count = left[quota.star_id, quota.kind]
        total[quota.kind, "places"] += quota.places
        total[quota.kind, "asked"] += count
        over = count - quota.places
        said = f"多{over}项" if over > 0 else f"余{-over}个" if over else "相等"
        kind = wording.KINDS[quota.kind]
        name = wording.of_star(quota.star.name)
        rows.append([name, kind, str(quota.places), str(count), said])
    words = [
        f"{name}名额{total[kind, 'places']}个，提请{total[kind, 'asked']}项"
        + (f"，另有机动名额{floating[kind]}个" if floating[kind] else "")
        for kind, name in wording.KINDS.items()
    ]
    table = Table([["星级", "对象", "名额", "提请", "相比"]], rows, "l")
    return [Paragraph(f"{'；'.join(words)}。名额是上限，宁缺毋滥。"), table]


def _rules(round_: Round) -> list[Block]:
    """As sealed, in Chinese; the dates of the stages that are over left out."""
    with translation.override("zh-hans"):
        lines = [(str(name), str(said)) for name, said in ruling.lines(round_)]
    wanted = ("表决方式", "法定人数", "通过须过应到会的", "回避", "回避者", "名额不够时", "公示")
    found = [f"{name}：{said}" for name, said in lines if name in wanted]
    return [Paragraph(f"{n}.{text}。") for n, text in enumerate(found, 1)]


def _items(round_: Round, asked) -> list[Block]:
    if not asked:
        return [Paragraph("没有提请审定的提名。")]
    head = [["序号", "星级", "对象", "名称", "科室", "支部意见", "审核意见", "廉政意见"]]
    rows = wording.numbered(
        [
            wording.of_star(one.star.name),
            wording.KINDS[one.kind],
            one.nominee.name,
            one.section.name,
            said(round_, one),
            *_cleared(one),
        ]
        for one in asked
    )
    return [Table(head, rows)]


def said(round_: Round, one: Nomination) -> str:
    """赞成（11/13） by votes, 赞成（平均91.25） by marks."""
    row = getattr(one, "branch_outcome", None)
    if row is None:
        return "未评议"
    word = wording.OUTCOMES[row.outcome]
    if row.mean is not None:
        return f"{word}（平均{row.mean:.2f}）"
    return f"{word}（{row.votes_for}/{row.entitled}）"


def _cleared(one: Nomination) -> list[str]:
    """The newest word of the personnel office and of the discipline committee."""
    newest = {row.body: row.word for row in one.clearances.all()}
    return [
        wording.CLEARANCES[newest[body]] if body in newest else "—"
        for body in ("personnel", "discipline")
    ]
