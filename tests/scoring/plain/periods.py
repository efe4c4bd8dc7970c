"""Half-years, quarters and the days people work."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def _span(year, *pairs):
    return {
        date(year, *first) + DAY * n
        for first, last in pairs
        for n in range((date(year, *last) - date(year, *first)).days + 1)
    }


HOLIDAYS = _span(
    2026,
    ((1, 1), (1, 3)),
    ((2, 15), (2, 23)),
    ((4, 4), (4, 6)),
    ((5, 1), (5, 5)),
    ((6, 19), (6, 21)),
)
MADE_UP = {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9)}


class WorkingDays:
    """Monday to Friday with exceptions; those of the first half of 2026 unless others are given."""

    def __init__(self, holidays=HOLIDAYS, made_up=MADE_UP):
        self.holidays, self.made_up = holidays, made_up

    def __contains__(self, when: date) -> bool:
        if when in self.made_up:
            return True
        return when.weekday() < 5 and when not in self.holidays

    def after(self, when: date) -> date:
        """The next working day."""
        when += DAY
        while when not in self:
            when += DAY
        return when

    def between(self, after: date, until: date) -> int:
        """How many there are after a day, up to and including another."""
        return sum(after + DAY * n in self for n in range(1, (until - after).days + 1))


def quarter_of(when: date) -> str:
    return f"{when.year}Q{(when.month + 2) // 3}"


def next_quarter(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[5])
    return f"{year + number // 4}Q{number % 4 + 1}"


def half_of(quarter: str) -> str:
    return f"{quarter[:4]}H{1 if quarter[5] in '12' else 2}"


def span(half: str) -> tuple[date, date]:
    year = int(half[:4])
    if half[4:] == "H1":
        return date(year, 1, 1), date(year, 6, 30)
    return date(year, 7, 1), date(year, 12, 31)


def days(first: date, last: date):
    return [first + DAY * n for n in range((last - first).days + 1)]


def last_of_month(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return following - DAY
