import io
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scheme.actions import rosters
from scheme.models import AuditEntry, RosterUpload, Staff
from scheme.offices import Administrator, Office
from tests import factories
from tests.scheme.books import one, roster

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return factories.make_unit()


@pytest.fixture
def office(unit, client):
    person = factories.make_staff(unit, office=Office.PERSONNEL_OFFICE, staff_no="P1")
    client.force_login(person)
    return person


def post(client, address, *, key=None, **data):
    return client.post(address, {"idem": key or str(uuid.uuid4())} | data)


def upload(client, data: bytes, name="花名册.xlsx", **more):
    return post(client, "/roster/", file=SimpleUploadedFile(name, data), **more)


def test_upload_preview_confirm(client, office):
    answer = upload(client, roster(one("A1", "欧阳文"), one("P1", office.name)))
    row = RosterUpload.objects.get()
    assert answer.url == f"/roster/{row.pk}/"
    page = client.get(answer.url).content.decode()
    assert "欧阳文" in page and "确认导入" in page
    assert not Staff.objects.filter(staff_no="A1").exists()
    key = str(uuid.uuid4())
    for _again in range(2):
        answer = post(client, f"/roster/{row.pk}/apply/", key=key)
        assert (answer.status_code, answer.url) == (302, f"/roster/{row.pk}/")
    assert Staff.objects.filter(staff_no="A1").count() == 1
    page = client.get(answer.url).content.decode()
    assert "名册已导入" in page and "确认导入" not in page
    assert "花名册.xlsx" in client.get("/roster/").content.decode()


def test_every_kind_of_change_is_shown_in_words(client, office):
    people = [
        one("P1", office.name),
        one("A1", "甲一", post="科长"),
        one("A2", "甲二"),
        one("A3", "甲三"),
        one("A4", "甲四"),
    ]
    rosters.apply(
        rosters.read(office.unit, roster(*people), file_name="r", by=office).pk, by=office
    )
    people[1:] = [
        one("A1", "甲一", post="科员", staffing="工勤", remark="试用期"),
        one("A2", "甲二", remark="2026.5.11退休"),
        one("A3", "甲三", section="乙科", remark="借调至某局（2026.5.18起）"),
    ]
    page = client.get(upload(client, roster(*people)).url).content.decode()
    for words in (
        "甲科 科长", "工勤", "试用期", "2026-05-11", "乙科", "某局", "名册中没有", "甲四", "是",
    ):  # fmt: skip
        assert words in page, words


def test_errors_are_shown_and_downloaded(client, office):
    answer = upload(client, roster(one("A1", "<b>x", joined="2026年2月30日")))
    page = client.get(answer.url).content.decode()
    assert "入职时间" in page and "没有“2026年2月30日”这一天" in page
    file = client.get(answer.url + "errors/")
    assert file["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet["C5"].value == "<b>x" and "这一天" in sheet["N5"].value
    pk = RosterUpload.objects.get().pk
    assert post(client, f"/roster/{pk}/apply/").status_code == 409


def test_many_errors_are_cut_on_the_page(client, office, monkeypatch):
    monkeypatch.setattr("scheme.views.roster.ERRORS_SHOWN", 2)
    answer = upload(client, roster(*[one(f"A{n}", joined=None) for n in range(3)]))
    assert "只列前2处" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("data", [b"x", b"", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_workbook_is_told_at_the_field(client, office, data):
    answer = upload(client, data)
    assert answer.status_code == 422
    assert "id_file" in answer.content.decode()
    assert not RosterUpload.objects.exists()


def test_a_file_too_large_is_not_even_read(client, office, monkeypatch):
    monkeypatch.setattr("scheme.imports.archive.MAX_FILE", 100)
    answer = upload(client, roster(one("A1")))
    assert answer.status_code == 422 and "5MB" in answer.content.decode()


def test_no_file_at_all(client, office):
    assert post(client, "/roster/").status_code == 422


def test_an_outdated_preview(client, office):
    first = upload(client, roster(one("A1"))).url
    second = upload(client, roster(one("A1"), one("B1"))).url
    assert post(client, second + "apply/").status_code == 302
    answer = post(client, first + "apply/")
    assert answer.status_code == 409 and "重新上传" in answer.content.decode()


def test_dropping(client, office):
    address = upload(client, roster(one("A1"))).url
    assert post(client, address + "drop/").url == "/roster/"
    assert "没有导入" in client.get(address).content.decode()


def test_nothing_new(client, office):
    people = [one("P1", office.name), one("A1")]
    post(client, upload(client, roster(*people)).url + "apply/")
    page = client.get(upload(client, roster(*people)).url).content.decode()
    assert "与现有数据一致" in page and "确认导入" not in page


def test_export(client, office):
    answer = client.post("/roster/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["B5"].value == "P1"
    assert AuditEntry.objects.get(act="roster.export").actor == office
    assert client.get("/roster/export/").status_code == 405


def test_errors_of_a_good_roster(client, office):
    address = upload(client, roster(one("A1"))).url
    assert client.get(address + "errors/").status_code == 422


def test_one_unit_never_meets_anothers_upload(client, office):
    address = upload(client, roster(one("A1"))).url
    client.force_login(factories.make_staff(office=Office.PERSONNEL_OFFICE))
    assert client.get(address).status_code == 404
    assert client.get(address + "errors/").status_code == 404
    for verb in ("apply/", "drop/"):
        assert post(client, address + verb).status_code == 404
    assert RosterUpload.objects.get().state == "preview"


def test_others_have_no_roster(client, office, unit):
    address = upload(client, roster(one("A1"))).url
    for person in (
        factories.make_staff(unit),
        factories.make_administrator(Administrator.SYSTEM),
    ):
        client.force_login(person)
        for page in ("/roster/", address):
            assert client.get(page).status_code == 403
        for page in (address + "apply/", address + "drop/", "/roster/export/"):
            assert post(client, page).status_code == 403


def test_preview_costs_the_same_for_many(client, office, django_assert_max_num_queries):
    address = upload(client, roster(*[one(f"A{n}") for n in range(40)])).url
    with django_assert_max_num_queries(12):
        client.get(address)


# --- The own page


def test_me(client, unit):
    section = factories.make_section(unit, "组织一科")
    branch = factories.make_branch(unit, "第一支部")
    person = factories.make_staff(
        unit, section=section, branch=branch, office=Office.SECTION_CHIEF, post="科长"
    )
    client.force_login(person)
    page = client.get("/me/").content.decode()
    for words in ("组织一科", "第一支部", "科长", person.staff_no, "修改密码", "退出"):
        assert words in page


def test_an_administrators_own_page(client):
    client.force_login(factories.make_administrator(Administrator.AUDIT))
    page = client.get("/me/").content.decode()
    assert "审计员" in page and "科室" not in page
