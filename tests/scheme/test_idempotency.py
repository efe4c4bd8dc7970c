import uuid

import pytest
from django.test import Client

from scheme.models import AuditEntry, RequestKey, Unit
from tests import factories
from tests.scheme import probe_urls

pytestmark = pytest.mark.urls("tests.scheme.probe_urls")
DB = pytest.mark.django_db
URL = "/probe/act/"


@pytest.fixture(autouse=True)
def forget_effects():
    probe_urls.effects.clear()


@pytest.fixture
def client(db):
    return signed_in(factories.make_staff())


def signed_in(person, **options) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def body(**more):
    return {"idem": str(uuid.uuid4()), "name": "新的单位"} | more


def test_sent_twice_it_acts_once_and_answers_the_same(client):
    form = body()
    first, second = client.post(URL, form), client.post(URL, form)
    assert (first.status_code, first["Location"]) == (302, "/made/")
    assert (second.status_code, second["Location"]) == (302, "/made/")
    assert probe_urls.effects == ["新的单位"]
    assert Unit.objects.filter(name="新的单位").count() == 1
    assert AuditEntry.objects.filter(act="unit.make").count() == 1


def test_a_replay_to_htmx_is_a_redirect_it_understands(client):
    form = body(do="fragment")
    client.post(URL, form, headers={"HX-Request": "true"})
    again = client.post(URL, form, headers={"HX-Request": "true"})
    assert (again.status_code, again["HX-Redirect"]) == (200, "/me/")
    assert len(probe_urls.effects) == 1


def test_another_body_under_the_same_key_is_refused(client):
    form = body()
    client.post(URL, form)
    changed = client.post(URL, form | {"name": "别的单位"})
    assert changed.status_code == 422
    assert "已经提交过" in changed.content.decode()
    assert not Unit.objects.filter(name="别的单位").exists()


def test_the_csrf_token_is_no_part_of_the_content(client):
    form = body()
    client.post(URL, form | {"csrfmiddlewaretoken": "a"})
    assert client.post(URL, form | {"csrfmiddlewaretoken": "b"}).status_code == 302


@pytest.mark.parametrize("how", ["refuse", "form error", "constraint", "crash"])
def test_what_failed_can_be_mended_and_sent_again(db, how):
    client = signed_in(factories.make_staff(), raise_request_exception=False)
    form = body(do=how)
    expected = {"refuse": 422, "form error": 422, "constraint": 409, "crash": 500}[how]
    assert client.post(URL, form).status_code == expected
    assert not RequestKey.objects.exists()
    assert not Unit.objects.filter(name="新的单位").exists()
    assert not AuditEntry.objects.filter(act="unit.make").exists()
    assert client.post(URL, form | {"do": ""}).status_code == 302
    assert Unit.objects.filter(name="新的单位").count() == 1


@pytest.mark.parametrize("key", ["", "x", "0" * 5000, "\x00"])
def test_a_form_without_a_key_is_refused(client, key):
    assert client.post(URL, body(idem=key)).status_code == 422
    assert probe_urls.effects == []


def test_the_key_may_ride_in_a_header(client):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    for _n in range(2):
        assert client.post(URL, {"name": "甲"}, headers=headers).status_code == 302
    assert probe_urls.effects == ["甲"]


def test_two_people_may_have_the_same_key(db):
    form = body()
    unit = factories.make_unit()
    for name in "甲乙":
        person = factories.make_staff(unit)
        assert signed_in(person).post(URL, form | {"name": name}).status_code == 302
    assert probe_urls.effects == ["甲", "乙"]


def test_a_double_click_acts_once(committed_db, race):
    person = factories.make_staff()
    clients = [signed_in(person) for _n in range(4)]
    form = body()
    answers = race(*[lambda c=c: c.post(URL, form).status_code for c in clients])
    assert answers == [302] * 4
    assert Unit.objects.filter(name="新的单位").count() == 1
    assert RequestKey.objects.count() == 1


def test_a_get_needs_no_key(client):
    assert client.get(URL).status_code == 405
