"""What the desk shows: what one owes, what waits for one, and who can be found. Sets, no loops
with a query in them: the desk costs the same for a clerk and for a chief of forty."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk import (
    branch_rows,
    circulars,
    declarations,
    office_rows,
    plans,
    regulations,
    reports,
    sheets,
    study,
    supervision,
    writing,
)
from desk.rows import Task
from ledgers import deadlines
from ledgers.deadlines import DayStatus, Status
from ledgers.models import DailyReport
from scheme import access, clock, periods, workdays
from scheme.access import Anchor
from scheme.models import Absence, Section, Staff
from scheme.models.star import spoken
from scheme.roles import Role
from scheme.templatetags.look import md, md_hm
from scoring import queries as scoring
from scoring.models import RuleBook
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Nomination, Objection, Round


class Found(NamedTuple):
    people: list
    sections: list


def recent(person, today: date) -> list[DayStatus]:
    """Three whole weeks up to this one: more than any back-fill window reaches."""
    monday = today - timedelta(days=today.weekday() + 14)
    return deadlines.day_statuses(person, monday, monday + timedelta(days=20))


def owed(person, statuses: list[DayStatus]) -> list[Task]:
    """What the person has to file: today's report first, then open days, then reports returned."""
    today = clock.today()
    tasks = []
    for status in reversed(statuses):
        if status.status != deadlines.Status.DUE:
            continue
        if status.report and status.report.state == DailyReport.State.RETURNED:
            continue
        is_today = status.day == today
        in_time = clock.now() <= status.deadline.cutoff
        tasks.append(
            Task(
                kind="warn" if in_time else "bad",
                word=_("待报") if in_time else _("未报"),
                title=_("今天的日报") if is_today else _("%(day)s的日报") % {"day": md(status.day)},
                note=_consequence(status),
                url=reverse("ledgers:report_edit", args=[status.day.isoformat()]),
                act=_("去报送") if in_time else _("去补报"),
                first=not tasks,
            )
        )
    returned = DailyReport.objects.filter(author=person, state=DailyReport.State.RETURNED)
    for report in returned.order_by("-day")[:5]:
        tasks.append(
            Task(
                kind="bad",
                word=_("退回补正"),
                title=_("%(day)s的日报") % {"day": md(report.day)},
                note=_("补正后重新报送，不影响按时"),
                url=reverse("ledgers:report_edit", args=[report.day.isoformat()]),
                act=_("去补正"),
            )
        )
    tasks += declarations.returned(person) + writing.returned(person)
    tasks += study.owed(person) + sheets.owed(person) + plans.owed(person)
    return tasks + regulations.returned(person) + regulations.to_read(person)


def _consequence(status) -> str:
    form = {"cutoff": md_hm(status.deadline.cutoff), "closes": md_hm(status.deadline.closes)}
    if clock.now() <= status.deadline.cutoff:
        return _("%(cutoff)s前报送为按时") % form
    return _("已过%(cutoff)s，%(closes)s前补报记迟报，再晚记缺报") % form


def waiting(person, running: Round | None) -> list[Task]:
    """What waits for the person's own decision, by office."""
    return [
        *_reviews(person),
        *reports.waiting(person),
        *declarations.waiting(person),
        *writing.waiting(person),
        *plans.waiting(person),
        *supervision.waiting(person),
        *study.waiting(person),
        *sheets.waiting(person),
        *circulars.waiting(person),
        *regulations.to_approve(person),
        *_rule_books(person),
        *office_rows.manual_entries(person),
        *_round_tasks(person, running),
        *branch_rows.records_owed(person, running),
    ]


def _reviews(person) -> list[Task]:
    count = DailyReport.objects.to_review_by(person).count()
    if not count:
        return []
    return [
        Task(
            "warn",
            _("待阅"),
            ngettext("%(n)s份日报待批阅", "%(n)s份日报待批阅", count) % {"n": count},
            _("一屏读完，1–4评等次"),
            reverse("ledgers:review"),
            _("去批阅"),
        )
    ]


