"""The browser fixtures: that they see the page, and that they see what is wrong with it."""

from tests.infra import browser


def test_the_first_page_opens_without_a_complaint(web_server, browser_page, phone_page):
    for page in (browser_page, phone_page):
        answer = page.goto(web_server.url)
        assert answer.status == 200
        assert page.locator("form").count() >= 1
        width = "document.documentElement"
        assert page.evaluate(f"{width}.scrollWidth <= {width}.clientWidth")


def test_a_forbidden_style_is_noticed(web_server, browser_page):
    browser_page.goto(web_server.url)
    browser_page.evaluate(
        "const s = document.createElement('style'); s.textContent = 'p {}';document.head.append(s)"
    )
    browser_page.wait_for_timeout(200)
    assert any("Content Security Policy" in line for line in browser_page.problems)
    browser_page.problems.clear()


def test_a_missing_browser_fails_where_it_is_required(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert browser.is_required()
    monkeypatch.delenv("CI")
    monkeypatch.setenv("REQUIRE_BROWSER", "0")
    assert not browser.is_required()
