"""The daily report as it is lived: on a phone in a few taps, and the review by keyboard alone."""

from datetime import date

import pytest

from ledgers.actions import reports
from ledgers.models import DailyReport, ReportEvent
from tests.factories import PASSWORD, again, make_department, make_policy, make_report

WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)
SAVED = "[data-draft-state]:has-text('草稿已存')"
SEND = ".sendbar button"


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-03-05 17:30")
    department = make_department()
    make_policy(department.unit)
    return department


@pytest.fixture
def author(d):
    person = d.officers[0][1]
    make_report(person, WEDNESDAY, plan="1.核对党员名单；2.起草通知；3.接待来访")
    return person


def enter(page, server, person, path="/reports/"):
    page.goto(server.url + path)
    page.fill("[name=staff_no]", person.staff_no)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(url=f"**{path}"):
        page.click(".sign-in button.primary")


def texts(page) -> list[str]:
    return [area.input_value() for area in page.locator("[data-line] textarea").all()]


def kept(page) -> list[str]:
    """Texts that wait in this tab."""
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")


def test_yesterday_s_plan_is_filed_in_three_taps(web_server, phone_page, author):
    page = phone_page
    enter(page, web_server, author, "/reports/mine/")

    page.get_by_role("link", name="日报", exact=True).tap()
    page.get_by_label("第3条已完成").tap()
    assert page.locator(SEND).inner_text() == "报送（完成2条）"
    page.locator(SEND).tap()
    page.wait_for_url("**/reports/by/*/")

    report = DailyReport.objects.get(day=THURSDAY)
    assert list(report.lines.values_list("text", "done")) == [
        ("核对党员名单", True),
        ("起草通知", True),
        ("接待来访", False),
    ]
    width = "document.documentElement"
    assert page.evaluate(f"{width}.scrollWidth <= {width}.clientWidth")


def test_the_form_lies_within_a_phone_and_its_button_in_sight(web_server, phone_page, author):
    enter(phone_page, web_server, author)

    box = phone_page.locator(SEND).bounding_box()
    assert box["height"] >= 44 and box["y"] + box["height"] <= 844
    for button in phone_page.locator("[data-line] .tick, [data-line] .x").all():
        size = button.bounding_box()
        assert size["width"] >= 44 and size["height"] >= 44
    width = "document.documentElement"
    assert phone_page.evaluate(f"{width}.scrollWidth <= {width}.clientWidth")


def test_unsent_text_survives_a_reload(web_server, phone_page, author):
    page = phone_page
    enter(page, web_server, author)

    page.get_by_text("添一条").tap()
    page.keyboard.type("临时接了一件急事")
    page.locator("[name=plan]").fill("明天接着办")
    # At once, before any pause in which the draft is saved.
    page.reload()
    assert texts(page)[-1] == "临时接了一件急事"
    page.wait_for_selector(SAVED)
    page.reload()

    assert texts(page) == ["核对党员名单", "起草通知", "接待来访", "临时接了一件急事"]
    assert page.locator("[name=plan]").input_value() == "明天接着办"
    assert DailyReport.objects.get(day=THURSDAY).lines.count() == 4


def test_the_draft_follows_to_another_device(web_server, phone_page, open_page, author):
    enter(phone_page, web_server, author)
    phone_page.locator("[name=plan]").fill("手机上写的")
    phone_page.wait_for_selector(SAVED)

    desktop = open_page()
    enter(desktop, web_server, author)
    assert desktop.locator("[name=plan]").input_value() == "手机上写的"
    desktop.locator("[name=plan]").fill("电脑上改的")
    desktop.wait_for_selector(SAVED)
    phone_page.locator("[name=plan]").fill("手机上又写")
    phone_page.wait_for_selector("[data-draft-state][data-kind=bad]")
    phone_page.problems.clear()

    assert DailyReport.objects.get(day=THURSDAY).plan == "电脑上改的"


def test_unsent_text_survives_an_expired_session(web_server, phone_page, author):
    page = phone_page
    enter(page, web_server, author)
    page.context.clear_cookies(name="session")

    page.locator("[name=plan]").fill("登录过期时写的")
    page.wait_for_selector("[data-draft-state]:has-text('登录已过期')")
    page.reload()
    page.problems.clear()
    page.fill("[name=staff_no]", author.staff_no)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation(url="**/reports/"):
        page.click(".sign-in button.primary")

    assert page.locator("[name=plan]").input_value() == "登录过期时写的"


