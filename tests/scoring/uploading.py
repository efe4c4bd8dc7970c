"""Facts workbooks on their way in, for tests: small ones, uploaded, read and stored."""

import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from scheme import jobs
from scheme.models import Job
from tests.scheme.books import book

REPORT_HEAD = ["日期", "工号", "提交时间", "今日完成", "明日计划", "等次"]
SUMMARY_HEAD = ["月份", "科室", "等次"]


def reports(*rows: list, change=None) -> bytes:
    return book(("日报", [["一日一报"], REPORT_HEAD, *rows]), change=change)


def summaries(*rows: list) -> bytes:
    return book(("月结", [["一月一结"], SUMMARY_HEAD, *rows]))


def report(number="A1", day="2026-03-02", at="17:00", grade="好") -> list:
    return [day, number, at, "核对档案", "继续", grade]


def post(client, address: str, *, key=None, **data):
    return client.post(address, {"idem": key or str(uuid.uuid4())} | data)


def upload(client, data: bytes, name="台账.xlsx", **more):
    return post(client, "/facts/", file=SimpleUploadedFile(name, data), **more)


def work() -> None:
    """Does what is due, as a worker would."""
    while due := list(jobs.due().values_list("pk", flat=True)):
        for pk in due:
            assert jobs.run(pk) or Job.objects.get(pk=pk).state != Job.State.RUNNING


def kept(unit) -> list[str]:
    folder = Path(settings.FILES_ROOT) / "uploads" / str(unit.pk)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
