import pytest
from django.urls import reverse

from desk.demo import cast
from scheme.models import Staff
from tests import factories as make

pytestmark = pytest.mark.django_db


def routes(pk):
    return [
        ("get", reverse("desk:demo")),
        ("post", reverse("desk:demo_sign_in", args=[pk])),
        ("post", reverse("desk:demo_rest", args=[pk])),
    ]


@pytest.mark.parametrize("number", range(3))
def test_outside_the_demo_there_is_no_such_page(client, settings, number):
    settings.DEMO = False
    part = cast.CAST[0]
    person = make.make_staff(staff_no=part.staff_no)
    method, url = routes(person.pk)[number]
    assert getattr(client, method)(url).status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_demo_signs_in_the_cast_and_nobody_else(client, settings):
    settings.DEMO = True
    unit = make.make_unit(cast.UNIT_NAME)
    part = cast.CAST[0]
    person = make.make_staff(unit, staff_no=part.staff_no)
    stranger = make.make_staff(unit)
    assert client.post(routes(stranger.pk)[1][1]).status_code == 404
    answer = client.post(routes(person.pk)[1][1], {"next": "//evil.example/"})
    assert answer.headers["Location"] == reverse("desk:home")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_logins_are_written_for_their_owner_alone(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    unit = make.make_unit(cast.UNIT_NAME)
    make.make_staff(unit, staff_no=cast.CAST[0].staff_no)
    given = cast.give_passwords()
    path = cast.write_logins(given)
    assert path.stat().st_mode & 0o077 == 0
    for _part, person, password in given:
        again = Staff.objects.get(pk=person.pk)
        assert again.check_password(password) and not again.must_change_password
        assert password in path.read_text()
    assert len(given) == 1 + len(cast.ADMINISTRATORS)
