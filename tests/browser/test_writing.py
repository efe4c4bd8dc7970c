"""An adopted item in a real browser: people found as one types, then verified by keyboard."""

import pytest

from ledgers.models import WritingItem
from tests.browser.test_report import enter
from tests.factories import pdf
from tests.ledgers.writing_world import filed, world


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-03-05 17:30")
    d = world()
    d.mate.name, d.mate.name_key = "曾一鸣", "zym zengyiming"
    d.mate.save()
    return d


def test_filed_with_two_names_and_verified_by_keyboard(web_server, browser_page, d, tmp_path):
    page = browser_page
    proof = tmp_path / "版面.pdf"
    proof.write_bytes(pdf().read())
    enter(page, web_server, d.author, "/writing/")
    page.get_by_role("link", name="填报采用").first.click()
    page.get_by_label("标题").fill("干部监督从查到防")
    page.get_by_label("载体").fill("泽川日报")
    page.get_by_label("采用日期").fill("2026-03-02")
    page.get_by_label("市", exact=True).check()
    page.set_input_files("[name=files]", proof)
    # What is found is exchanged alone: the file that was chosen stays.
    page.get_by_label("找人员或科室").press_sequentially("zym")
    page.wait_for_selector("#credit-rows:has-text('曾一鸣')")
    page.get_by_label("曾一鸣怎么署名").select_option("joint")
    page.get_by_label("找人员或科室").fill("干部一")
    page.wait_for_selector("#credit-rows:has-text('找“干部一”')")
    assert page.locator(f"[name=role-p{d.mate.pk}]").input_value() == "joint"
    page.get_by_role("button", name="存好并报送").click()
    page.wait_for_selector(".note.ok")
    item = WritingItem.objects.get()
    assert item.state == "filed"
    assert sorted(one.role for one in item.credits.all()) == ["joint", "main"]

    filed(d.author, title="第二篇")
    page.context.clear_cookies()
    enter(page, web_server, d.supervisor, "/writing/verify/")
    page.keyboard.press("j")
    with page.expect_download() as fetched:
        page.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".pdf")
    page.keyboard.press("k")
    page.keyboard.press("1")
    page.wait_for_selector("#outcome:has-text('已核实：1篇')")
    page.keyboard.press("2")
    page.keyboard.type("请附首页")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#outcome:has-text('已退回补正：1篇')")
    assert sorted(WritingItem.objects.values_list("state", flat=True)) == ["returned", "verified"]
