"""Lines of a report that name tasks: what is offered, what may be named, where it shows."""

from datetime import date

import pytest

from ledgers import tasklines
from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, ReportEvent, Task, TaskHandler
from scheme import clock
from tests.factories import again, make_report, make_unit
from tests.ledgers.acting import THURSDAY, WEDNESDAY, refusal

pytestmark = pytest.mark.django_db


def make_task(section, number, *, state="received", due=date(2026, 6, 30), handler=None, **more):
    task = Task.objects.create(
        unit=section.unit,
        number=number,
        title=f"任务{number}",
        lead=section,
        difficulty=3,
        due_on=due,
        state=state,
        closed_on=THURSDAY if state == "closed" else None,
        recorded_at=clock.now(),
        **more,
    )
    if handler:
        TaskHandler.objects.create(task=task, person=handler, role="main", share=100)
    return task


@pytest.fixture
def tasks(d, author):
    made = {
        "later": make_task(d.one, "一-1", due=date(2026, 9, 1)),
        "soon": make_task(d.one, "一-2"),
        "mine": make_task(d.two, "二-1", handler=author, due=date(2026, 12, 1)),
        "others": make_task(d.two, "二-2"),
        "helping": make_task(d.two, "二-3", due=date(2026, 7, 1)),
        "closed": make_task(d.one, "一-3", state="closed"),
        "draft": make_task(d.one, "一-4", state="draft"),
    }
    made["helping"].supporting.add(d.one)
    elsewhere = d.one.__class__.objects.create(unit=make_unit(), name="外科室")
    made["elsewhere"] = make_task(elsewhere, "外-1", handler=author)
    return made


def file(author, *lines, seen=0):
    return reports.file(THURSDAY, by=author, lines=lines, seen=seen)


def test_what_is_offered_and_what_may_be_named(author, tasks):
    shown = [task.number for task in tasklines.offered(author, THURSDAY)]
    assert shown == ["二-1", "一-2", "二-3", "一-1"]

    for name in ("others", "draft", "elsewhere"):
        refused = refusal(lambda name=name: file(author, Line("做了", True, tasks[name].pk)))
        assert refused.field == "lines"
    assert refusal(lambda: file(author, Line("做了", True, 0))).field == "lines"
    assert not DailyReport.objects.exists()
    # How a task was closed may be told, though it is not offered any more.
    report = file(author, Line("", True, tasks["mine"].pk), Line("办结", True, tasks["closed"].pk))
    assert list(report.lines.values_list("text", "task__number")) == [
        ("任务二-1", "二-1"),
        ("办结", "一-3"),
    ]
    assert ReportEvent.objects.get().body["lines"][0] == {
        "text": "任务二-1", "done": True, "task": tasks["mine"].pk, "number": "二-1",
    }  # fmt: skip


def test_the_form_offers_tasks_and_takes_them(client, d, author, tasks):
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/reports/2026-03-05/")
    assert [task.number for task in page.context["picks"]] == ["二-1", "一-2", "二-3", "一-1"]
    body = {"seen": 0, "idem": "6f1b9c0e-3f9f-4f0e-8d9b-0c7b8a1f2e3d", "lines-0-text": "核对"}

    refused = client.post("/reports/2026-03-05/", body | {"lines-0-task": tasks["others"].pk})
    assert refused.status_code == 422
    nonsense = client.post("/reports/2026-03-05/", body | {"lines-0-task": "x"})
    assert nonsense.status_code == 422
    done = client.post("/reports/2026-03-05/", body | {"lines-0-task": tasks["soon"].pk})

    assert done.status_code == 302
    report = DailyReport.objects.get()
    assert report.lines.get().task == tasks["soon"]
    assert ">一-2<" in client.get(done["Location"]).content.decode()
    client.force_login(again(d.chiefs[0]), backend="django.contrib.auth.backends.ModelBackend")
    assert ">一-2<" in client.get("/review/").content.decode()


def test_yesterday_s_task_goes_on_today(client, author, tasks):
    before = make_report(author, WEDNESDAY, lines=("接着办",), plan="1.接着办；2.写总结")
    before.lines.update(task=tasks["soon"], done=False)
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")

    lines = client.get("/reports/2026-03-05/").context["lines"]

    assert [(line["text"], line.get("task")) for line in lines] == [
        ("接着办", tasks["soon"].pk),
        ("写总结", None),
    ]
    # One that is the person's no more is not in the list, and so falls off.
    Task.objects.filter(pk=tasks["soon"].pk).update(lead=tasks["others"].lead)
    assert tasks["soon"] not in client.get("/reports/2026-03-05/").context["tasks"]
