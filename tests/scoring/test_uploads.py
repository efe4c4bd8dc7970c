"""A facts workbook on its way in: what may happen to it, and what may not."""

import io
import os
import time
from datetime import date, timedelta
from functools import cache

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from ledgers.imports.ledger import Record
from ledgers.models import DailyReport, MonthlySummary
from scheme import clock as our_clock
from scheme import jobs
from scheme.errors import Refused, Stale
from scheme.imports.archive import BadBook
from scheme.imports.sheets import open_book
from scheme.models import Appointment, AuditEntry, Job
from scheme.offices import Office
from scoring import previews, uploads
from scoring.actions import facts as facts_in
from scoring.actions import uploads as actions
from scoring.imports import facts
from scoring.models import FactsUpload
from tests import factories
from tests.scheme.books import book
from tests.scoring.uploading import kept, report, reports, summaries, work

SECTION = "组织一科"


@pytest.fixture
def files(clock, settings, tmp_path):
    clock.set("2026-07-15 09:00")
    settings.FILES_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def office(db, files):
    return make_office()


def make_office():
    unit = factories.make_unit()
    section = factories.make_section(unit, SECTION)
    factories.make_staff(section=section, staff_no="A1")
    return factories.make_staff(unit, office=Office.PERSONNEL_OFFICE, staff_no="P1")


@cache
def usual() -> bytes:
    """The same bytes each time: a workbook made anew a second later is another file."""
    return reports(report())


def receive(by, data=None, **more):
    data = usual() if data is None else data
    return actions.receive(by.unit, io.BytesIO(data), name="台账.xlsx", by=by, **more)


def previewed(by, data=None) -> FactsUpload:
    upload = receive(by, data)
    work()
    upload.refresh_from_db()
    return upload


def stored(upload) -> dict:
    """The job's effect, done by hand."""
    said = facts.read(open_book(uploads.path_of(upload).read_bytes()), upload.unit)
    return actions.apply(upload.pk, said, by=upload.applied_by)


# --- Receiving


def test_it_is_kept_under_its_own_name_and_read_once(office):
    upload = receive(office)
    assert kept(office.unit) == [f"{upload.pk}.xlsx"]
    assert (upload.state, upload.size, len(upload.sha256)) == ("reading", upload.size, 64)
    assert receive(office) == upload
    assert Job.objects.filter(kind="facts.read").count() == 1
    assert kept(office.unit) == [f"{upload.pk}.xlsx"]
    other = factories.make_staff(office=Office.PERSONNEL_OFFICE)
    assert receive(other) != upload


def test_another_person_uploads_the_same_file_for_themselves(office):
    first = receive(office)
    colleague = factories.make_staff(office.unit, office=Office.PERSONNEL_OFFICE)
    assert receive(colleague) != first


def test_too_large_a_file_leaves_nothing(office, monkeypatch):
    monkeypatch.setattr("scheme.imports.archive.MAX_FILE", 100)
    with pytest.raises(BadBook):
        receive(office)
    assert kept(office.unit) == [] and not FactsUpload.objects.exists()


def test_only_the_personnel_office(office):
    with pytest.raises(PermissionDenied):
        receive(factories.make_staff(office.unit))
    with pytest.raises(PermissionDenied):
        actions.receive(factories.make_unit(), io.BytesIO(reports()), name="x", by=office)
    upload = previewed(office)
    for act in (actions.confirm, actions.drop):
        with pytest.raises(PermissionDenied):
            act(upload.pk, by=factories.make_staff(office.unit))
    with pytest.raises(PermissionDenied):
        actions.start_export(office.unit, "2026H1", by=factories.make_staff(office.unit), key="k")


def test_what_nobody_decided_on_is_let_go_after_a_month(
    office, clock, django_capture_on_commit_callbacks
):
    old, wrong = previewed(office), previewed(office, reports(report("nobody")))
    clock.set("2026-08-15 09:00")
    with django_capture_on_commit_callbacks(execute=True):
        new = receive(office, summaries(["2026-03", SECTION, "好"]))
    states = dict(FactsUpload.objects.values_list("pk", "state"))
    assert states == {old.pk: "dropped", wrong.pk: "dropped", new.pk: "reading"}
    assert kept(office.unit) == [f"{new.pk}.xlsx"]