def _rule_books(person) -> list[Task]:
    if not access.has_role(person, Role.LEADER):
        return []
    drafts = RuleBook.objects.visible_to(person).filter(state=RuleBook.State.DRAFT)
    return [
        Task(
            "warn",
            _("待批准"),
            str(book),
            _("由%(name)s拟订，批准后才施行") % {"name": book.proposed_by},
            reverse("scoring:rulebook_detail", args=[book.pk]),
            _("去看"),
        )
        for book in drafts.select_related("proposed_by")
        if _may_approve(person, book)
    ]


def _may_approve(person, book) -> bool:
    return any(
        access.can(person, "rulebook.approve", book.anchor(place))
        for place in access.places(person, Role.LEADER)
    )


def current_round(person) -> Round | None:
    """The round being prepared or run; else the newest one the person may see."""
    rounds = Round.objects.visible_to(person).exclude(state=Round.State.CANCELLED)
    finished = Case(When(state=Round.State.PUBLISHED, then=1), default=0)
    return rounds.order_by(finished, "-half").first()


def _round_tasks(person, running: Round | None) -> list[Task]:
    by_state = {
        Round.State.PREPARING: _preparing,
        Round.State.NOMINATING: _nominating,
        Round.State.AT_BRANCH: _evaluating,
        Round.State.AT_COMMITTEE: _voting,
        Round.State.PUBLICITY: _publicising,
    }
    part = running and by_state.get(running.state)
    return part(person, running) if part else []


def _left(running: Round) -> tuple[str, str]:
    """Colour and word for the working days left in the stage."""
    if running.due_at is None:
        return "ok", _("待办")
    due = clock.local(running.due_at).date()
    left = len(workdays.between(clock.today(), due)) - 1
    if left < 0:
        return "bad", _("已到期")
    if left == 0:
        return "warn", _("今日到期")
    return ("warn" if left <= 1 else "ok"), _("余%(n)s日") % {"n": left}


def _preparing(person, running) -> list[Task]:
    if not access.has_role(person, Role.PERSONNEL):
        return []
    url = reverse("stars:round_detail", args=[running.pk])
    return [Task("warn", _("筹备"), str(running), _("核对条件后开启"), url, _("去筹备"))]


def _nominating(person, running) -> list[Task]:
    sections = access.places(person, Role.CHIEF)
    if not sections:
        return []
    mine = Nomination.objects.filter(round=running, section__in=sections)
    ready = mine.standing().count()
    drafts = mine.filter(state__in=["draft", "returned"]).count()
    kind, word = _left(running)
    return [
        Task(
            kind,
            word,
            _("科室推星"),
            _("已推%(ready)s项，还有%(drafts)s项没报") % {"ready": ready, "drafts": drafts},
            reverse("stars:nomination_list", args=[running.pk]),
            _("去推星"),
        )
    ]


def _evaluating(person, running) -> list[Task]:
    waiting_for_me = len(BranchStage(running).owed(person.pk))
    if not waiting_for_me:
        return []
    kind, word = _left(running)
    return [
        Task(
            kind,
            word,
            _("支部评星，%(n)s份提名待评议") % {"n": waiting_for_me},
            _("提交本人意见之前，看不到他人意见"),
            reverse("stars:branch", args=[running.pk]),
            _("去评议"),
        )
    ]


def _voting(person, running) -> list[Task]:
    sitting = Sitting(running)
    kind, word = _left(running)
    tasks = []
    if sitting.owed(person.pk):
        tasks.append(
            Task(
                "warn",
                _("表决中"),
                _("部务会正在表决，等您投票"),
                _("一项一票，结束前不显示票数"),
                reverse("stars:committee", args=[running.pk]),
                _("去表决"),
            )
        )
    presides = sitting.presides(person.pk) and sitting.is_open
    if (presides or access.has_role(person, Role.CHAIR)) and sitting.open_ties():
        tasks.append(
            Task(
                "warn",
                _("待裁定"),
                _("票数相同，待主持人裁定"),
                _("写明理由，裁定后不再更改"),
                reverse("stars:tie", args=[running.pk]),
                _("去裁定"),
            )
        )
    if access.has_role(person, Role.PERSONNEL) and sitting.undecided() and not sitting.is_open:
        tasks.append(
            Task(
                kind,
                word,
                _("安排部务会，登记到会人员"),
                _("到齐法定人数才能开会表决"),
                reverse("stars:meeting", args=[running.pk]),
                _("去安排"),
            )
        )
    return tasks


