from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from scheme import workdays
from scheme.actions import calendars
from scheme.errors import Refused
from scheme.models import AuditEntry, CalendarDay
from scheme.offices import Administrator, Office
from tests import factories

pytestmark = pytest.mark.django_db

PLAN = """日期,休班,名称
2027-01-01,休,元旦
2027年2月5日\t休\t春节
2027.2.14,班,春节
"""


@pytest.fixture(autouse=True)
def in_november(clock):
    clock.set(date(2026, 11, 9))


@pytest.fixture
def office():
    return factories.make_staff(office=Office.PERSONNEL_OFFICE)


def test_loading_a_year(office):
    assert not workdays.is_known(2027)
    assert calendars.load_plan(2027, PLAN, by=office) == 3
    assert workdays.is_known(2027)
    assert not workdays.is_working(date(2027, 2, 5))
    assert workdays.is_working(date(2027, 2, 14))
    row = CalendarDay.objects.get(day=date(2027, 2, 14))
    assert (row.name, row.source) == ("春节", "国务院办公厅2027年节假日安排")
    assert CalendarDay.objects.filter(day__year=2027).count() == 365
    assert AuditEntry.objects.get(act="calendar.load_plan").after["different"] == 3


def test_the_year_after_is_laid_out_as_assumed(office):
    calendars.load_plan(2027, PLAN, by=office)
    days = CalendarDay.objects.filter(day__year=2028)
    assert days.count() == 366 and not days.filter(provisional=False).exists()


def test_a_year_that_was_not_laid_out_at_all(office):
    assert not CalendarDay.objects.filter(day__year=2028).exists()
    calendars.load_plan(2028, "2028-01-03,休,元旦", by=office)
    assert workdays.is_known(2028) and not workdays.is_working(date(2028, 1, 3))
    assert CalendarDay.objects.filter(day__year=2028).count() == 366


def test_twice_does_nothing(office):
    calendars.load_plan(2027, PLAN, by=office)
    history = CalendarDay.history.count()
    assert calendars.load_plan(2027, PLAN, by=office) == 0
    assert CalendarDay.history.count() == history
    assert AuditEntry.objects.filter(act="calendar.load_plan").count() == 1


@pytest.mark.parametrize(
    "plan, why",
    [
        ("", "1到120行"),
        ("日期,休班,名称", "1到120行"),
        ("2027-02-30,休,x", "第1行：没有“2027-02-30”这一天"),
        ("2027-01-01,假,x", "第1行：第二栏只能填“休”或“班”"),
        ("2027-01-01", "第二栏"),
        ("2027-01-01,休,x\n2027-01-01,休,x", "第2行：这一天写了两次"),
        ("2027-01-04,班,x", "本来就上班"),
        ("2027-01-09,班,x", "一个休息日也没有"),
        ("2026-12-31,休,x", "别的年份"),
    ],
)
def test_refusals(office, plan, why):
    with pytest.raises(Refused, match=why):
        calendars.load_plan(2027, plan, by=office)
    assert not workdays.is_known(2027)


@pytest.mark.parametrize("year", [2025, 2029])
def test_only_this_year_and_the_next_two(office, year):
    with pytest.raises(Refused, match="今后两年"):
        calendars.load_plan(year, f"{year}-01-01,休,元旦", by=office)


def test_only_who_may():
    with pytest.raises(PermissionDenied):
        calendars.load_plan(2027, PLAN, by=factories.make_staff())
    calendars.load_plan(2027, PLAN, by=factories.make_administrator(Administrator.SYSTEM))


def test_command(tmp_path, capsys):
    path = tmp_path / "plan.csv"
    path.write_text(PLAN, encoding="utf-8-sig")
    call_command("load_calendar", str(path), year=2027)
    assert "3天与原来不同" in capsys.readouterr().out
    path.write_text("x", encoding="utf-8")
    with pytest.raises(CommandError, match="第1行"):
        call_command("load_calendar", str(path), year=2027)
    with pytest.raises(CommandError):
        call_command("load_calendar", str(tmp_path / "none.csv"), year=2027)


def test_in_the_admin(client, office):
    client.force_login(office)
    address = "/admin/scheme/calendarday/"
    page = client.get(address).content.decode()
    assert "2027年的放假安排还没有导入" in page and 'class="warning"' in page
    answer = client.post(address + "plan/", {"year": "2027", "plan": "x"})
    assert answer.status_code == 422 and "第1行" in answer.content.decode()
    answer = client.post(address + "plan/", {"year": "2027", "plan": PLAN})
    assert answer.status_code == 302
    page = client.get(address + "?year=2027").content.decode()
    assert "放假安排已导入" in page and "还没有导入" not in page
    assert client.get(address + "?year=x").status_code in (200, 302)


def test_who_may_not_import_in_the_admin(client):
    client.force_login(factories.make_administrator(Administrator.SECURITY))
    assert client.get("/admin/scheme/calendarday/plan/").status_code == 403
