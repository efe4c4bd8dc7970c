import threading
import urllib.request

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client, override_settings

from scheme import clock as our_clock
from scheme import trace
from scheme.models import AuditEntry, Unit
from scheme.offices import Office
from tests import factories

pytestmark = pytest.mark.urls("tests.scheme.probe_urls")
SIGN_IN = "/sign-in/"


@pytest.fixture
def person(db):
    return factories.make_staff()


@pytest.fixture
def client(person):
    return signed_in(person)


def signed_in(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def is_inside(client) -> bool:
    return client.get("/probe/inside/").status_code == 200


# --- The gatekeeper


def test_a_view_nobody_marked_is_shut(client):
    assert client.get("/probe/unmarked/").status_code == 403


def test_a_view_nobody_marked_fails_the_check(client):
    from scheme.checks import every_route_has_a_gate

    found = every_route_has_a_gate(None)
    assert ["unmarked" in error.msg for error in found] == [True]


def test_a_verb_opens_to_whoever_holds_it(person, client):
    assert client.get("/probe/office/").status_code == 403
    factories.appoint(person, Office.PERSONNEL_OFFICE)
    assert client.get("/probe/office/").status_code == 200


def test_a_right_taken_away_is_gone_with_the_next_request(person, client):
    held = factories.appoint(person, Office.PERSONNEL_OFFICE)
    assert client.get("/probe/office/").status_code == 200
    held.end_on = our_clock.today()
    held.save()
    assert client.get("/probe/office/").status_code == 403


def test_a_stranger_is_asked_to_sign_in_and_comes_back(db):
    answer = Client().get("/probe/inside/?x=1")
    assert answer.status_code == 302
    assert answer["Location"] == f"{SIGN_IN}?next=/probe/inside/%3Fx%3D1"


def test_after_a_post_the_way_back_is_the_desk(db):
    answer = Client().post("/probe/act/")
    assert answer["Location"] == f"{SIGN_IN}?next=/"


def test_htmx_and_fetch_get_401(db):
    answer = Client().get("/probe/inside/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, SIGN_IN)
    answer = Client().get("/probe/inside/", headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 401


def test_a_first_password_must_be_changed_before_anything_else(db):
    client = signed_in(factories.make_staff(must_change_password=True))
    assert client.get("/probe/inside/")["Location"] == "/me/password/"
    assert client.post("/probe/act/")["Location"] == "/me/password/"
    assert client.get("/me/password/").status_code == 200
    answer = client.get("/probe/inside/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/me/password/"
    assert client.post("/sign-out/").status_code == 302


def test_an_account_switched_off_is_out_at_once(person, client):
    assert is_inside(client)
    person.is_active = False
    person.save()
    assert not is_inside(client)


def test_a_post_without_a_token_is_refused(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post("/probe/act/", {"name": "x"})
    assert answer.status_code == 403
    assert "刷新" in answer.content.decode()


# --- The session


def test_half_an_hour_idle_ends_the_session(client, clock):
    clock.set("2026-07-06 09:00")
    assert is_inside(client)
    clock.set("2026-07-06 09:29")
    assert is_inside(client)
    clock.set("2026-07-06 09:58")
    assert is_inside(client)
    clock.set("2026-07-06 10:29")
    assert not is_inside(client)
    assert SESSION_KEY not in client.session


def test_pages_behind_the_sign_in_stay_out_of_caches(client):
    assert client.get("/probe/inside/")["Cache-Control"] == "no-store"
    assert "Cache-Control" not in Client().get("/probe/word/")


def test_a_session_cookie_of_rubbish_is_nobody(db):
    client = Client(raise_request_exception=False)
    for rubbish in ("x", '"ab\\000cd"', "0" * 4000):
        client.cookies["session"] = rubbish
        assert client.get("/probe/inside/").status_code in (302, 400), rubbish
        client.cookies.load(f"session={rubbish}; language={rubbish}; theme={rubbish}")
        assert client.get("/probe/inside/").status_code in (302, 400), rubbish


# --- Language and trace


def test_chinese_unless_switched(client):
    assert (
        client.get("/probe/inside/", headers={"Accept-Language": "en"})["Content-Language"]
        == "zh-hans"
    )
    answer = client.post("/language/", {"language": "en", "next": "/probe/inside/"})
    assert answer["Location"] == "/probe/inside/"
    assert client.get("/probe/inside/")["Content-Language"] == "en"
    client.post("/language/", {"language": "xx"})
    assert client.get("/probe/inside/")["Content-Language"] == "zh-hans"


@pytest.mark.parametrize(
    "target", ["desk", "https://evil.example/", "//evil.example", "javascript:x"]
)
def test_a_switch_leads_nowhere_else(client, target):
    for where in ("/language/", "/theme/"):
        assert client.post(where, {"next": target, "theme": "dark"})["Location"] == "/"


def test_the_theme_is_remembered(client):
    client.post("/theme/", {"theme": "dark"})
    assert client.cookies["theme"].value == "dark"
    client.post("/theme/", {"theme": "pink"})
    assert client.cookies["theme"].value == "system"


def test_the_number_of_the_request_stands_on_answer_and_trail(client):
    answer = client.post(
        "/probe/act/", {"name": "甲", "idem": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}
    )
    row = AuditEntry.objects.get(act="unit.make")
    assert row.request_id == answer["X-Request-ID"]
    assert row.ip == "127.0.0.1"
    assert trace.current.get() == trace.Trace()


def test_the_log_knows_the_number():
    import logging

    record = logging.makeLogRecord({})
    assert trace.TraceFilter().filter(record)
    assert record.request_id == "-"


# --- Plain answers


def test_refusals_are_said_in_plain_words(client):
    answer = client.get("/probe/refused/")
    assert (answer.status_code, "先做别的。" in answer.content.decode()) == (422, True)
    answer = client.get("/probe/stale/")
    assert (answer.status_code, "有人先办了。" in answer.content.decode()) == (409, True)


def test_htmx_gets_a_fragment(client):
    answer = client.get("/probe/refused/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "先做别的。" in answer.content.decode()


def test_a_constraint_is_a_conflict(client):
    assert client.get("/probe/twice/").status_code == 409
    assert not Unit.objects.filter(name="同名").exists()


def test_a_query_that_takes_too_long_is_503(client):
    answer = client.get("/probe/slow/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "不会重复提交" in answer.content.decode()


def test_a_bug_is_a_500_in_plain_words(client):
    answer = client.get("/probe/broken/")
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.content.decode()


@override_settings(DEBUG=False)
def test_a_database_that_is_gone_is_503_wherever_it_is_missed(committed_db):
    """Not only in the view: the session, the gate and the page's frame all ask the database."""
    from django.db import connections

    person = factories.make_staff()
    client = signed_in(person)
    assert is_inside(client)
    settings = connections["default"].settings_dict
    connections.close_all()
    name, settings["NAME"] = settings["NAME"], "no_such_database"
    try:
        for path in ("/probe/inside/", "/probe/word/", "/probe/office/", "/", "/health/"):
            answer = client.get(path)
            assert answer.status_code == 503, path
        for headers in ({"HX-Request": "true"}, {}):
            assert client.post("/probe/act/", headers=headers).status_code == 503
    finally:
        connections.close_all()
        settings["NAME"] = name
    assert is_inside(client)


def test_a_connection_that_was_cut_is_mended(committed_db, web_server):
    """On a real server: the worker's connection is cut between two requests."""
    client = signed_in(factories.make_staff())
    cookie = f"session={client.cookies['session'].value}"

    def look() -> int:
        request = urllib.request.Request(f"{web_server.url}/me/", headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status

    assert look() == 200
    with committed_db.connect() as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert [look() for _n in range(3)] == [200] * 3


@pytest.mark.parametrize("query", ["%00", "a%00b", "%ed%a0%80", "%ff", "x" * 7000])
def test_rubbish_in_the_query_is_never_a_500(client, query):
    for path in ("/probe/word/?name=", "/sign-in/?next=", "/?page=", "/search/?q="):
        assert client.get(path + query).status_code < 500, path


@pytest.mark.parametrize("path", ["/jobs/99999999999999999999/", "/%00/", "/a%00/", "/%ff/"])
def test_rubbish_in_the_path_is_never_a_500(client, path):
    assert client.get(path).status_code in (400, 403, 404)


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\ud800", "９" * 500, ""])
def test_rubbish_in_the_body_is_never_a_500(client, value):
    anybody = Client(raise_request_exception=False)
    value = value.encode("utf-8", "surrogatepass")
    for one, path in ((client, "/me/password/"), (anybody, "/sign-in/"), (client, "/language/")):
        form = {k: value for k in ("staff_no", "password", "old", "new", "again", "language")}
        assert one.post(path, form).status_code < 500, path


def test_requests_in_threads_keep_their_own_number():
    seen = {}

    def look(name):
        trace.current.set(trace.Trace(name))
        seen[name] = trace.current.get().request_id

    threads = [threading.Thread(target=look, args=(n,)) for n in "ab"]
    for thread in threads:
        thread.start()
        thread.join()
    assert seen == {"a": "a", "b": "b"}
