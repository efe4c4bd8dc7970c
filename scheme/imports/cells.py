"""Reading one cell of an office workbook: each reader takes what the sheet holds, or says why not.

A reader gets a value that is not empty (`is_empty`) and raises CellError with a text for people.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

EMPTY_WORDS = ("", "无", "/")

Reader = Callable[[Any], Any]


class CellError(Exception):
    """Why a cell cannot be read, in the reader's words."""


def plain(value) -> str:
    """The cell as text: NFKC, trimmed; a number as its shortest decimal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _shortest(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def tight(value) -> str:
    """The cell as text without any white space: for numbers, names and fixed words."""
    return "".join(plain(value).split())


def is_empty(value) -> bool:
    return value is None or tight(value) in EMPTY_WORDS


def _shortest(value: int | float) -> str:
    exact = Decimal(repr(value))
    return f"{exact:f}" if exact != exact.to_integral_value() else f"{exact:.0f}"


def shown(value, length: int = 20) -> str:
    """The cell as it may be quoted back: short, and without signs that cannot be stored."""
    words = value.strip() if isinstance(value, str) else plain(value)
    return "".join(sign for sign in words[:length] if not _unprintable(sign))


def _unprintable(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t"


# --- Words


def text(value) -> str:
    """Free text, trimmed, with its signs as written (NFKC would take the Chinese punctuation)."""
    return _bounded(value.strip() if isinstance(value, str) else plain(value))


def code(value) -> str:
    """A staff number, a section, a task's number, a rule's number: NFKC, no white space in it.

    Compare it with `tight(section.name)` and the like: what is stored keeps its own signs.
    """
    return _bounded(tight(value))


def _bounded(words: str) -> str:
    if any(_unprintable(sign) for sign in words):
        raise CellError(_("含有不可见的控制字符"))
    return words


def at_most(length: int, read: Reader) -> Reader:
    """Guards a text that goes into a column of that length."""

    def bounded(value):
        words = read(value)
        if len(words) > length:
            raise CellError(_("超过%(n)d个字") % {"n": length})
        return words

    return bounded


def choice(words: dict[str, Any]) -> Reader:
    """One of the fixed words, answered with what it stands for."""

    def chosen(value):
        try:
            return words[tight(value)]
        except KeyError:
            raise CellError(
                _("“%(word)s”不认识，只能填%(words)s")
                % {"word": shown(value), "words": "、".join(words)}
            ) from None

    return chosen


def listing(read: Reader, *, unique: bool = True) -> Reader:
    """Parts separated by 、; empty parts are skipped, and repeats count once unless told else."""

    def listed(value):
        parts = [read(part) for part in plain(value).split("、") if not is_empty(part)]
        return list(dict.fromkeys(parts)) if unique else parts

    return listed


# --- Numbers

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,8})?")


def decimal(value) -> Decimal:
    """An exact number; a number cell is its shortest decimal (0.1 is 0.1)."""
    words = tight(value).replace("−", "-")
    if isinstance(value, (bool, date, time, timedelta)) or not _NUMBER.fullmatch(words):
        raise CellError(_("“%(word)s”不是数字") % {"word": shown(value)})
    return Decimal(words)


def number_between(low, high) -> Reader:
    def bounded(value):
        number = decimal(value)
        if not Decimal(low) <= number <= Decimal(high):
            raise CellError(_("应在%(low)s到%(high)s之间") % {"low": low, "high": high})
        return number

    return bounded


def positive(value) -> Decimal:
    number = decimal(value)
    if number <= 0:
        raise CellError(_("应大于0"))
    return number


def whole_between(low: int, high: int) -> Reader:
    def bounded(value):
        number = number_between(low, high)(value)
        if number % 1:
            raise CellError(_("应为整数"))
        return int(number)

    return bounded


def share(value) -> tuple[str, Decimal]:
    """工号:份额, in percent: ("ZC001", Decimal("33.3")). For lists of handlers."""
    number, colon, percent = tight(value).partition(":")
    if not (number and colon and percent):
        raise CellError(_("“%(word)s”应写成“工号:份额”") % {"word": shown(value)})
    return number, positive(percent.removesuffix("%"))


# --- Days and times

_DAY = r"([0-9]{4})\s*(?:-\s*([0-9]{1,2})\s*-\s*([0-9]{1,2})|"
_DAY += r"\.\s*([0-9]{1,2})\s*\.\s*([0-9]{1,2})|年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日)"
_TIME = r"([0-9]{1,2})\s*:\s*([0-9]{2})(?:\s*:\s*([0-9]{2}))?"
DAY_PATTERN = re.compile(_DAY)
_MOMENT = re.compile(rf"({_DAY})(\s+|(?<=日))(?P<time>{_TIME})")
_ONLY_TIME = re.compile(_TIME)
_MONTH = re.compile(r"([0-9]{4})\s*(?:-\s*([0-9]{1,2})|\.\s*([0-9]{1,2})|年\s*([0-9]{1,2})\s*月)")


def day(value) -> date:
    """A real date, or 2026-03-05, 2026.3.5, 2026年3月5日."""
    if isinstance(value, datetime):
        if value.time() != time():
            raise CellError(_("这里只填日期，不填时间"))
        return _in_reach(value.date())
    if isinstance(value, date):
        return _in_reach(value)
    match = isinstance(value, str) and DAY_PATTERN.fullmatch(plain(value))
    if not match:
        raise CellError(
            _("“%(word)s”不是日期，可写2026-03-05、2026.3.5或2026年3月5日") % {"word": shown(value)}
        )
    return day_of(match)


def day_of(match: re.Match) -> date:
    """The day in a match that begins with DAY_PATTERN."""
    parts = [int(part) for part in match.groups()[:7] if part]
    try:
        return _in_reach(date(*parts))
    except ValueError:
        word = DAY_PATTERN.match(match[0])[0]
        raise CellError(_("没有“%(word)s”这一天") % {"word": word}) from None


def _in_reach(found: date) -> date:
    """Beyond these years it is a slip of the keyboard, and other code need not fear overflow."""
    if not 1900 <= found.year <= 2199:
        raise CellError(_("年份%(year)s不对") % {"year": found.year})
    return found


def month(value) -> date:
    """2026-03, 2026.3, 2026年3月 or a date in it; answered as the first of the month."""
    if isinstance(value, date):
        return _in_reach(date(value.year, value.month, 1))
    words = plain(value)
    if isinstance(value, str) and DAY_PATTERN.fullmatch(words):
        return day(value).replace(day=1)
    # A number cell is its shortest decimal: 2026.1 is January, whatever it was typed as.
    match = _MONTH.fullmatch(words)
    if not match:
        raise CellError(
            _("“%(word)s”不是月份，可写2026-03、2026.3或2026年3月") % {"word": shown(value)}
        )
    try:
        return _in_reach(date(*[int(part) for part in match.groups() if part], 1))
    except ValueError:
        raise CellError(_("没有“%(word)s”这个月") % {"word": words}) from None


def clock_time(value) -> time:
    """A time of the day: 10:00, 10:00:30 or a time cell, to the second."""
    if isinstance(value, time):
        return _to_the_second(datetime.combine(date(2000, 1, 1), value)).time()
    match = isinstance(value, str) and _ONLY_TIME.fullmatch(plain(value))
    if not match:
        raise CellError(_("“%(word)s”不是时间，可写17:42") % {"word": shown(value)})
    return _time_of(match[0])


def moment(value, own_day: date | None = None) -> datetime:
    """A date with a time, or a time alone (of `own_day`), as an instant in Asia/Shanghai."""
    if isinstance(value, datetime):
        wall = _to_the_second(value)
    elif isinstance(value, date):
        # What the sheet hands over for midnight to the second.
        wall = datetime.combine(value, time())
    elif isinstance(value, time) and own_day:
        wall = _to_the_second(datetime.combine(own_day, value))
    else:
        wall = _written_moment(value, own_day)
    _in_reach(wall.date())
    return timezone.make_aware(wall, timezone.get_default_timezone())


def _written_moment(value, own_day: date | None) -> datetime:
    words = plain(value)
    if isinstance(value, str):
        if own_day and _ONLY_TIME.fullmatch(words):
            return datetime.combine(own_day, _time_of(words))
        if match := _MOMENT.fullmatch(words):
            return datetime.combine(day(match[1]), _time_of(match["time"]))
    word = shown(value, 30)
    raise CellError(_("“%(word)s”不是时间，可写2026-03-05 17:42或17:42") % {"word": word})


def _time_of(words: str) -> time:
    try:
        return time(*[int(part) for part in words.split(":")])
    except ValueError:
        raise CellError(_("没有“%(word)s”这个时间") % {"word": words}) from None


def _to_the_second(wall: datetime) -> datetime:
    """Half up; a cell's fraction of a day is rarely exact."""
    return (wall + timedelta(microseconds=500_000)).replace(microsecond=0)