def test_what_lies_about_is_swept(office):
    upload = receive(office)
    folder = uploads.path_of(upload).parent
    for name, age in (("999999.xlsx", 7200), ("tmp.part", 7200), ("888888.xlsx", 10)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age,) * 2)
    os.utime(uploads.path_of(upload), (time.time() - 7200,) * 2)
    uploads.sweep(office.unit)
    assert kept(office.unit) == sorted([f"{upload.pk}.xlsx", "888888.xlsx"])
    uploads.sweep(factories.make_unit())


# --- Reading


def test_reading_shows_counts_or_problems_and_is_done_once(office):
    upload = previewed(office)
    assert (upload.state, upload.counts["total"]["new"]) == ("preview", 1)
    assert upload.counts["halves"] == ["2026H1"] and upload.problems == []
    assert actions.show(upload.pk, counts={}, problems=[], by=None).counts == upload.counts
    job = Job.objects.get()
    Job.objects.update(state="waiting", finished_at=None, run_after=our_clock.now())
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"skipped": "preview"}

    upload = previewed(office, reports(report("nobody"), report(at=None, grade=None)))
    assert upload.state == "refused"
    assert [(p["row"], p["column"]) for p in upload.problems] == [(3, "工号")]
    assert upload.counts["sheets"] == [{"sheet": "日报", "read": 2, "problems": 1}]
    assert {f"{upload.pk}-errors.xlsx", f"{upload.pk}.xlsx"} <= set(kept(office.unit))


def test_problems_are_told_in_the_language_of_who_uploaded(office):
    with translation.override("en"):
        upload = receive(office, b"no workbook")
    assert upload.job.args["language"] == "en"


def test_a_worker_that_dies_while_reading_is_followed_by_another(office, monkeypatch):
    upload = receive(office)

    def fall_over(*_args):
        raise OSError("the disk")

    monkeypatch.setattr("scoring.uploading.open_book", fall_over)
    assert not jobs.run(upload.job_id)
    upload.refresh_from_db()
    assert upload.state == "reading"
    monkeypatch.undo()
    Job.objects.update(run_after=our_clock.now())
    work()
    upload.refresh_from_db()
    assert upload.state == "preview"


# --- Confirming, storing


def test_confirmed_it_is_stored_once_and_its_file_is_gone(
    office, django_capture_on_commit_callbacks
):
    upload = previewed(office)
    actions.confirm(upload.pk, by=office)
    with django_capture_on_commit_callbacks(execute=True):
        work()
    upload.refresh_from_db()
    assert (upload.state, upload.applied_by) == ("applied", office)
    assert DailyReport.objects.count() == 1
    assert kept(office.unit) == []
    assert AuditEntry.objects.filter(act="facts.import").count() == 1
    # A second copy of the job finds nothing to do.
    job = Job.objects.get(kind="facts.store")
    Job.objects.filter(pk=job.pk).update(
        state="waiting", finished_at=None, run_after=our_clock.now()
    )
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"skipped": "applied"}
    assert actions.apply(upload.pk, facts.Facts({}, [], []), by=office) == {"skipped": "applied"}


def test_only_what_is_previewed_and_new_can_be_confirmed(office):
    upload = receive(office)
    with pytest.raises(Stale):
        actions.confirm(upload.pk, by=office)
    work()
    actions.confirm(upload.pk, by=office)
    with pytest.raises(Stale):
        actions.confirm(upload.pk, by=office)
    with pytest.raises(Stale):
        actions.drop(upload.pk, by=office)
    work()
    known = previewed(office)
    with pytest.raises(Refused):
        actions.confirm(known.pk, by=office)


