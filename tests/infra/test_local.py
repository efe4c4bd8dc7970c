"""The demo's supervisor and what it prepares."""

import gettext
import os
import signal
import sys
import time

import pytest

from config import local

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def var(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "VAR", tmp_path)
    return tmp_path


def look_until(child, check):
    deadline = time.monotonic() + 15
    while not check():
        child.look()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_dead_child_comes_back_and_waits_longer_each_time(var, capsys):
    child = local.Child("child", SLEEPER, dict(os.environ))
    try:
        for deaths, wait in ((1, "1 s"), (2, "2 s")):
            first = child.process.pid
            os.kill(first, signal.SIGKILL)
            look_until(child, lambda first=first: child.process.pid != first)
            assert child.deaths == deaths
            assert f"again in {wait}" in capsys.readouterr().out
    finally:
        local.stop([child])
    assert child.process.poll() is not None


def test_a_child_that_will_not_go_is_made_to(var, monkeypatch):
    monkeypatch.setattr(local, "STOP_SECONDS", 1)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    child = local.Child("deaf", [sys.executable, "-c", f"{deaf}; time.sleep(60)"], dict(os.environ))
    look_until(child, lambda: child.log.read_text())
    local.stop([child])
    assert child.process.returncode == -signal.SIGKILL


def test_the_key_is_made_once_and_kept_to_its_owner(var):
    key = local.secret_key()
    assert len(key) >= 50
    assert local.secret_key() == key
    assert (var / "secret-key").stat().st_mode & 0o077 == 0


def test_a_set_address_wins_and_the_demo_speaks_plain_http(var, monkeypatch):
    monkeypatch.setenv("HTTPS", "true")
    monkeypatch.setenv("SECRET_KEY", "")
    env = local.environment({"DATABASE_URL": "postgres://here/x"})
    assert env["DATABASE_URL"] == "postgres://here/x"
    assert env["HTTPS"] == "false"
    assert len(env["SECRET_KEY"]) >= 50


def test_only_the_local_database_is_taken_for_the_demo(var, monkeypatch):
    monkeypatch.delenv("DEMO")
    assert "DEMO" not in local.environment({"DATABASE_URL": os.environ["DATABASE_URL"]})
    monkeypatch.delenv("DATABASE_URL")
    assert local.environment({"DATABASE_URL": "postgres://here/x"})["DEMO"] == "true"


def test_catalogues_compile_without_gettext_tools(tmp_path, monkeypatch):
    folder = tmp_path / "locale" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "星"\nmsgstr "star"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(local, "BASE_DIR", tmp_path)
    local.compile_translations()
    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("星") == "star"


def test_an_unknown_word_shows_how(capsys, monkeypatch):
    monkeypatch.setattr(local.signal, "signal", lambda *_: None)
    assert local.main(["dance"]) == 2
    assert "config.local demo" in capsys.readouterr().out
