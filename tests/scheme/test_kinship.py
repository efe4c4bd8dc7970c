"""Kin within the unit: said by either, read by the two and the office, kept when it ends."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from scheme import idempotency
from scheme.actions import kinship
from scheme.errors import Refused
from scheme.models import AuditEntry, Kinship, Notice
from tests.factories import again, make_department, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def d(clock):
    clock.set("2026-07-06 09:00")
    return make_department()


def say(person, relative, by=None, relation="spouse"):
    by = again(by or person)
    return kinship.declare(person.pk, by=by, relative=relative.pk, relation=relation)


def idem():
    return {idempotency.FIELD: idempotency.new_key()}


def test_either_says_it_once_for_both(d):
    one, other = d.officers[0][0], d.officers[1][0]
    row = say(one, other)
    assert (row.person, row.relative, row.declared_by, row.unit) == (one, other, one, d.unit)
    for first, second in ((one, other), (other, one)):
        with pytest.raises(Refused, match="已经报告过") as refused:
            say(first, second)
        assert refused.value.conflict
    trail = str(AuditEntry.objects.filter(act="kin.declare").values())
    assert "spouse" not in trail and other.name not in trail
    told = Notice.objects.filter(key=f"kin:{row.pk}:declared")
    assert {one.to for one in told} == set(d.personnel)
    assert other.name not in str(told.values())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d, one: {"relative": 0}, "relative"),
        (lambda d, one: {"relative": make_staff().pk}, "relative"),
        (lambda d, one: {"relative": one.pk}, "relative"),
        (lambda d, one: {"relation": "friend"}, "relation"),
    ],
)
def test_what_is_said_must_make_sense(d, change, field):
    one = d.officers[0][0]
    data = {"relative": d.officers[1][0].pk, "relation": "spouse"} | change(d, one)
    with pytest.raises(Refused) as refused:
        kinship.declare(one.pk, by=again(one), **data)
    assert refused.value.field == field
    with pytest.raises(Refused):
        kinship.declare(0, by=again(one), relative=one.pk, relation="spouse")


def test_for_others_only_the_office_speaks(d):
    one, other, third = d.officers[0][0], d.officers[1][0], d.chair
    with pytest.raises(PermissionDenied):
        say(one, other, by=third)
    row = say(one, other, by=d.personnel[1])
    for person in (one, other, third):
        with pytest.raises(PermissionDenied):
            kinship.end(row.pk, by=again(person))
    ended = kinship.end(row.pk, by=again(d.personnel[0]))
    assert ended.ended_by == d.personnel[0] and Kinship.objects.filter(pk=row.pk).exists()
    with pytest.raises(Refused, match="已经撤销"):
        kinship.end(row.pk, by=again(d.personnel[0]))
    assert say(one, other).pk != row.pk
    assert kinship.end(Kinship.objects.get(ended_at=None).pk, by=again(one))
    with pytest.raises(PermissionDenied):
        kinship.read(by=again(one))


def test_the_two_and_the_office_read_it_and_the_offices_reading_leaves_a_line(client, d):
    one, other = d.officers[0][0], d.officers[1][0]
    say(one, other)
    own, unit = reverse("scheme:kinship"), reverse("scheme:kinship_unit")
    for person, shown in ((one, other), (other, one)):
        client.force_login(person)
        assert [row["other"] for row in client.get(own).context["rows"]] == [shown]
        assert client.get(unit).status_code == 403
    client.force_login(d.chair)
    assert client.get(own).context["rows"] == []
    assert list(Kinship.objects.visible_to(again(d.chair))) == []
    assert list(Kinship.objects.visible_to(make_staff())) == []
    assert not AuditEntry.objects.filter(act="kin.read").exists()
    client.force_login(d.personnel[1])
    assert client.get(own).context["rows"] == []
    page = client.get(unit).content.decode()
    assert one.name in page and other.name in page
    assert AuditEntry.objects.get(act="kin.read").actor == d.personnel[1]


def test_the_pages_take_and_end_it(client, d):
    one, other, office = d.officers[0][0], d.officers[1][0], d.personnel[1]
    own, unit = reverse("scheme:kinship"), reverse("scheme:kinship_unit")
    client.force_login(one)
    for wrong in ({}, {"relative": "x"}, {"relative": "9" * 40}, {"relative": one.pk}):
        bad = {"relation": "spouse"} | wrong
        assert client.post(own, idem() | bad).status_code == 422
    said = {"relative": other.pk, "relation": "linear"}
    assert client.post(own, idem() | said).status_code == 422
    said["relation"] = "lineal"
    assert client.post(own, idem() | said).status_code == 302
    assert client.post(own, idem() | said).status_code == 422
    row = Kinship.objects.get()
    end = reverse("scheme:kinship_end", args=[row.pk])
    client.force_login(d.chair)
    assert client.post(end, idem()).status_code == 404
    client.force_login(one)
    assert client.post(end, idem()).status_code == 302

    client.force_login(office)
    entered = {"person": one.pk, "relative": other.pk, "relation": "spouse"}
    assert client.post(unit, idem() | entered | {"person": ""}).status_code == 422
    assert client.post(unit, idem() | entered).status_code == 302
    again_ = Kinship.objects.get(ended_at=None)
    answer = client.post(reverse("scheme:kinship_end", args=[again_.pk]), idem())
    assert answer.url == unit
    assert "已撤销" in client.get(unit).content.decode()
