"""One half-year in a real browser, as the people of a small department, with the worker and the
clock doing their part. A word on the console fails, a breach of the content policy among them."""

import re
from datetime import date

import openpyxl
import pytest

from ledgers.models import DailyReport, PointEntry
from scheme import clock as our_clock
from scoring.actions import posting
from stars.models import Award, Decision, Nomination, Round
from tests.factories import PASSWORD, make_department, make_rule_book
from tests.flows import story
from tests.stars.opening_world import confirm_all

S = Round.State
FRIDAY = date(2026, 7, 17)
WHY = "日报及时、质量好，急难任务主动承担，半年来没有差错。"


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-07-17 16:30")
    department = make_department()
    make_rule_book(
        department.unit,
        proposed_by=department.personnel[0],
        approved_by=department.leader,
        in_force_from=date(2026, 1, 1),
    )
    return department


def page_of(open_page, server, person, path="/"):
    page = open_page()
    page.goto(server.url + path)
    page.fill("[name=staff_no]", person.staff_no)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click(".sign-in button.primary")
    page.wait_for_selector("#page")
    assert not page.locator(".sign-in").count()
    return page


def confirm(page, label, button, reason=None):
    """Opens the small question, answers it and waits for the next page."""
    box = page.locator("details.confirm", has=page.get_by_text(label, exact=True)).first
    assert box.get_attribute("open") is None, "asked before anybody wanted it"
    box.locator("summary").click()
    if reason:
        box.locator("textarea").fill(reason)
    with page.expect_navigation():
        box.get_by_role("button", name=button).click()


def until(page, check, seconds=40):
    """Until the worker has done its part."""
    for _n in range(seconds * 4):
        if check():
            return
        page.wait_for_timeout(250)
    raise AssertionError("waited in vain")


def stands(round_) -> str:
    return Round.objects.values_list("state", flat=True).get(pk=round_.pk)


def choose_all(page, word):
    for box in page.locator("fieldset.votes").all():
        box.get_by_text(word, exact=True).click()


