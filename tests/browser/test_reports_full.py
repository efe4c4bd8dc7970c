"""Two numbers to hold: a slow day in three taps on a phone, ten reports in a minute by keyboard."""

import time
from datetime import date

from ledgers.models import DailyReport, Task
from scheme import clock as our_clock
from tests.browser.test_report import enter
from tests.factories import make_department, make_policy, make_report, make_staff

WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)
SEND = ".sendbar button"


def test_three_taps_and_one_minute(committed_db, clock, web_server, phone_page, browser_page):
    clock.set("2026-03-05 17:30")
    d = make_department()
    make_policy(d.unit)
    author = d.officers[0][1]
    read = {"state": "accepted", "reviewed_by": d.chiefs[0]}
    make_report(author, WEDNESDAY, plan="继续核对党员名单", **read)
    task = Task.objects.create(
        unit=d.unit, number="一-7", title="整理干部档案", lead=d.one, difficulty=3,
        due_on=date(2026, 6, 30), recorded_at=our_clock.now(),
    )  # fmt: skip
    taps = []

    def tap(target):
        taps.append(target)
        target.tap()

    # The phone: from the desk, yesterday's plan is today's report.
    page = phone_page
    enter(page, web_server, author, "/reports/mine/")
    began = time.monotonic()
    tap(page.get_by_role("link", name="日报", exact=True))
    tap(page.locator(SEND))
    page.wait_for_url("**/reports/by/*/")
    assert len(taps) <= 3 and time.monotonic() - began < 15
    assert DailyReport.objects.get(author=author, day=THURSDAY).lines.get().text == (
        "继续核对党员名单"
    )

    # A task is tapped, not typed; what is named is not offered again.
    other = d.officers[0][2]
    page.context.clear_cookies()
    enter(page, web_server, other)
    page.locator("[data-picks] summary").tap()
    page.locator("[data-picks] .pick").tap()
    assert page.locator("[data-picks] .pick:visible").count() == 0
    assert page.locator("[data-line-task]:visible").count() == 1
    page.get_by_text("添一条").tap()
    page.keyboard.type("接待来访")
    assert page.locator("[data-line-link]:visible").count() == 1
    width = "document.documentElement"
    assert page.evaluate(f"{width}.scrollWidth <= {width}.clientWidth")
    page.locator(SEND).tap()
    page.wait_for_url("**/reports/by/*/")
    lines = DailyReport.objects.get(author=other).lines.values_list("text", "task__number")
    assert list(lines) == [(task.title, "一-7"), ("接待来访", None)]

    # The chief: ten reports, two keys each.
    page = browser_page
    for person in [make_staff(section=d.one) for _n in range(8)]:
        make_report(person, THURSDAY)
    enter(page, web_server, d.chiefs[0], "/review/")
    began, keys = time.monotonic(), 0
    for n in range(10):
        page.wait_for_selector(f"text=已阅{n}")
        for key in ("12"[n % 2], "Enter"):
            page.keyboard.press(key)
            keys += 1
    page.wait_for_selector("text=已阅10")
    assert keys == 20 and time.monotonic() - began < 60
    graded = DailyReport.objects.filter(day=THURSDAY, state="accepted")
    assert sorted(graded.values_list("grade", flat=True)) == ["fair"] * 5 + ["good"] * 5