def test_dropped_it_stores_nothing_and_its_file_is_gone(office, django_capture_on_commit_callbacks):
    upload = previewed(office)
    with django_capture_on_commit_callbacks(execute=True):
        actions.drop(upload.pk, by=office)
    assert kept(office.unit) == []
    with pytest.raises(Stale):
        actions.confirm(upload.pk, by=office)


def test_one_at_work_is_dropped_only_when_its_job_is_parked(office):
    upload = receive(office)
    with pytest.raises(Stale):
        actions.drop(upload.pk, by=office)
    Job.objects.update(state="parked")
    assert actions.drop(upload.pk, by=office).state == "dropped"


def test_what_has_changed_since_the_preview_is_shown_again(office):
    upload = previewed(office)
    actions.confirm(upload.pk, by=office)
    facts_in.load(office.unit, io.BytesIO(reports(report())), by=office)
    work()
    upload.refresh_from_db()
    assert (upload.state, upload.applied_by) == ("preview", None)
    assert upload.counts["changed_since"] and upload.counts["total"]["known"] == 1


def test_who_lost_the_office_meanwhile_stores_nothing(office):
    upload = previewed(office)
    upload = actions.confirm(upload.pk, by=office)
    Appointment.objects.filter(staff=office).update(end_on=date(2026, 7, 15))
    work()
    upload.refresh_from_db()
    assert upload.state == "preview" and not DailyReport.objects.exists()


def test_rows_that_cannot_be_read_any_more_store_nothing(office):
    upload = previewed(office)
    upload = actions.confirm(upload.pk, by=office)
    said = facts.read(open_book(reports(report("nobody"))), office.unit)
    assert actions.apply(upload.pk, said, by=office) == {"state": "refused"}
    upload.refresh_from_db()
    assert upload.problems and not DailyReport.objects.exists()


def test_a_file_that_was_exchanged_is_not_stored(office):
    upload = previewed(office)
    actions.confirm(upload.pk, by=office)
    uploads.path_of(upload).write_bytes(reports(report(day="2026-03-03")))
    job = Job.objects.get(kind="facts.store")
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    assert "not the one that was confirmed" in job.error and not DailyReport.objects.exists()


# --- Settling


@pytest.mark.parametrize(
    ("in_force_from", "days", "halves"),
    [
        (None, ["2026-03"], []),
        (date(2026, 7, 1), ["2026-03"], []),
        (date(2026, 1, 1), ["2026-03"], ["2026-01-01"]),
        (date(2025, 12, 1), ["2025-11", "2026-03"], ["2025-12-01", "2026-01-01"]),
    ],
)
def test_the_half_years_it_speaks_of_are_settled_from_the_first_book_on(
    office, in_force_from, days, halves
):
    if in_force_from:
        factories.make_rule_book(office.unit, in_force_from=in_force_from)
    upload = previewed(office, summaries(*[[month, SECTION, "好"] for month in days]))
    upload = actions.confirm(upload.pk, by=office)
    answer = stored(upload)
    made = Job.objects.filter(kind="scoring.settle").order_by("pk")
    assert [job.args["first"] for job in made] == halves
    assert answer["settling"] == [job.pk for job in made]
    work()
    assert not Job.objects.exclude(state="done").exclude(kind="facts.store").exists()


def test_halves_touched(office):
    today = our_clock.today()
    data = book(
        ("请假", [
            ["t"], ["工号", "开始日期", "结束日期", "类别"],
            ["A1", "2025-05-06", None, "借调"],
        ]),
        ("月结", [["t"], ["月份", "科室", "等次"], ["2027-03", SECTION, "好"]]),
    )  # fmt: skip
    said = facts.read(open_book(data), office.unit)
    assert previews.touched(said) == ["2025H1", "2025H2", "2026H1", "2026H2"]
    said = facts.read(open_book(reports(report(day=today.isoformat()))), office.unit)
    assert previews.touched(said) == ["2026H2"]
    # The day after the last of June may be the one that counts.
    said = facts.read(open_book(reports(report(day="2026-06-30"))), office.unit)
    assert previews.touched(said) == ["2026H1", "2026H2"]
    assert previews.touched(facts.Facts({"日报": []}, [], [])) == []
    empty = Record(3, {"x": None})
    assert previews.touched(facts.Facts({"日报": [empty]}, [], [])) == []


