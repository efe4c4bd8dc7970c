"""The five stars of the scheme, and the days of the years whose holiday plan is known."""

import csv
from datetime import date, timedelta
from pathlib import Path

from django.db import migrations

STARS = [
    ("xue", "勤学", "学", "思想与能力", "每周一学、两周一讲"),
    ("geng", "笔耕", "耕", "写作与思考", "信息与宣传"),
    ("ye", "精业", "业", "敬业与尽责", "一日一报、一月一结"),
    ("xiao", "效能", "效", "落实与效率", "一月一督办、半年一务虚、年终一述职"),
    ("xin", "创新", "新", "改进与推广", "举措新不新、成效好不好、经验推没推广"),
]
PLANS = Path(__file__).resolve().parent.parent / "calendar" / "exceptions.csv"


def fill(apps, schema_editor):
    star = apps.get_model("scheme", "Star")
    star.objects.bulk_create(
        star(key=key, name=name, sign=sign, focus=focus, evidence=evidence, position=position)
        for position, (key, name, sign, focus, evidence) in enumerate(STARS, 1)
    )
    calendar_day = apps.get_model("scheme", "CalendarDay")
    with PLANS.open(encoding="utf-8") as file:
        plan = {date.fromisoformat(row["日期"]): row for row in csv.DictReader(file)}
    years = {day.year for day in plan}
    day, until = date(min(years), 1, 1), date(max(years) + 1, 1, 1)
    rows = []
    while day < until:
        stated = plan.get(day)
        rows.append(
            calendar_day(
                day=day,
                is_working=stated["休班"] == "班" if stated else day.weekday() < 5,
                name=stated["名称"] if stated else "",
                source=f"国务院办公厅{day.year}年节假日安排" if stated else "",
            )
        )
        day += timedelta(1)
    # The year after the last known plan: Monday to Friday, marked as assumed.
    while day.year <= max(years) + 1:
        rows.append(calendar_day(day=day, is_working=day.weekday() < 5, provisional=True))
        day += timedelta(1)
    calendar_day.objects.bulk_create(rows, batch_size=1000)


def clear(apps, schema_editor):
    apps.get_model("scheme", "CalendarDay").objects.all().delete()
    apps.get_model("scheme", "Star").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("scheme", "0002_guards")]
    operations = [migrations.RunPython(fill, clear)]
