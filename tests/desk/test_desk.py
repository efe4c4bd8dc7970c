from datetime import date

import pytest
from django.urls import reverse

from scheme import jobs, notices
from scheme.models import AuditEntry, Job, Notice
from scheme.names import search_key
from scheme.offices import Administrator
from tests import factories as make

pytestmark = pytest.mark.django_db
MONDAY = "2026-03-09T09:00"


@pytest.fixture
def department(clock):
    clock.set(MONDAY)
    department = make.make_department()
    make.make_rule_book(department.unit)
    return department


def page(client, person, url="desk:home", **query):
    client.force_login(person)
    return client.get(reverse(url), query)


def test_the_desk_names_what_is_owed_first(client, department):
    officer = department.officers[0][1]
    answer = page(client, officer)
    tasks = answer.context["owed"]
    assert tasks[0].first and tasks[0].url.endswith("2026-03-09/")
    assert not any(task.first for task in tasks[1:])


def test_a_filed_report_is_owed_no_more(client, department):
    officer = department.officers[0][1]
    before = len(page(client, officer).context["owed"])
    make.make_report(officer, date(2026, 3, 6))
    assert len(page(client, officer).context["owed"]) == before - 1


def test_a_returned_report_is_owed_once_and_in_its_own_words(client, department):
    officer = department.officers[0][1]
    make.make_report(officer, date(2026, 3, 6), state="returned", reviewed_by=department.chiefs[0])
    tasks = [t for t in page(client, officer).context["owed"] if "2026-03-06" in t.url]
    assert [task.word for task in tasks] == ["退回补正"]


def test_reports_wait_for_the_chief_and_the_chiefs_own_for_the_leader(client, department):
    make.make_report(department.officers[0][1], date(2026, 3, 6))
    make.make_report(department.chiefs[0], date(2026, 3, 6))
    chief = page(client, department.chiefs[0]).context["waiting"]
    leader = page(client, department.leader).context["waiting"]
    other = page(client, department.chiefs[1]).context["waiting"]
    assert ["1份" in task.title for task in chief] == [True]
    assert ["1份" in task.title for task in leader] == [True]
    assert other == []


def test_leaders_owe_no_reports_and_see_no_strip(client, department):
    context = page(client, department.chair).context
    assert context["owed"] == [] and context["days"] is None and context["card"] is None


def test_an_administrator_has_no_desk(client, department):
    system = make.make_administrator(Administrator.SYSTEM)
    assert page(client, system).headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("who", ["officer", "chief", "personnel"])
def test_the_desk_costs_the_same_on_a_slow_and_a_full_day(
    client, department, django_assert_max_num_queries, who
):
    people = {
        "officer": department.officers[0][1],
        "chief": department.chiefs[0],
        "personnel": department.personnel[0],
    }
    person = people[who]
    client.force_login(person)
    client.get(reverse("desk:home"))
    with django_assert_max_num_queries(40) as slow:
        client.get(reverse("desk:home"))
    for n in range(30):
        notices.tell(person, f"n:{n}", lambda n=n: f"第{n}件")
        make.make_report(make.make_staff(section=department.one), date(2026, 3, 6))
    with django_assert_max_num_queries(len(slow)):
        client.get(reverse("desk:home"))


def test_search_finds_by_name_number_and_pinyin_initials(client, department):
    officer = department.officers[1][0]
    officer.name, officer.staff_no = "曾小红", "QX777"
    officer.name_key = search_key(officer.name)
    officer.save()
    for asked in ("曾小", "qx77", "zxh", "zengxiao"):
        found = page(client, department.chair, "desk:search", q=asked).context["found"]
        assert [one.pk for one in found.people] == [officer.pk], asked


def test_search_opens_points_only_by_office(client, department):
    officer = department.officers[0][1]
    asked = {"q": officer.name}

    def opens(person):
        found = page(client, person, "desk:search", **asked).context["found"]
        return {one.pk: one.opens_points for one in found.people}[officer.pk]

    assert opens(department.chiefs[0]) and opens(department.personnel[0]) and opens(officer)
    assert not opens(department.officers[1][0])


def test_search_does_not_reach_another_unit(client, department):
    other = make.make_department()
    found = page(client, department.chair, "desk:search", q=other.chiefs[0].name)
    assert found.context["found"].people == []


@pytest.mark.parametrize("asked", ["\x00", "%", "a" * 500, "'; drop table", "​"])
def test_search_survives_anything(client, department, asked):
    assert page(client, department.chair, "desk:search", q=asked).status_code == 200


def test_notices_are_read_all_at_once_and_only_ones_own(client, department):
    mine, theirs = department.chiefs[:2]
    notices.tell(mine, "a", lambda: "一")
    notices.tell(theirs, "a", lambda: "一")
    client.force_login(mine)
    answer = client.post(
        reverse("desk:notices_read"), {"idem": "6f1c3c1e-3a53-4f6f-9d0c-0b7f4f9d3a11"}
    )
    assert answer.status_code == 302
    assert list(Notice.objects.filter(read_at=None).values_list("to", flat=True)) == [theirs.pk]


def finished_job(settings, tmp_path, by) -> Job:
    settings.FILES_ROOT = str(tmp_path)
    (tmp_path / "f00.xlsx").write_bytes(b"PK")
    job = jobs.enqueue("test.file", f"of {by.pk}", by=by)
    Job.objects.filter(pk=job.pk).update(
        state="done", finished_at=job.created_at, result={"file": "f00.xlsx", "name": "结果.xlsx"}
    )
    return job


def test_a_finished_file_goes_to_the_person_who_asked_and_leaves_a_trail(
    client, department, settings, tmp_path
):
    job = finished_job(settings, tmp_path, department.personnel[0])
    client.force_login(department.personnel[0])
    answer = client.get(reverse("desk:job_file", args=[job.pk]))
    assert b"".join(answer.streaming_content) == b"PK"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert AuditEntry.objects.filter(act="job.download").count() == 1
    client.force_login(department.personnel[1])
    for route in ("job", "job_progress", "job_file"):
        assert client.get(reverse(f"desk:{route}", args=[job.pk])).status_code == 404


def test_a_stored_name_never_leaves_the_folder(client, department, settings, tmp_path):
    job = finished_job(settings, tmp_path, department.personnel[0])
    (tmp_path.parent / "secret").write_text("x")
    Job.objects.filter(pk=job.pk).update(result={"file": "../secret"})
    client.force_login(department.personnel[0])
    assert client.get(reverse("desk:job_file", args=[job.pk])).status_code == 404


def test_the_job_page_shows_how_far_it_is(client, department):
    job = jobs.enqueue("test.file", "running", by=department.personnel[0])
    Job.objects.filter(pk=job.pk).update(state="running", done_count=3, total_count=4)
    client.force_login(department.personnel[0])
    url = reverse("desk:job", args=[job.pk])
    answer = client.get(url).content.decode()
    assert 'value="3" max="4"' in answer and "正在生成文件" in answer
    Job.objects.filter(pk=job.pk).update(result={"file": "export.xlsx"})
    assert "正在生成文件" not in client.get(url).content.decode()


def test_the_office_is_warned_of_an_unknown_calendar(client, department, clock):
    clock.set("2026-12-02T09:00")
    answer = page(client, department.personnel[0], "desk:office")
    assert "2027年的放假安排还没有导入" in answer.content.decode()


def test_health_answers_anybody(client):
    assert client.get(reverse("desk:health")).json() == {"status": "ok"}
