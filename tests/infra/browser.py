"""A real Chromium, where there is one."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NO_BROWSER = "no Chromium on this machine"


def executable() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def is_required() -> bool:
    return any(
        os.environ.get(k, "").lower() in {"1", "true", "yes"} for k in ("CI", "REQUIRE_BROWSER")
    )


def open_page(browser, viewport: dict, **options):
    """A page in a context of its own; what the console complains of is kept in `page.problems`."""
    context = browser.new_context(
        viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", **options
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: line.type == "error" and page.problems.append(f"{page.url}: {line.text}"),
    )
    return page
