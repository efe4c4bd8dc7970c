"""Facts in through the browser, as the personnel office goes about it."""

import io
import uuid
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers.models import DailyReport, MonthlySummary, PointEntry
from scheme import jobs
from scheme.models import AuditEntry, Job, Notice
from scheme.offices import Office
from scoring.models import FactsUpload
from tests import factories
from tests.scheme import hostile
from tests.scheme.books import book
from tests.scoring.uploading import post, report, reports, summaries, upload, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(clock, settings, tmp_path):
    clock.set("2026-07-15 09:00")
    settings.FILES_ROOT = str(tmp_path)
    return factories.make_unit()


@pytest.fixture
def section(unit):
    return factories.make_section(unit, "组织一科")


@pytest.fixture
def office(unit, section, client):
    person = factories.make_staff(unit, office=Office.PERSONNEL_OFFICE, staff_no="P1")
    factories.make_staff(section=section, staff_no="A1", name="欧阳文")
    client.force_login(person)
    return person


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def htmx(client):
    return lambda address: client.get(address, headers={"HX-Request": "true"})


def test_upload_read_confirm_store_settle(client, office, htmx):
    factories.make_rule_book(office.unit, proposed_by=office)
    answer = upload(client, reports(report()))
    one = FactsUpload.objects.get()
    address = f"/facts/{one.pk}/"
    assert answer.url == address and one.state == "reading"
    shown = page(client, address)
    assert "正在读取" in shown and f"{address}progress/" in shown and "noscript" in shown
    assert "排队等待" in htmx(f"{address}progress/").content.decode()

    work()
    assert htmx(f"{address}progress/")["HX-Redirect"] == address
    assert client.get(f"{address}progress/").url == address
    shown = page(client, address)
    for words in ("入库后会有这些变化", "核对档案", "确认入库", "第3行"):
        assert words in shown, words
    assert not DailyReport.objects.exists()

    key = str(uuid.uuid4())
    for _again in range(2):
        answer = post(client, f"{address}confirm/", key=key)
        assert (answer.status_code, answer.url) == (302, address)
    assert Job.objects.filter(kind="facts.store").count() == 1
    assert "正在入库" in page(client, address)
    assert jobs.run(Job.objects.get(kind="facts.store").pk)
    shown = page(client, address)
    assert "台账已入库" in shown and "正在过账" in shown and "settled=yes" in shown
    assert "正在过账" in htmx(f"{address}progress/?settled=yes").content.decode()
    work()
    shown = htmx(f"{address}progress/?settled=yes").content.decode()
    assert "已过账" in shown and "hx-get" not in shown
    assert DailyReport.objects.count() == 1 and PointEntry.objects.filter(unit=office.unit).exists()
    one.refresh_from_db()
    assert (one.state, one.applied_by, one.applied_at is not None) == ("applied", office, True)
    assert "已入库" in page(client, "/facts/")
    assert Notice.objects.get(to=office, key=f"facts:{one.pk}").url == address
    assert AuditEntry.objects.filter(act="facts.apply").count() == 1
    # Once more changes nothing, whoever presses what.
    assert post(client, f"{address}confirm/").status_code == 409
    assert post(client, f"{address}drop/").status_code == 409


def test_the_same_file_again_is_told_so(client, office):
    data = reports(report())
    first = upload(client, data).url
    assert upload(client, data).url == first
    work()
    assert upload(client, data).url == first
    post(client, f"{first}confirm/")
    work()
    second = upload(client, data).url
    assert second != first
    work()
    shown = page(client, second)
    assert "再次导入不会重复" in shown and "没有新内容" in shown and "确认入库" not in shown
    assert post(client, f"{second}confirm/").status_code == 422
    post(client, f"{second}drop/")
    assert "再次导入不会重复" not in page(client, second)
    assert DailyReport.objects.count() == 1


def test_corrections_are_shown_before_and_after(client, office, section):
    for grade in ("好", "一般"):
        address = upload(client, summaries(["2026-03", section.name, grade])).url
        work()
        shown = page(client, address)
        post(client, f"{address}confirm/")
        work()
    assert "更正" in shown and "<del>好</del>" in shown and "<ins>一般</ins>" in shown
    assert MonthlySummary.objects.get().grade == "plain"


def test_without_a_rule_book_there_is_nothing_to_settle(client, office, section):
    address = upload(client, summaries(["2026-03", section.name, "好"])).url
    work()
    post(client, f"{address}confirm/")
    work()
    assert "还没有施行的细则" in page(client, address)


def test_errors_are_listed_by_sheet_row_and_column_and_downloaded(client, office):
    address = upload(client, reports(report(), report("<b>x"), report(day="2026-02-30"))).url
    work()
    shown = page(client, address)
    for words in ("2处要改", "没有工号&lt;b&gt;x", "没有“2026-02-30”这一天", "日报"):
        assert words in shown, words
    file = client.get(f"{address}errors/")
    assert file["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file["Content-Security-Policy"]
    made = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content)))
    assert "没有工号" in made["日报"]["G4"].value
    assert post(client, f"{address}confirm/").status_code == 409
    assert not DailyReport.objects.exists()
    assert post(client, f"{address}drop/").url == "/facts/"
    assert client.get(f"{address}errors/").status_code == 404