def _publicising(person, running) -> list[Task]:
    if not access.has_role(person, Role.PERSONNEL):
        return []
    # Not those about oneself: nobody learns that there are any.
    count = Objection.objects.visible_to(person).open().filter(round=running).count()
    if not count:
        return []
    return [
        Task(
            "bad",
            _("有异议"),
            _("%(n)s条异议待核实") % {"n": count},
            _("处理完之前，结果不会公布"),
            reverse("stars:objection_list", args=[running.pk]),
            _("去核实"),
        )
    ]


class OwnCard(NamedTuple):
    total: Decimal
    title: str
    rows: list[dict]


def own_card(person, half: str) -> OwnCard | None:
    """Own points of the half-year so far; None before a rule book is in force."""
    lines = scoring.scorecard_of(person, half=half)
    if not lines:
        return None
    rows = [
        {
            "key": line.star.key,
            "label": spoken(line.star.name, line.star.key),
            "value": line.score,
            "delta": line.deduction + line.bonus,
            "url": f"{reverse('scoring:points_mine')}?half={half}&star={line.star.key}",
        }
        for line in lines
        if line.star
    ]
    return OwnCard(lines[-1].score, _("%(half)s至今") % {"half": periods.half_name(half)}, rows)


class OwnDays(NamedTuple):
    items: list[dict]
    summary: str
    weekend: bool


_KINDS = {
    Status.ON_TIME: "ok",
    Status.LATE: "warn",
    Status.BACKFILLED: "warn",
    Status.MISSING: "bad",
    Status.EXCUSED: "done",
    Status.DUE: "warn",
    Status.OFF: "off",
}


def own_days(statuses: list[DayStatus], today: date) -> OwnDays:
    """The weeks as a strip; with Saturdays and Sundays where one of them is worked."""
    weekend = any(status.makeup for status in statuses)
    items, counts = [], Counter()
    for status in statuses:
        if status.day < today:
            counts[status.status] += 1
        if status.day.weekday() > 4 and not weekend:
            continue
        kind = _KINDS.get(status.status, "")
        if status.day == today and status.status == Status.DUE:
            kind = "today"
        words = status.name if status.status == Status.OFF and status.name else ""
        if status.status == Status.EXCUSED:
            words = Absence.Kind(status.absence).label
        shown = status.status not in (Status.COMING, Status.NONE)
        items.append(
            {
                "day": status.day,
                "kind": kind,
                "word": str(words or status.status.label) if shown else "",
                "url": reverse("ledgers:report_edit", args=[status.day.isoformat()])
                if status.status in (Status.DUE, *deadlines.IN_TIME)
                else "",
            }
        )
    owed = sum(counts[one] for one in deadlines.OWED)
    summary = _("近三周应报%(owed)s，按时%(on_time)s") % {
        "owed": owed,
        "on_time": counts[Status.ON_TIME],
    }
    return OwnDays(items, summary, weekend)


def search(person, asked: str) -> Found:
    """People by name, number or pinyin; sections by name. Marks whose points may be opened."""
    today = clock.today()
    key = asked.lower()
    people = list(
        Staff.objects.visible_to(person)
        .on_roll(today)
        .with_section(today)
        .filter(
            Q(name__contains=asked)
            | Q(staff_no__icontains=asked)
            | Q(name_key__startswith=key)
            | Q(name_key__contains=f" {key}")
        )
        .in_office_order()[:20]
    )
    for one in people:
        anchor = Anchor(one.unit_id, one.pk, one.section_id)
        one.opens_points = bool(one.section_id) and access.can(person, "points.read", anchor)
    sections = list(Section.objects.visible_to(person).filter(name__contains=asked)[:10])
    for one in sections:
        anchor = Anchor(one.unit_id, section_id=one.pk)
        one.opens_points = access.can(person, "points.read_section", anchor)
    return Found(people, sections)
