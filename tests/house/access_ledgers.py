"""A row in each work ledger, for the tables of the admin: from before any rule book."""

from datetime import date

from ledgers.models import (
    MonthlySummary,
    Promotion,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
from scheme import clock

DAY = date(2019, 1, 7)


def build(d) -> None:
    own = {"unit": d.unit, "recorded_at": clock.now()}
    MonthlySummary.objects.create(section=d.one, month=DAY.replace(day=1), **own)
    StudySession.objects.create(day=DAY, topic="学习", **own)
    Talk.objects.create(day=DAY, speaker=d.people["officer"], title="讲课", **own)
    WritingItem.objects.create(
        adopted_on=DAY, title="简报", title_key="简报", kind="information", level="city", **own
    )
    Task.objects.create(
        number="ZD-1", title="任务", lead=d.one, difficulty=1, due_on=DAY, closed_on=DAY, **own
    )
    SupervisionNote.objects.create(day=DAY, kind="named", section=d.one, **own)
    Promotion.objects.create(
        promoted_on=DAY, project="项目", project_key="项目", level="city", **own
    )


TARGETS, BODIES, TABLE = {}, {}, ""