def test_a_half_year_in_the_browser(web_server, worker, open_page, clock, d, tmp_path):
    server = web_server
    worker.beat()
    officer, chief, office = d.officers[0][1], d.chiefs[0], d.personnel[0]

    # --- File and grade
    page = page_of(open_page, server, officer, "/reports/")
    if not page.locator("[data-line] textarea").count():
        page.click("[data-line-add]")
    page.locator("[data-line] textarea").first.fill("核对任免材料十二份")
    page.locator("[name=plan]").fill("接着核对")
    with page.expect_navigation(url="**/reports/by/*/"):
        page.locator(".sendbar button").click()
    report = DailyReport.objects.get(author=officer, day=FRIDAY)
    assert report.state == "filed"

    reviewer = page_of(open_page, server, chief, "/review/")
    reviewer.wait_for_selector(f".who[aria-current][href$='report={report.pk}']")
    reviewer.keyboard.press("1")
    reviewer.keyboard.press("Enter")
    until(reviewer, lambda: DailyReport.objects.get(pk=report.pk).grade == "good")

    # --- The day settles into points, which open down to the day
    clock.set("2026-07-28 09:00")
    posted = PointEntry.objects.filter(person=officer, event_on=FRIDAY)
    until(page, posted.exists)
    page = page_of(open_page, server, officer, "/points/?half=2026H2&star=ye")
    assert page.get_by_text("日报评为好").first.is_visible()

    # --- The round is prepared, scored and opened
    until(page, PointEntry.objects.filter(event_on=date(2026, 6, 30)).exists)
    posting.settle(d.unit, date(2026, 1, 1), date(2026, 6, 30))
    desk = page_of(open_page, server, office, "/rounds/")
    desk.select_option("[name=half]", "2026H1")
    with desk.expect_navigation(url=re.compile(r"/rounds/\d+/$")):
        desk.get_by_role("button", name="筹备").click()
    with desk.expect_navigation():
        desk.get_by_role("button", name="计算计分卡").click()
    confirm_all(Round.objects.get(), by=office)
    desk.reload()
    confirm(desk, "开启这一轮", "开启并封存")
    round_ = Round.objects.get()
    assert stands(round_) == S.NOMINATING
    here = f"/rounds/{round_.pk}"

    # --- The chief puts a person and the section forward
    head = page_of(open_page, server, chief, f"{here}/nominations/new/")
    for star, nominee in (("ye", f"p{officer.pk}"), ("xin", f"s{d.one.pk}")):
        head.goto(f"{server.url}{here}/nominations/new/")
        head.select_option("[name=star]", star)
        head.select_option("[name=nominee]", nominee)
        head.fill("[name=statement]", WHY)
        with head.expect_navigation(url="**/edit/"):
            head.get_by_role("button", name="存草稿").click()
        with head.expect_navigation(url=re.compile(r"/nominations/\d+/$")):
            head.get_by_role("button", name="提交推荐").click()
    assert set(Nomination.objects.values_list("state", flat=True)) == {"submitted"}

    # --- Its moment comes: the branches judge
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    until(head, lambda: stands(round_) == S.AT_BRANCH)
    member = page_of(open_page, server, d.officers[0][0], f"{here}/branch/")
    choose_all(member, "赞成")
    with member.expect_navigation():
        member.get_by_role("button", name="提交已选意见").click()
    assert member.get_by_text("已提交2项意见。").is_visible()
    round_.refresh_from_db()
    story.everybody_judges(round_)
    desk = page_of(open_page, server, office, f"{here}/")
    confirm(desk, "手动转入", "确认转入", "都评完了")
    assert stands(round_) == S.AT_COMMITTEE

    # --- The committee meets
    desk.goto(f"{server.url}{here}/meeting/")
    desk.get_by_role("link", name="安排会议").first.click()
    desk.fill("[name=place]", "三楼会议室")
    with desk.expect_navigation(url="**/meeting/"):
        desk.get_by_role("button", name="保存并通知成员").click()
    desk.goto(f"{server.url}{here}/attendance/")
    for row in desk.locator("tbody tr").all():
        row.get_by_text("到会", exact=True).first.click()
    with desk.expect_navigation():
        desk.get_by_role("button", name="登记", exact=True).click()
    for button in ("宣布开会", "开始第1项表决"):
        with desk.expect_navigation():
            desk.get_by_role("button", name=button).click()
    # The console keeps asking for news, and would find its session gone when the clock jumps.
    desk.close()
    voter = page_of(open_page, server, d.members[0], f"{here}/committee/")
    voter.locator("[data-choice] summary").first.click()
    with voter.expect_navigation():
        voter.get_by_role("button", name="确认投“同意”").click()
    assert voter.get_by_text("已投票", exact=True).first.is_visible()
    voter.close()
    round_.refresh_from_db()
    story.everybody_votes(round_, lambda _one, _member: "for")
    desk = page_of(open_page, server, office, f"{here}/meeting/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="散会").click()
    confirm(desk, "手动转入", "确认转入", "表决完毕")
    assert stands(round_) == S.PUBLICITY
    assert Decision.objects.filter(placed=True).count() == 2

    # --- Publicity, then the stars
    page = page_of(open_page, server, officer, f"{here}/publicity/")
    assert page.get_by_text(officer.name).first.is_visible()
    round_.refresh_from_db()
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    until(page, lambda: stands(round_) == S.PUBLISHED)
    assert Award.objects.count() == 2
    page = page_of(open_page, server, officer)
    page.goto(f"{server.url}/wall/")
    assert page.get_by_text(officer.name).first.is_visible()
    assert page.get_by_text("干部一科").first.is_visible()

    # --- And the workbook
    desk = page_of(open_page, server, office, f"{here}/result/")
    with desk.expect_navigation(url="**/jobs/*/"):
        desk.get_by_role("button", name="生成上报表").click()
    link = desk.locator("a[href$='/file/']")
    link.wait_for(timeout=40_000)
    with desk.expect_download() as waiting:
        link.click()
    file = tmp_path / "result.xlsx"
    waiting.value.save_as(file)
    cells = [c.value for s in openpyxl.load_workbook(file) for row in s for c in row]
    assert officer.name in cells
