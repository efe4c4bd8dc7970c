"""The routes of the ledgers, a file an area; joined in ledgers/urls.py."""

from datetime import date

from django.urls import register_converter


class DayConverter:
    """A day as 2026-07-10. Other years are no page: arithmetic beyond them overflows."""

    regex = r"2[01]\d\d-\d\d-\d\d"

    def to_python(self, value):
        return date.fromisoformat(value)

    def to_url(self, value):
        return str(value)


class MonthConverter:
    """A month as 2026-07; the view is given its first day."""

    regex = r"2[01]\d\d-\d\d"

    def to_python(self, value):
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value):
        return f"{value:%Y-%m}"


register_converter(DayConverter, "day")
register_converter(MonthConverter, "month")
