"""The ledgers of a unit and a span of days, row by row as the facts workbook has them. What is not
yet a fact, or no more, is left out: read into a workbook it would count."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q
from django.utils import translation

from ledgers.models import (
    DailyReport,
    MonthlySummary,
    Promotion,
    PromotionCredit,
    ReportLine,
    StudyMiss,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    TaskHandler,
    WritingCredit,
    WritingItem,
)
from ledgers.models.writing import CreditRole
from scheme import clock
from scheme.models import Absence, Unit
from scheme.periods import Span

BATCH = 2000


def of(unit: Unit, span: Span) -> dict[str, Iterator[list]]:
    """By name of the sheet."""
    return {
        "日报": _reports(unit, span),
        "请假": _absences(unit, span),
        "月结": _summaries(unit, span),
        "学习": _study(unit, span),
        "讲课": _talks(unit, span),
        "信息宣传": _writing(unit, span),
        "重点任务": _tasks(unit, span),
        "督办": _notes(unit, span),
        "创新": _promotions(unit, span),
    }


def word(thing, name: str) -> str:
    """The label of a choice in Chinese, the language it comes in."""
    with translation.override(None):
        return str(getattr(thing, f"get_{name}_display")()) or ""


def within(name: str, span: Span) -> Q:
    return Q(**{f"{name}__gte": span.first, f"{name}__lt": span.until})


def _list(parts) -> str | None:
    return "、".join(parts) or None


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _reports(unit: Unit, span: Span) -> Iterator[list]:
    rows = DailyReport.objects.filter(within("day", span), unit=unit)
    rows = rows.select_related("author").order_by("day", "author__staff_no")
    lines = defaultdict(list)
    said = ReportLine.objects.filter(report__in=rows.order_by()).order_by("report", "position")
    for report, text in said.values_list("report", "text").iterator(BATCH):
        lines[report].append(text)
    for row in rows.iterator(BATCH):
        filed = row.first_filed_at and clock.local(row.first_filed_at)
        yield [
            row.day,
            row.author.staff_no,
            filed and f"{filed:%Y-%m-%d %H:%M:%S}",
            # What was written here is for those who review it; see report.read in roles.py.
            ("；".join(lines[row.pk]) or None) if row.imported else None,
            (row.plan or None) if row.imported else None,
            word(row, "grade") or None,
        ]


def _absences(unit: Unit, span: Span) -> Iterator[list]:
    rows = Absence.objects.filter(
        Q(end_on=None) | Q(end_on__gte=span.first), staff__unit=unit, start_on__lt=span.until
    )
    for row in rows.select_related("staff").order_by("start_on", "staff__staff_no", "pk"):
        yield [row.staff.staff_no, row.start_on, row.end_on, word(row, "kind")]


def _summaries(unit: Unit, span: Span) -> Iterator[list]:
    rows = MonthlySummary.objects.filter(within("month", span), unit=unit, state="graded")
    rows = rows.select_related("section").order_by("month", "section__position", "section")
    for row in rows:
        yield [f"{row.month:%Y-%m}", row.section.name, word(row, "grade") or None]


def _study(unit: Unit, span: Span) -> Iterator[list]:
    rows = StudySession.objects.filter(within("day", span), unit=unit, state="held")
    rows = rows.order_by("day", "pk")
    missed = defaultdict(list)
    misses = StudyMiss.objects.filter(session__in=rows.order_by()).order_by("person__staff_no")
    for session, number in misses.values_list("session", "person__staff_no"):
        missed[session].append(number)
    for row in rows:
        yield [row.day, row.topic, _list(missed[row.pk])]


def _talks(unit: Unit, span: Span) -> Iterator[list]:
    rows = Talk.objects.filter(within("day", span), unit=unit, state="held")
    rows = rows.select_related("speaker")
    for row in rows.order_by("day", "pk"):
        yield [row.day, row.speaker.staff_no, row.title, _list(map(_number, row.ratings))]


def _credits(model, owner: str, rows) -> dict:
    """(owner, role, "person" or "section") → staff numbers or names."""
    found = defaultdict(list)
    role = ["role"] if model is WritingCredit else []
    order = ("person__staff_no", "section__position", "section")
    given = model.objects.filter(**{f"{owner}__in": rows.order_by()}).order_by(*order)
    for row in given.values_list(owner, "person__staff_no", "section__name", *role):
        kind = "person" if row[1] else "section"
        found[row[0], *row[3:], kind].append(row[1] or row[2])
    return found


def _writing(unit: Unit, span: Span) -> Iterator[list]:
    rows = WritingItem.objects.filter(within("adopted_on", span), unit=unit, state="verified")
    credited = _credits(WritingCredit, "item", rows)
    main, joint = CreditRole.MAIN, CreditRole.JOINT
    for row in rows.order_by("adopted_on", "pk"):
        yield [
            row.adopted_on,
            row.title,
            word(row, "kind"),
            row.carrier or None,
            row.issue_no or None,
            word(row, "level"),
            _list(credited[row.pk, main, "person"]),
            _list(credited[row.pk, joint, "person"]),
            _list(credited[row.pk, main, "section"]),
            _list(credited[row.pk, joint, "section"]),
        ]


def _tasks(unit: Unit, span: Span) -> Iterator[list]:
    """Those not closed before the span and due within as much again after it, and whatever its
    supervision names."""
    soon = span.until + (span.until - span.first)
    named = _standing(unit, span).exclude(task=None)
    rows = Task.objects.filter(
        Q(pk__in=named.order_by().values("task"))
        | (Q(due_on__lt=soon) | Q(closed_on__lt=span.until))
        & (Q(closed_on=None) | Q(closed_on__gte=span.first)),
        unit=unit,
    ).exclude(state__in=Task.UNCOUNTED)
    shares = defaultdict(list)
    handlers = TaskHandler.objects.filter(task__in=rows.order_by()).order_by("pk")
    for task, role, number, share in handlers.values_list(
        "task", "role", "person__staff_no", "share"
    ):
        shares[task, role].append(f"{number}:{_number(share)}")
    rows = rows.select_related("lead").prefetch_related("supporting").order_by("number")
    for row in rows:
        yield [
            row.number,
            row.title,
            row.lead.name,
            _list(section.name for section in row.supporting.all()),
            row.difficulty,
            row.due_on,
            row.extended_to,
            row.extension_granted_on,
            row.closed_on,
            _list(shares[row.pk, TaskHandler.Role.MAIN]),
            _list(shares[row.pk, TaskHandler.Role.JOINT]),
        ]


def _standing(unit: Unit, span: Span):
    return SupervisionNote.objects.filter(within("day", span), unit=unit, state="stands").exclude(
        task__state__in=Task.UNCOUNTED
    )


def _notes(unit: Unit, span: Span) -> Iterator[list]:
    rows = _standing(unit, span)
    for row in rows.select_related("task", "section").order_by("day", "pk"):
        yield [
            row.day,
            row.task and row.task.number,
            word(row, "kind"),
            row.section and row.section.name,
            row.text or None,
        ]


def _promotions(unit: Unit, span: Span) -> Iterator[list]:
    rows = Promotion.objects.filter(within("promoted_on", span), unit=unit, state="verified")
    credited = _credits(PromotionCredit, "promotion", rows)
    for row in rows.order_by("promoted_on", "pk"):
        yield [
            row.promoted_on,
            row.project,
            word(row, "level"),
            _list(credited[row.pk, "person"]),
            _list(credited[row.pk, "section"]),
        ]
