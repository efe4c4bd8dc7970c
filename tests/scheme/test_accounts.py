import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from scheme.actions import accounts
from scheme.models import AuditEntry, Staff
from tests import factories

pytestmark = pytest.mark.django_db

NEW = "quite another 42 words"


def sign_in(client, login, password, **more):
    return client.post("/sign-in/", {"staff_no": login, "password": password}, **more)


# --- The actions


def test_changing_the_password_ends_the_duty_to_change_it():
    person = factories.make_staff(must_change_password=True)
    accounts.change_password(person, NEW, by=person)
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert not person.must_change_password
    row = AuditEntry.objects.get()
    assert (row.act, row.actor) == ("staff.change_password", person)
    assert NEW not in str([row.before, row.after, row.reason])


def test_a_first_password_is_random_and_must_be_changed():
    person, office = factories.make_staff(), factories.make_staff()
    given = {accounts.give_first_password(person, by=office) for _n in range(5)}
    assert len(given) == 5
    person.refresh_from_db()
    assert person.must_change_password
    assert sum(person.check_password(one) for one in given) == 1
    for one in given:
        assert len(one.replace("-", "")) == 15
        assert not set(one) & set("il1o0")
    assert AuditEntry.objects.filter(act="staff.give_first_password").count() == 5


def test_the_history_keeps_no_password():
    person = factories.make_staff()
    accounts.change_password(person, NEW, by=person)
    row = person.history.latest()
    assert not hasattr(row, "password")


# --- Signing in


def test_signing_in_leads_where_one_wanted_to_go():
    person = factories.make_staff(staff_no="ZC999")
    client = Client()
    assert client.get("/sign-in/").status_code == 200
    answer = client.post(
        "/sign-in/", {"staff_no": " zc999 ", "password": factories.PASSWORD, "next": "/me/"}
    )
    assert answer["Location"] == "/me/"
    assert client.session[SESSION_KEY] == str(person.pk)
    assert client.get("/sign-in/?next=/me/")["Location"] == "/me/"


def test_signing_in_changes_the_session_key():
    person = factories.make_staff()
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    sign_in(client, person.login, factories.PASSWORD)
    assert client.session.session_key != before


@pytest.mark.parametrize("password", ["", "wrong", factories.PASSWORD.upper()])
def test_a_wrong_password_says_little(password):
    person = factories.make_staff()
    known = sign_in(Client(), person.login, password)
    unknown = sign_in(Client(), "NOBODY", password)
    assert known.status_code == unknown.status_code == 422
    if password:
        for answer in (known, unknown):
            assert "工号或密码不对" in answer.content.decode()


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour():
    person, other = factories.make_staff(), factories.make_staff()
    for n in range(1, 6):
        answer = sign_in(Client(), person.login, "wrong")
        assert answer.status_code == (422 if n < 5 else 403), n
    answer = sign_in(Client(), person.login, factories.PASSWORD)
    assert answer.status_code == 403
    assert "十五分钟" in answer.content.decode()
    assert sign_in(Client(), other.login, factories.PASSWORD).status_code == 302


def test_success_forgets_the_failures():
    person = factories.make_staff()
    for _round in range(2):
        for _n in range(4):
            sign_in(Client(), person.login, "wrong")
        assert sign_in(Client(), person.login, factories.PASSWORD).status_code == 302


def test_an_account_switched_off_cannot_sign_in():
    person = factories.make_staff(is_active=False)
    assert sign_in(Client(), person.login, factories.PASSWORD).status_code == 422


# --- The password page


def change(client, old, new, again=None):
    return client.post("/me/password/", {"old": old, "new": new, "again": again or new})


@pytest.fixture
def person():
    return factories.make_staff(name="王小明明明", must_change_password=True)


@pytest.fixture
def client(person):
    client = Client()
    client.force_login(person)
    return client


def test_changing_it_on_the_page(client, person):
    assert client.get("/me/password/").status_code == 200
    answer = change(client, factories.PASSWORD, NEW)
    assert answer.status_code == 302
    assert Staff.objects.get(pk=person.pk).check_password(NEW)
    assert client.get("/me/").status_code == 200, "one's own session goes on"


def test_changing_it_ends_the_sessions_elsewhere(client, person):
    elsewhere = Client()
    elsewhere.force_login(person)
    change(client, factories.PASSWORD, NEW)
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (factories.PASSWORD, NEW, NEW + "x"),
        (factories.PASSWORD, "short", "short"),
        (factories.PASSWORD, "123456789012345", "123456789012345"),
        (factories.PASSWORD, factories.PASSWORD, factories.PASSWORD),
        (factories.PASSWORD, "王小明明明王小明明明王小明", "王小明明明王小明明明王小明"),
        ("", "", ""),
    ],
)
def test_what_is_no_new_password(client, person, old, new, again):
    assert change(client, old, new, again).status_code == 422
    person.refresh_from_db()
    assert person.check_password(factories.PASSWORD)
    assert person.must_change_password


def test_signing_out_leaves_nothing_in_the_browser(client):
    assert client.get("/sign-out/").status_code in (302, 405)
    answer = client.post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"storage"'
    assert SESSION_KEY not in client.session