def test_many_errors_are_cut_on_the_page(client, office, monkeypatch):
    monkeypatch.setattr("scoring.views.facts.PROBLEMS_SHOWN", 2)
    address = upload(client, reports(*[report(f"X{n}") for n in range(4)])).url
    work()
    assert "只列前2处" in page(client, address)


def test_no_errors_no_workbook_of_errors(client, office):
    address = upload(client, reports(report())).url
    work()
    assert client.get(f"{address}errors/").status_code == 404


def test_no_file_and_one_too_large_are_told_at_the_field(client, office, monkeypatch):
    assert post(client, "/facts/").status_code == 422
    monkeypatch.setattr("scheme.imports.archive.MAX_FILE", 100)
    answer = upload(client, reports(report()))
    assert answer.status_code == 422 and "5MB" in answer.content.decode()
    assert "id_file" in answer.content.decode()
    assert not FactsUpload.objects.exists() and not Job.objects.exists()


@pytest.mark.parametrize("name", hostile.CORPUS)
def test_a_hostile_file_is_refused_in_words_and_stores_nothing(client, office, name):
    make, words = hostile.CORPUS[name]
    address = upload(client, make()).url
    work()
    shown = page(client, address)
    assert "有错误" in shown and "什么都没有入库" in shown
    # What a broken sheet would have held is not asked for; then it is no ledger's.
    assert words in shown or "没有一张台账工作表" in shown
    assert Job.objects.get().state == Job.State.DONE
    assert not DailyReport.objects.exists()


def test_a_workbook_of_something_else(client, office):
    address = upload(client, book(("工资", [["x"]]))).url
    work()
    assert "没有一张台账工作表" in page(client, address)


def test_a_job_that_failed_for_good_may_be_let_go(client, office, htmx):
    address = upload(client, reports(report())).url
    assert post(client, f"{address}drop/").status_code == 409
    Job.objects.update(state="parked", error="x")
    shown = page(client, address)
    assert "没有办成" in shown and "放弃这份" in shown
    assert htmx(f"{address}progress/")["HX-Redirect"] == address
    assert "没有办成" in page(client, f"{address}progress/")
    assert post(client, f"{address}drop/").url == "/facts/"
    assert "这份台账没有入库" in page(client, address)


def test_settling_that_failed_for_good_is_told(client, office):
    factories.make_rule_book(office.unit, proposed_by=office)
    address = upload(client, reports(report())).url
    work()
    post(client, f"{address}confirm/")
    jobs.run(Job.objects.get(kind="facts.store").pk)
    Job.objects.filter(kind="scoring.settle").update(state="parked")
    assert "没有过完账" in page(client, address)


def test_template_and_export(client, office):
    file = client.get("/facts/template/")
    assert openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content)))["日报"]
    factories.make_report(factories.make_staff(office.unit, staff_no="A2"), date(2026, 3, 2))
    answer = post(client, "/facts/export/", half="2026H1")
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/"
    work()
    file = client.get(f"/jobs/{job.pk}/file/")
    made = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content)))
    assert made["日报"]["B3"].value == "A2"
    assert AuditEntry.objects.get(act="facts.export").after["half"] == "2026H1"
    assert post(client, "/facts/export/", half="1999H1").status_code == 404
    assert client.get("/facts/export/").status_code == 405


def test_one_unit_never_meets_anothers_upload(client, office):
    address = upload(client, reports(report("X"))).url
    work()
    client.force_login(factories.make_staff(office=Office.PERSONNEL_OFFICE))
    for path in ("", "progress/", "errors/"):
        assert client.get(address + path).status_code == 404
    for path in ("confirm/", "drop/"):
        assert post(client, address + path).status_code == 404
    assert FactsUpload.objects.get().state == "refused"
    assert "台账.xlsx" not in page(client, "/facts/")


def test_others_have_no_business_here(client, office, unit):
    address = upload(client, reports(report())).url
    client.force_login(factories.make_staff(unit))
    for path in ("/facts/", "/facts/template/", address, f"{address}progress/"):
        assert client.get(path).status_code == 403
    for path in (f"{address}confirm/", f"{address}drop/", "/facts/export/"):
        assert post(client, path).status_code == 403
    assert upload(client, reports(report())).status_code == 403


def test_the_pages_cost_the_same_for_many(client, office):
    costs = []
    for count in (1, 12):
        for n in range(count):
            address = upload(client, reports(*[report("A1", f"2026-03-{n + 2:02}")] * count)).url
            work()
        costs.append([queries_of(client, path) for path in ("/facts/", address)])
    assert costs[0] == costs[1]


def queries_of(client, path: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200
    return len(context)


def test_the_office_finds_it(client, office):
    assert 'href="/facts/"' in page(client, "/office/")
