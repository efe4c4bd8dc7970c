import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.infra import browser as browsers
from tests.infra import database, processes
from tests.infra.clock import Clock


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The migrated test database, also where only `committed_db` asks for it.

    pytest-django makes it for tests that use its own fixtures, and for no others.
    """
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set()
        )
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed_db(request, django_db_setup, django_db_blocker):
    """A database of this test's own, in which transactions are real; dropped afterwards."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(
        request.fixturenames
    ):
        pytest.fail("committed_db replaces db and the django_db mark: use one of them.")
    with django_db_blocker.unblock(), database.clone() as clone:
        yield clone


@pytest.fixture
def race(committed_db) -> Callable[..., list]:
    """`race(f, g, …)` lets the calls go at one moment, each in its thread; errors are returned."""

    def run(*calls: Callable[[], object]) -> list:
        from django.db import connections

        gate = threading.Barrier(len(calls))
        results: list = [None] * len(calls)

        def one(index: int, call: Callable[[], object]) -> None:
            try:
                gate.wait(10)
                results[index] = call()
            except Exception as error:
                results[index] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a racer hangs"
        return results

    return run


@pytest.fixture
def clock():
    moved = Clock(os.environ["CLOCK_FILE"])
    moved.reset()
    yield moved
    moved.reset()


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory) -> dict[str, str]:
    """Static files as a server in use has them: with a manifest, so a missing one is an error."""
    env = {
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0"],
        cwd=processes.ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return env


@pytest.fixture
def web_server(committed_db, collected_static, tmp_path):
    """gunicorn on a port of its own and this test's database; `.url`, `.log`, `.kill()`."""
    env = {"DATABASE_URL": committed_db.url, "LOG_LEVEL": "INFO", **collected_static}
    server = processes.WebServer(tmp_path, env)
    server.start()
    yield server
    server.kill()
    # Shown with a failing test only.
    print(server.log[-6000:])


@pytest.fixture
def worker(committed_db, tmp_path):
    """A running Celery worker on this test's database: `.kill()`, `.start()`, `.beat()`, `.log`."""
    processes.empty_broker()
    env = {"DATABASE_URL": committed_db.url, "BEAT_FILE": str(tmp_path / "beat")}
    started = processes.Worker(tmp_path, env)
    started.start()
    yield started
    started.close()
    print(started.log[-6000:])
    processes.empty_broker()


@pytest.fixture(scope="session")
def chromium():
    path = browsers.executable()
    if path is None:
        if browsers.is_required():
            pytest.fail(browsers.NO_BROWSER)
        pytest.skip(browsers.NO_BROWSER)
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=browsers.FLAGS)
        yield running
        running.close()


def _page(chromium, viewport, **options):
    page = browsers.open_page(chromium, viewport, **options)
    yield page
    problems = list(page.problems)
    page.context.close()
    assert not problems, "the console complained:\n" + "\n".join(problems)


@pytest.fixture
def browser_page(chromium):
    """Fails at the end if the console complained; `page.problems.clear()` forgives."""
    yield from _page(chromium, browsers.DESKTOP)


@pytest.fixture
def phone_page(chromium):
    yield from _page(chromium, browsers.PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def open_page(chromium):
    """For several people at once: `open_page()` gives a page in a new context each time."""
    pages = []

    def make(viewport=browsers.DESKTOP, **options):
        pages.append(browsers.open_page(chromium, viewport, **options))
        return pages[-1]

    yield make
    problems = [line for page in pages for line in page.problems]
    for page in pages:
        page.context.close()
    assert not problems, "the console complained:\n" + "\n".join(problems)


BROWSER_FIXTURES = {"chromium", "browser_page", "phone_page", "open_page"}


def pytest_collection_modifyitems(items):
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter):
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if browsers.NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_sep("!", f"{len(skipped)} BROWSER TESTS DID NOT RUN", red=True)
        terminalreporter.write_line(
            f"{browsers.NO_BROWSER}: install chromium, or name one in CHROMIUM."
        )
