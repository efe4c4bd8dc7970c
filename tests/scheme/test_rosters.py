from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from scheme.actions import rosters
from scheme.errors import Refused, Stale
from scheme.models import (
    Absence,
    Appointment,
    AuditEntry,
    Branch,
    BranchMembership,
    RosterUpload,
    Section,
    SectionMembership,
    Staff,
    Unit,
)
from scheme.offices import Office
from tests import factories
from tests.scheme.books import DATA, one, roster
from tests.scheme.loading import JOINED, UNIT, load, stays

pytestmark = pytest.mark.django_db


def everything():
    models = (Staff, Section, Branch, SectionMembership, BranchMembership, Appointment, Absence)
    return [
        [*sorted(map(tuple, model.objects.values_list())), model.history.count()]
        for model in models
    ]


def test_the_departments_roster_and_once_more():
    data = (DATA / "roster.xlsx").read_bytes()
    upload = rosters.load("泽川", data, file_name="roster.xlsx")
    assert rosters.summary(upload) == "新进96人，信息变动0人，调整科室或支部0人，离开0人，未变0人"
    assert (Section.objects.count(), Branch.objects.count(), Staff.objects.count()) == (22, 6, 96)
    assert list(Section.objects.values_list("name", flat=True)[:2]) == ["办公室", "机关人事科"]
    counts = {office: Appointment.objects.filter(office=office).count() for office in Office.values}
    assert counts == {
        "section_chief": 22,
        "deputy_chief": 15,
        "leader_in_charge": 22,
        "branch_secretary": 6,
        "branch_committee": 18,
        "committee_chair": 1,
        "committee_member": 6,
        "personnel_office": 3,
        "supervision_office": 5,
    }
    assert stays("ZC038") == [
        ("信息宣传科", date(2020, 12, 1), date(2026, 3, 16)),
        ("干部教育科", date(2026, 3, 16), None),
    ]
    assert stays("ZC010") == [("办公室", date(2015, 5, 1), date(2026, 5, 11))]
    assert stays("ZC001") == [] and len(stays("ZC001", BranchMembership)) == 1
    assert set(
        Absence.objects.values_list("staff__staff_no", "kind", "note", "start_on", "end_on")
    ) == {
        ("ZC072", "secondment", "市信访局", date(2026, 5, 18), None),
        ("ZC091", "secondment", "省委组织部", date(2026, 3, 2), None),
    }
    person = Staff.objects.get(staff_no="ZC008")
    assert (person.login, person.name_key.split()[0]) == ("ZC008", "zhr")
    assert not person.has_usable_password() and person.must_change_password

    before, trail = everything(), AuditEntry.objects.count()
    again = rosters.load("泽川", data, file_name="roster.xlsx")
    assert again.changes["counts"]["untouched"] == 96 and not again.changes["anything"]
    assert everything() == before
    assert AuditEntry.objects.count() == trail
    assert RosterUpload.objects.count() == 1


def test_queries_do_not_grow_with_people(django_assert_max_num_queries):
    load(*[one(f"A{n}") for n in range(3)])
    with django_assert_max_num_queries(60):
        load(*[one(f"A{n}", section=f"第{n % 9}科") for n in range(80)])


def test_one_audit_line_with_counts():
    load(one("A1"))
    entry = AuditEntry.objects.get(act="roster.apply")
    assert entry.actor is None and entry.after["joined"] == 1 and len(entry.after["sha256"]) == 64
    assert AuditEntry.objects.filter(act="unit.create").count() == 1


def test_errors_change_nothing():
    upload = load(one("A1"), one("A1"))
    assert upload.errors[0]["reason"] == "与第5行工号重复"
    assert not Unit.objects.exists() and not RosterUpload.objects.exists()


# --- By hand: upload, confirm


@pytest.fixture
def office():
    unit = factories.make_unit(UNIT)
    return factories.make_staff(unit, office=Office.PERSONNEL_OFFICE, staff_no="P1")


def read(office, *people):
    return rosters.read(office.unit, roster(*people), file_name="r.xlsx", by=office)


def test_confirming(office):
    upload = read(office, one("A1"))
    assert upload.state == "preview" and not Section.objects.exists()
    rosters.apply(upload.pk, by=office)
    upload.refresh_from_db()
    assert (upload.state, upload.applied_by) == ("applied", office)
    assert Staff.objects.get(staff_no="A1").history.get().history_user == office
    with pytest.raises(Stale, match="已经处理过"):
        rosters.apply(upload.pk, by=office)
    with pytest.raises(Stale, match="已经处理过"):
        rosters.drop(upload.pk, by=office)


def test_a_preview_that_is_out_of_date_is_refused(office):
    upload = read(office, one("A1"))
    rosters.apply(read(office, one("A1"), one("B1")).pk, by=office)
    with pytest.raises(Stale, match="重新上传"):
        rosters.apply(upload.pk, by=office)
    assert Staff.objects.filter(staff_no="B1").exists()


def test_nothing_to_do_is_refused(office):
    rosters.apply(read(office, one("A1")).pk, by=office)
    upload = read(office, one("A1"))
    with pytest.raises(Refused, match="不需要导入"):
        rosters.apply(upload.pk, by=office)


