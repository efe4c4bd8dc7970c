"""What the template parts need: figures, days, star seals, icons, bars and the month calendar."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import dateformat
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from heroicons.templatetags.heroicons import heroicon_outline

from scheme import clock
from scheme.models.star import spoken

register = template.Library()

MINUS = "\u2212"
# Seal character by star key; the shape is drawn in components/_sign.html, the colour in tokens.css.
SEALS = {"xue": "学", "geng": "耕", "ye": "业", "xiao": "效", "xin": "新"}
ICONS = {
    "ok": "check",
    "warn": "exclamation-triangle",
    "bad": "exclamation-circle",
    "done": "flag",
}
DAY_ICONS = {
    "ok": "check",
    "warn": "clock",
    "bad": "exclamation-circle",
    "done": "briefcase",
    "today": "pencil",
    "off": "minus",
}


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def _local(value: date | datetime) -> date | datetime:
    """Instants are stored in UTC; a page shows the office's wall clock."""
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return clock.local(value) if aware else value


def _formatted(value: Any, chinese: str, english: str) -> str:
    if not isinstance(value, date):
        return ""
    return dateformat.format(_local(value), chinese if _chinese() else english)


@register.filter
def points(value: Any, style: str = "") -> str:
    """One decimal, two where they say something, U+2212 for minus; `points:"sign"` shows a plus."""
    if value is None or value == "":
        return ""
    exact = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if not exact:
        return "0"
    text = f"{abs(exact):.2f}"
    text = text[:-1] if text.endswith("0") else text
    if exact < 0:
        return MINUS + text
    return f"+{text}" if style == "sign" else text


@register.filter
def signed(value: Any) -> str:
    """Points with their sign: +1.0, −2.5, 0."""
    return points(value, "sign")


@register.filter
def negative(value: Any) -> bool:
    """Whether a figure is a deduction and is drawn in red."""
    return value not in (None, "") and Decimal(str(value)) < 0


@register.filter
def md(value: Any) -> str:
    """7月10日; 10 Jul."""
    return _formatted(value, "n月j日", "j M")


@register.filter
def md_hm(value: Any) -> str:
    """7月10日09:12; 10 Jul 09:12: an instant in a sentence that is kept."""
    return _formatted(value, "n月j日H:i", "j M H:i")


@register.filter
def ymd(value: Any) -> str:
    """2026年7月10日; 10 Jul 2026."""
    return _formatted(value, "Y年n月j日", "j M Y")


@register.filter
def ym(value: Any) -> str:
    """2026年7月; Jul 2026: a month of the work."""
    return _formatted(value, "Y年n月", "M Y")


def listed(texts: Iterable[str], mark: str = "、") -> str:
    """Several texts in one line, with the marks of the reader's language between them."""
    return (mark if _chinese() else {"、": ", ", "，": ", ", "；": "; "}[mark]).join(texts)


@register.simple_tag
def together(*words: str) -> str:
    """Words that make one: 省主报; Province main author. Empty ones fall out."""
    return ("" if _chinese() else " ").join(str(word) for word in words if word)


@register.filter
def weekday(value: Any) -> str:
    """星期五; Friday."""
    return _formatted(value, "l", "l")


@register.filter
def hm(value: Any) -> str:
    """17:42, on the office's wall clock."""
    return dateformat.format(_local(value), "H:i") if isinstance(value, datetime) else ""


@register.filter
def moment(value: Any) -> str:
    """今天09:12, 昨天16:40, else 7月8日 and, in another year, 2025年7月8日."""
    if not isinstance(value, datetime):
        return md(value)
    day, today = _local(value).date(), clock.today()
    if day == today:
        return ("今天" if _chinese() else "Today ") + hm(value)
    if day == today - timedelta(days=1):
        return ("昨天" if _chinese() else "Yesterday ") + hm(value)
    return md(value) if day.year == today.year else ymd(value)


@register.filter
def day_number(value: date) -> str:
    """The number in a calendar cell; the month stands before it where a month begins."""
    return f"{value.month}/{value.day}" if value.day == 1 else str(value.day)


@register.filter
def html_lang(code: str) -> str:
    """zh-CN, or fonts with several regions draw Japanese forms."""
    return "zh-CN" if (code or "zh").startswith("zh") else code


