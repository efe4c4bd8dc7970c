"""A line declared, checked and verified in a real browser, by keyboard; and without scripts."""

import pytest

from scoring.models import Declaration
from tests.browser.test_pages import Looker
from tests.browser.test_report import enter
from tests.factories import make_declaration, pdf
from tests.scoring.declaring import department

State = Declaration.State


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-04-10 09:00")
    return department()


@pytest.fixture
def proof(tmp_path):
    path = tmp_path / "证书.pdf"
    path.write_bytes(pdf().read())
    return path


def states() -> list[str]:
    return sorted(Declaration.objects.values_list("state", flat=True))


def test_a_line_is_declared_by_keyboard_and_its_worth_is_said(web_server, browser_page, d, proof):
    page = browser_page
    enter(page, web_server, d.who, "/declarations/")
    page.get_by_role("link", name="填一项").first.press("Enter")

    page.get_by_label("申报哪一项").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.get_by_label("事项", exact=True).focus()
    page.keyboard.type("全市演讲比赛二等奖")
    page.keyboard.press("Tab")
    page.keyboard.type("泽组发〔2026〕12号")
    page.get_by_label("文件日期").fill("2026-03-05")
    page.keyboard.press("Tab")
    page.wait_for_selector("#worth:has-text('按文件日期计入2026年一季度')")
    assert "核验通过后记1.5分" in page.inner_text("#worth")
    page.set_input_files("[name=files]", proof)
    page.get_by_role("button", name="存好并送初核").press("Enter")
    page.wait_for_selector(".note.ok")

    line = Declaration.objects.get()
    assert (line.state, line.level, line.proofs.count()) == (State.FILED, "city", 1)
    assert "待确认 1.5，不计入" in page.inner_text("main")


def test_chief_and_office_decide_by_keyboard_alone(web_server, browser_page, d):
    page = browser_page
    own = make_declaration(d.chiefs[0])
    for _n in range(3):
        make_declaration(d.who)
    enter(page, web_server, d.chiefs[0], "/declarations/check/")
    assert page.locator("[name=pick]").count() == 3

    page.keyboard.press("j")
    page.keyboard.press("2")
    page.keyboard.type("请附首页")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#outcome")
    assert states() == ["filed", "filed", "filed", "returned"]

    page.keyboard.press("a")
    page.keyboard.press("1")
    page.wait_for_selector("#outcome:has-text('初核通过：2项')")
    assert states() == ["checked", "checked", "filed", "returned"]
    own.refresh_from_db()
    assert own.state == State.FILED

    page.context.clear_cookies()
    enter(page, web_server, d.verifier, "/declarations/verify/")
    page.keyboard.press("j")
    with page.expect_download() as fetched:
        page.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".pdf")
    page.keyboard.press("k")
    page.keyboard.press("Space")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    assert page.locator("[name=pick]:checked").count() == 2
    page.keyboard.press("1")
    page.wait_for_selector("#outcome:has-text('核验通过：2项')")
    assert states() == ["confirmed", "confirmed", "filed", "returned"]


def test_without_scripts_boxes_and_buttons_do(web_server, open_page, d):
    page = open_page(java_script_enabled=False)
    lines = [make_declaration(d.who) for _n in range(2)]
    enter(page, web_server, d.chiefs[0], "/declarations/check/")

    page.check(f"[name=pick][value^='{lines[0].pk}:']")
    page.get_by_role("button", name="初核通过").click()
    page.wait_for_selector("#outcome")
    page.check(f"[name=pick][value^='{lines[1].pk}:']")
    page.locator("summary", has_text="不予认定").click()
    page.fill("[name=refuse_reason]", "与台账重复")
    page.locator("button[value=refuse]").click()
    page.wait_for_selector("#outcome:has-text('不予认定：1项')")

    assert states() == ["checked", "refused"]


def test_the_pages_fit_and_can_be_read_by_everybody(web_server, open_page, d):
    looker = Looker(open_page(reduced_motion="reduce"), web_server)
    lines = {
        state: make_declaration(d.who, state=state, checked_by=checker, matter=f"事项{state}")
        for state, checker in (
            ("draft", None),
            ("filed", None),
            ("returned", d.chiefs[0]),
            ("checked", d.chiefs[0]),
            ("confirmed", d.chiefs[0]),
        )
    }
    make_declaration(d.one, "效能-加-12", level="city", filed_by=d.chiefs[0])
    looker.look(d.who, "/declarations/", "/declarations/new/", "/declarations/?quarter=2026Q2")
    looker.look(d.who, f"/declarations/{lines['returned'].pk}/edit/")
    looker.look(d.chiefs[0], "/declarations/check/", f"/declarations/section/{d.one.pk}/")
    looker.look(d.chiefs[0], f"/declarations/{lines['filed'].pk}/")
    looker.look(d.verifier, "/declarations/verify/", "/declarations/verify/?state=")
    looker.look(d.verifier, "/declarations/windows/?quarter=2026Q1")
    looker.look(d.verifier, f"/declarations/{lines['confirmed'].pk}/")
    assert looker.wrong == []