def test_samples_say_what_changes_in_words(office):
    office.unit.refresh_from_db()
    facts_in.load(office.unit, io.BytesIO(summaries(["2026-03", SECTION, "好"])), by=office)
    upload = previewed(
        office,
        summaries(["2026-03", SECTION, "一般"], *[[f"2026-0{n}", SECTION] for n in (1, 2, 4, 5)]),
    )
    samples = upload.counts["samples"]
    assert samples[0]["changes"] == [["等次", "好", "一般"]]
    assert [one["row"] for one in samples] == [3, 4, 5, 6]
    facts_in.load(office.unit, io.BytesIO(reports(report())), by=office)
    upload = previewed(office, reports(report(at="18:00")))
    heads = {head for head, _before, _after in upload.counts["samples"][0]["changes"]}
    assert heads == {"提交时间"}


# --- Export


def test_export_is_made_once_for_a_form(office):
    first = actions.start_export(office.unit, "2026H1", by=office, key="k")
    assert actions.start_export(office.unit, "2026H1", by=office, key="k") == first
    with pytest.raises(ValueError):
        actions.start_export(office.unit, "nonsense", by=office, key="k")
    person = factories.make_staff(office.unit)
    for n in range(120):
        factories.make_report(person, date(2026, 1, 1) + timedelta(n))
    work()
    first.refresh_from_db()
    assert first.state == "done" and first.result["name"] == "2026H1台账.xlsx"


# --- Workers that are killed, and two at once


def test_two_workers_store_one_confirmed_workbook_once(committed_db, files, race):
    office = make_office()
    upload = previewed(office, summaries(["2026-03", SECTION, "好"]))
    upload = actions.confirm(upload.pk, by=office)
    said = facts.read(open_book(uploads.path_of(upload).read_bytes()), upload.unit)
    answers = race(*[lambda: actions.apply(upload.pk, said, by=office)] * 2)
    assert {"skipped": "applied"} in answers
    assert {"state": "applied", "settling": []} in answers
    assert MonthlySummary.objects.count() == 1
    assert AuditEntry.objects.filter(act="facts.apply").count() == 1


def test_two_people_confirm_at_once(committed_db, files, race):
    office = make_office()
    upload = previewed(office)
    answers = race(*[lambda: actions.confirm(upload.pk, by=office)] * 2)
    assert sorted(type(answer) is Stale for answer in answers) == [False, True]
    assert Job.objects.filter(kind="facts.store").count() == 1


def test_a_worker_shot_between_reading_and_storing(committed_db, files, worker):
    """kill -9, then another worker: stored exactly once, in the end and not in part."""
    office = make_office()
    worker.kill()
    rows = [report("A1", (date(2026, 1, 1) + timedelta(n)).isoformat()) for n in range(180)]
    upload = previewed(office, reports(*rows))
    actions.confirm(upload.pk, by=office)
    worker.env["FILES_ROOT"] = str(files)
    worker.start()
    job = Job.objects.get(kind="facts.store")
    jobs.send(job.pk)
    deadline = time.monotonic() + 60
    while Job.objects.get(pk=job.pk).state == "waiting" and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.kill()
    assert DailyReport.objects.count() in (0, 180)
    # Its lease is over.
    Job.objects.filter(pk=job.pk, state="running").update(lease_until=our_clock.now())
    worker.start()
    jobs.send(job.pk)
    while FactsUpload.objects.get().state != "applied" and time.monotonic() < deadline + 60:
        time.sleep(0.1)
    assert FactsUpload.objects.get().state == "applied"
    assert DailyReport.objects.count() == 180
    assert AuditEntry.objects.filter(act="facts.apply").count() == 1