@register.filter
def short_hash(value: Any) -> str:
    """a91f0c4e…7b22: enough to compare by eye. The full text goes into the title."""
    text = str(value or "")
    return text if len(text) <= 16 else f"{text[:8]}…{text[-4:]}"


@register.filter
def first_character(value: Any) -> str:
    """The surname's character on the avatar."""
    return str(value or "").strip()[:1]


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An outline heroicon, hidden from assistive technology: a word always stands beside it."""
    return heroicon_outline(str(name), size=None, **{"class": f"i {size}".strip()})


register.filter(spoken)


@register.filter
def status_icon(kind: str) -> str:
    return ICONS.get(kind, "check")


@register.filter
def day_icon(kind: str) -> str:
    return DAY_ICONS.get(kind, "")


@register.simple_tag
def sign(star: Any, size: str = "") -> SafeString:
    """A star's seal: `{% sign star %}` or `{% sign "xue" %}`, size empty, l or xl."""
    key = getattr(star, "key", star)
    character = getattr(star, "sign", "") or SEALS.get(key, "星")
    context = {"key": key, "size": size, "character": character}
    return render_to_string("components/_sign.html", context)


def _text_width(text: str) -> int:
    """About how wide a label is drawn in the chart's own units on a phone."""
    return sum(19 if ord(character) > 0x2E80 else 11 for character in text)


@register.inclusion_tag("components/_bars.html")
def bars(
    rows: Iterable[Mapping[str, Any]],
    *,
    id: str,
    title: str,
    head: str = "",
    base: Any = None,
    base_label: str = "",
    value_head: str = "",
) -> dict[str, Any]:
    """A bar chart drawn here, with its table behind it.

    Each row: label, value, and if wanted key (a star's), delta, url. `base` draws the dashed line.
    """
    rows = list(rows)
    figures = [Decimal(str(row["value"] or 0)) for row in rows]
    line = None if base in (None, "") else Decimal(str(base))
    top = max([*figures, line or Decimal(0), Decimal(1)]) * Decimal("1.1")
    indent = 40 if any(row.get("key") for row in rows) else 0
    left = max(88, indent + max([_text_width(str(row["label"])) for row in rows], default=0) + 8)
    has_delta = any(row.get("delta") is not None for row in rows)
    width = (374 if has_delta else 424) - left

    def across(value: Decimal) -> str:
        return f"{max(Decimal(0), value) / top * width:.1f}"

    drawn = [
        {
            **row,
            "y": 10 + 36 * at,
            "text_y": 23 + 36 * at,
            "width": across(figure),
            # A whole number is a count, everything else points.
            "figure": row["value"] if type(row["value"]) is int else points(row["value"]),
        }
        for at, (row, figure) in enumerate(zip(rows, figures, strict=True))
    ]
    foot = 36 * len(rows)
    return {
        "id": id,
        "title": title,
        "head": head,
        "value_head": value_head,
        "rows": drawn,
        "left": left,
        "indent": indent,
        "track": width,
        "height": foot + (24 if line is not None else 4),
        "base": line,
        "base_label": base_label,
        "base_x": None if line is None else f"{left + Decimal(across(line)):.1f}",
        "base_foot": foot,
        "base_y": foot + 18,
        "has_delta": has_delta,
    }


def month_weeks(
    first: date, states: Mapping[date, Mapping[str, Any]], today: date | None = None
) -> list[list[dict[str, Any]]]:
    """Weeks of cells for components/_month.html, Monday first.

    `states` maps a day to kind, word, url, makeup, note; a day without one is blank.
    """
    begin = first.replace(day=1)
    begin -= timedelta(days=begin.weekday())
    weeks: list[list[dict[str, Any]]] = []
    while not weeks or begin.month == first.month:
        days = [begin + timedelta(days=offset) for offset in range(7)]
        weeks.append(
            [
                {
                    "day": day,
                    "outside": day.month != first.month,
                    "weekend": day.weekday() > 4,
                    "is_today": day == today,
                    **(states.get(day, {}) if day.month == first.month else {}),
                }
                for day in days
            ]
        )
        begin += timedelta(days=7)
    return weeks
