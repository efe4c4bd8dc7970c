"""The first draft of 季评比: what was declared and verified in a quarter, and what the sections'
cards say by its end. Sections stand in office order and bear no places; stars are given by people.

What it says is Chinese, whatever language its writer reads.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.utils import translation

from ledgers.circulating import HEADING, TABLE, TEXT, Content, Part, table
from ledgers.exports.circular import ANNEX
from ledgers.models import Circular
from scheme import clock, periods
from scheme.models import Section, Star, Unit
from scheme.templatetags.look import points
from scoring import declaring, queries
from scoring.models import Declaration
from scoring.queries import Card

State = Declaration.State
QUARTERS = "一二三四"
PENDING = (State.FILED, State.CHECKED, State.RETURNED)
ZERO = Decimal(0)
# So many at the top of a star are no longer singled out.
MOST_NAMED = 3


def drawn(unit: Unit, quarter: str) -> Content:
    """The draft as the books stand now. Raises ValueError for a name that is no quarter's."""
    span = periods.quarter_span(quarter)
    with translation.override(settings.LANGUAGE_CODE):
        return _content(unit, quarter, span)


def _content(unit: Unit, quarter: str, span: periods.Span) -> Content:
    half = periods.half_of(span.first)
    name = f"{quarter[:4]}年{QUARTERS[int(quarter[-1]) - 1]}季度"
    rows = Section.objects.filter(unit=unit)
    sections = [one for one in rows if one.closed_on is None or one.closed_on > span.first]
    cards = {
        (card.section_id, card.star_id): card
        for card in queries.scorecards(unit, half, through=quarter)
        if card.section_id
    }
    valued = {star for _section, star in cards}
    stars = [star for star in Star.objects.order_by("position") if star.pk in valued]
    declared = _declared(unit, quarter)
    shown = min(clock.today(), span.last)
    day = f"{shown.year}年{shown.month}月{shown.day}日"
    parts = [
        Part(TEXT, "opening", f"现将{name}积分申报、核验和各科室积分比较情况通报如下。"),
        Part(HEADING, "h-declared", "一、申报和核验情况"),
        Part(TEXT, "declared-text", _declared_text(declared)),
        Part(TABLE, "declared", table=_declared_table(declared, sections, name)),
        Part(HEADING, "h-compared", "二、各科室积分比较"),
        Part(TEXT, "best", _best(cards, sections, stars)),
        Part(TABLE, "compared", table=_compared(cards, sections, stars, day)),
        Part(
            TEXT,
            "caveat",
            f"以上为积分账截至{day}计入{periods.half_name(half)}的数字，已按细则叠加、封顶，科室按"
            "单位排列次序列出。积分供评星参考，星级由科室推荐、支部评议、部务会决定，不按积分排定。",
        ),
        Part(HEADING, "h-demands", "三、下步要求"),
        Part(
            TEXT,
            "closing",
            "请各科室核对本科室数字，有疑问的向机关人事科提出；没有办完的申报，抓紧补齐佐证材料。",
        ),
        Part(HEADING, ANNEX, f"{name}各星积分构成"),
    ]
    for star in stars:
        parts.append(Part(TABLE, f"star-{star.pk}", table=_of_star(cards, sections, star)))
    title = f"关于{name}季评比情况的通报"
    return Content(Circular.Kind.QUARTERLY, quarter, title, parts)


def _declared(unit: Unit, quarter: str) -> dict[int | None, list[tuple[Declaration, Decimal]]]:
    """Lines by section with what each is worth: the section's own, and its people's."""
    lines = Declaration.objects.filter(unit=unit, quarter=quarter)
    lines = lines.exclude(state__in=[State.DRAFT, State.WITHDRAWN])
    lines = list(declaring.with_checker(lines).order_by("pk"))
    worths = declaring.worths(lines)
    found = defaultdict(list)
    for line in lines:
        found[line.home_id].append((line, worths[line.pk] or ZERO))
    return found


def _figures(lines: Sequence[tuple[Declaration, Decimal]]) -> list[str]:
    confirmed = [worth for line, worth in lines if line.state == State.CONFIRMED]
    refused = sum(1 for line, _worth in lines if line.state == State.REFUSED)
    pending = sum(1 for line, _worth in lines if line.state in PENDING)
    said = [str(len(lines)), points(sum((worth for _line, worth in lines), ZERO))]
    said += [str(len(confirmed)), points(sum(confirmed, ZERO))]
    return [*said, str(refused), str(pending)]


def _declared_text(declared) -> str:
    lines = [line for lines in declared.values() for line in lines]
    count, asked, confirmed, given, refused, pending = _figures(lines)
    text = f"本季共申报{count}项、{asked}分，核验通过{confirmed}项、{given}分，不予认定{refused}项"
    return f"{text}，在办{pending}项。申报未经核验的不计分。"


def _declared_table(declared, sections, name: str) -> dict:
    top = ["科室", "申报", "", "核验通过", "", "不予认定", "在办"]
    sub = ["", "项", "分", "项", "分", "", ""]
    rows = [[section.name, *_figures(declared.get(section.pk, ()))] for section in sections]
    rows.append(["合计", *_figures([line for lines in declared.values() for line in lines])])
    return table([top, sub], rows, "lrrrrrr", f"{name}申报核验情况")


def _said(card: Card | None, what: str = "score") -> str:
    return points(getattr(card, what)) if card else "—"


def _compared(cards, sections, stars, day: str) -> dict:
    keys = [*(star.pk for star in stars), None]
    rows = [
        [section.name, *(_said(cards.get((section.pk, key))) for key in keys)]
        for section in sections
    ]
    heads = ["科室", *(star.name for star in stars), "合计"]
    return table([heads], rows, "l" + "r" * len(keys), f"各科室积分（截至{day}）")


def _best(cards, sections, stars) -> str:
    """Who stands highest in each star, where it says something."""
    told = []
    for star in stars:
        found = {
            one: cards[one.pk, star.pk].score for one in sections if (one.pk, star.pk) in cards
        }
        top = max(found.values(), default=ZERO)
        names = [one.name for one, score in found.items() if score == top]
        if top > 0 and len(names) <= MOST_NAMED and len(names) < len(found):
            told.append(f"{star.name}之星{'、'.join(names)}（{points(top)}分）")
    if not told:
        return "各科室各星积分见下表。"
    return f"各星积分最高的科室是：{'；'.join(told)}。"


def _of_star(cards, sections, star: Star) -> dict:
    rows = []
    for section in sections:
        card = cards.get((section.pk, star.pk))
        figures = [_said(card, what) for what in ("base", "deduction", "bonus", "score")]
        rows.append([section.name, *figures])
    heads = ["科室", "基础分值", "扣分情形", "加分事项", "得分"]
    return table([heads], rows, "lrrrr", f"{star.name}之星")