def test_errors_cannot_be_confirmed(office):
    upload = read(office, one("A1", joined=None))
    assert upload.state == "refused" and upload.rows[0]["row"] == 5
    with pytest.raises(Stale):
        rosters.apply(upload.pk, by=office)


def test_dropping(office):
    upload = read(office, one("A1"))
    assert rosters.drop(upload.pk, by=office).state == "dropped"
    assert not Staff.objects.filter(staff_no="A1").exists()


def test_only_the_personnel_office_of_the_unit(office):
    upload = read(office, one("A1"))
    stranger = factories.make_staff(factories.make_unit(), office=Office.PERSONNEL_OFFICE)
    member = factories.make_staff(office.unit)
    for person in (stranger, member):
        with pytest.raises(PermissionDenied):
            rosters.read(office.unit, roster(one("A1")), file_name="r.xlsx", by=person)
        with pytest.raises(PermissionDenied):
            rosters.apply(upload.pk, by=person)
        with pytest.raises(PermissionDenied):
            rosters.drop(upload.pk, by=person)
        with pytest.raises(PermissionDenied):
            rosters.export(office.unit, None, by=person)


def test_all_or_nothing(office, monkeypatch):
    upload = read(office, one("A1"))

    def fail(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(rosters.audit, "record", fail)
    with pytest.raises(RuntimeError):
        rosters.apply(upload.pk, by=office)
    assert not Section.objects.exists()
    assert not Staff.objects.filter(staff_no="A1").exists()


# --- The way out again


def test_the_export_read_back_changes_nothing(office, tmp_path):
    data = (DATA / "roster.xlsx").read_bytes()
    office.left_on = JOINED  # not one of the department's own
    office.save()
    rosters.load(UNIT, data, file_name="roster.xlsx")
    boss = Staff.objects.get(staff_no="ZC013")
    path = tmp_path / "out.xlsx"
    rosters.export(boss.unit, path, by=boss)
    assert AuditEntry.objects.get(act="roster.export").actor == boss
    again = rosters.load(UNIT, path.read_bytes(), file_name="out.xlsx")
    assert again.errors == []
    assert not again.changes["anything"], again.changes
    assert again.changes["counts"]["untouched"] == 96


def test_who_left_by_hand_is_exported_with_words(office, tmp_path, today):
    rosters.apply(read(office, one("A1"), one("B1"), one("C1"), one("D1")).pk, by=office)
    for number, day, why in (
        ("A1", today, "退休"),
        ("B1", date(2021, 3, 4), "调出"),
        ("C1", today, "别的"),
    ):
        Staff.objects.filter(staff_no=number).update(left_on=day, leaving=why)
    from scheme.exports.roster import rows

    listed = {row[1]: row[-1] for row in rows(office.unit, today)}
    assert listed == {"A1": f"{today}退休", "D1": None, "P1": None}


def test_the_error_workbook(office, tmp_path):
    import openpyxl

    from scheme.exports.roster import write_errors

    upload = read(office, one("A1", joined="2020年2月30日"), one("A1"), one("C1"))
    path = tmp_path / "errors.xlsx"
    write_errors(upload.unit, upload.rows, upload.errors, path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet["N3"].value == "错误"
    assert sheet["L5"].value == "2020年2月30日"
    assert "入职时间：没有“2020年2月30日”这一天" in sheet["N5"].value
    assert sheet["N6"].value == "工号：与第5行工号重复"
    assert sheet["N7"].value is None
    again = rosters.read(office.unit, path.read_bytes(), file_name="e.xlsx", by=office)
    assert len(again.errors) == 2  # the column of errors does not disturb


# --- The command


def test_command(tmp_path, capsys):
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(one("A1")))
    call_command("import_roster", str(path), unit=UNIT)
    out = capsys.readouterr().out
    assert "新进1人" in out and "新设科室1：甲科" in out
    path.write_bytes(roster(one("B1")))
    call_command("import_roster", str(path), unit=UNIT)
    assert "名册中没有1：张三" in capsys.readouterr().out
    call_command("import_roster", str(path), unit=UNIT)
    assert "没有变化" in capsys.readouterr().out


def test_command_with_errors(tmp_path, capsys):
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(one("A1", joined=None)))
    with pytest.raises(CommandError, match="1处错误"):
        call_command("import_roster", str(path), unit=UNIT)
    assert "花名册第5行“入职时间”：不能为空" in capsys.readouterr().err
    path.write_bytes(b"x")
    with pytest.raises(CommandError, match="Excel工作簿"):
        call_command("import_roster", str(path), unit=UNIT)
    with pytest.raises(CommandError):
        call_command("import_roster", str(tmp_path / "none.xlsx"), unit=UNIT)
    assert not Unit.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "长" * 101])
def test_command_makes_no_unit_without_a_fit_name(tmp_path, name):
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(one("A1")))
    with pytest.raises(CommandError, match="1 to 100 characters"):
        call_command("import_roster", str(path), unit=name)
    assert not Unit.objects.exists()