def test_text_sent_into_an_expired_session_is_found_again(web_server, phone_page, author):
    page = phone_page
    enter(page, web_server, author)
    page.locator("[name=plan]").fill("写完就报")
    page.context.clear_cookies(name="session")
    page.locator(SEND).tap()
    page.wait_for_selector(".sign-in")

    page.fill("[name=staff_no]", author.staff_no)
    page.fill("[name=password]", PASSWORD)
    page.click(".sign-in button.primary")
    page.wait_for_selector("nav.rail")
    page.problems.clear()
    page.goto(web_server.url + "/reports/")

    assert page.locator("[name=plan]").input_value() == "写完就报"
    page.locator(SEND).tap()
    page.wait_for_url("**/reports/by/*/")
    assert DailyReport.objects.get(day=THURSDAY).plan == "写完就报"


def test_nobody_finds_another_s_text(web_server, phone_page, author, d):
    page = phone_page
    enter(page, web_server, author)
    page.route("**/draft/", lambda route: route.abort())
    page.locator("[name=plan]").fill("只有本人能看")
    page.context.clear_cookies(name="session")

    enter(page, web_server, d.officers[0][2])
    page.problems.clear()

    assert not kept(page)
    assert page.locator("[name=plan]").input_value() == ""


def test_a_double_click_files_once(web_server, phone_page, author):
    enter(phone_page, web_server, author)

    phone_page.locator(SEND).dblclick()
    phone_page.wait_for_url("**/reports/by/*/")

    assert ReportEvent.objects.filter(report__day=THURSDAY).count() == 1
    assert not kept(phone_page)


def test_two_sendings_under_way_at_once_file_once(web_server, phone_page, author):
    """The page's own guard out of the way: the server answers both as the first."""
    enter(phone_page, web_server, author)

    answers = phone_page.evaluate(
        """async () => {
            const form = document.querySelector("form[data-draft-url]");
            const send = () => fetch(form.action, {
                method: "POST", body: new URLSearchParams(new FormData(form)),
            });
            return (await Promise.all([send(), send(), send()])).map((answer) => answer.url);
        }"""
    )

    assert len(set(answers)) == 1 and "/reports/by/" in answers[0]
    assert ReportEvent.objects.filter(report__day=THURSDAY).count() == 1


def test_without_scripts_the_form_has_spare_lines(web_server, open_page, author):
    page = open_page(java_script_enabled=False)
    enter(page, web_server, author)

    page.fill("[name=lines-3-text]", "没有脚本也能添一条")
    page.click(SEND)
    page.wait_for_url("**/reports/by/*/")

    lines = DailyReport.objects.get(day=THURSDAY).lines
    assert lines.count() == 4 and lines.last().text == "没有脚本也能添一条"


def test_a_section_s_day_is_read_by_keyboard_alone(web_server, browser_page, d):
    page = browser_page
    one, two, three = (make_report(person, THURSDAY) for person in d.officers[0])
    enter(page, web_server, d.chiefs[0], "/review/")

    def read(report):
        page.wait_for_selector(f".who[aria-current][href$='report={report.pk}']")

    read(one)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    read(two)
    page.keyboard.press("j")
    read(three)
    page.keyboard.press("k")
    read(two)
    page.keyboard.press("r")
    page.keyboard.type("请写明份数 12")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    read(three)
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.type("写得清楚")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=应报3　已报3　已阅2")

    for report in (one, two, three):
        report.refresh_from_db()
    assert [r.state for r in (one, two, three)] == ["accepted", "returned", "accepted"]
    assert (one.grade, three.grade, three.comment) == ("fair", "good", "写得清楚")
    assert two.events.last().text == "请写明份数 12"


def test_all_the_rest_by_keyboard(web_server, browser_page, d):
    page = browser_page
    for person in d.officers[0]:
        make_report(person, THURSDAY)
    enter(page, web_server, d.chiefs[0], "/review/")

    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=应报3　已报3　已阅3")

    assert set(DailyReport.objects.values_list("state", "grade")) == {("accepted", "")}


def test_the_returned_report_is_answered(web_server, phone_page, author, d):
    report = make_report(author, THURSDAY)
    reports.return_(report.pk, by=again(d.chiefs[0]), reason="请写明份数", seen=1)
    page = phone_page
    enter(page, web_server, author, "/reports/2026-03-05/")

    assert page.get_by_text("请写明份数").is_visible()
    page.locator("[name=lines-0-text]").fill("核对档案12卷")
    page.locator("[name=answer]").fill("已写明")
    page.locator(SEND).tap()
    page.wait_for_url("**/reports/by/*/")

    report.refresh_from_db()
    assert (report.state, report.events.last().text) == ("filed", "已写明")
