"""What the desk shows: what one owes, what waits for one, and who can be found. Sets, no loops
with a query in them: the desk costs the same for a clerk and for a chief of forty."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers import deadlines
from ledgers.models import DailyReport
from scheme import access, clock, workdays
from scheme.access import Anchor
from scheme.models import Section, Staff
from scheme.roles import Role
from scoring.models import RuleBook
from stars.models import Nomination, Objection, Opinion, Round, Seat, Vote

OWN_SPAN = 15


class Task(NamedTuple):
    """A row of the desk: state in colour and word, what, the consequence, the act."""

    kind: str
    word: str
    title: str
    note: str
    url: str
    act: str
    first: bool = False


class Found(NamedTuple):
    people: list
    sections: list


def owed(person) -> list[Task]:
    """What the person has to file: today's report first, then open days, then reports returned."""
    if not access.has_role(person, Role.MEMBER):
        return []
    today = clock.today()
    tasks = []
    states = deadlines.day_statuses(person, workdays.preceding(today, 6), today)
    for status in reversed(states):
        if status.status != deadlines.Status.DUE:
            continue
        is_today = status.day == today
        tasks.append(
            Task(
                kind="warn" if clock.now() <= status.cutoff else "bad",
                word=_("待报") if is_today else _("未报"),
                title=_("今天的日报")
                if is_today
                else _("%(day)s的日报") % {"day": date_format(status.day, "n月j日")},
                note=_consequence(status),
                url=reverse("ledgers:report_edit", args=[status.day.isoformat()]),
                act=_("去报送") if is_today else _("去补报"),
                first=not tasks,
            )
        )
    returned = DailyReport.objects.filter(author=person, state=DailyReport.State.RETURNED)
    for report in returned.order_by("-day")[:5]:
        tasks.append(
            Task(
                kind="bad",
                word=_("退回补正"),
                title=_("%(day)s的日报") % {"day": date_format(report.day, "n月j日")},
                note=_("补正后重新报送，不影响按时"),
                url=reverse("ledgers:report_edit", args=[report.day.isoformat()]),
                act=_("去补正"),
            )
        )
    return tasks


def _consequence(status) -> str:
    form = {"cutoff": _moment(status.cutoff), "closes": _moment(status.closes)}
    if clock.now() <= status.cutoff:
        return _("%(cutoff)s前报送为按时") % form
    return _("已过%(cutoff)s，%(closes)s前补报记迟报，再晚记缺报") % form


def _moment(instant) -> str:
    return date_format(clock.local(instant), "n月j日H:i")


def waiting(person) -> list[Task]:
    """What waits for the person's own decision, by office."""
    found = []
    for part in (_reviews, _rule_books, _round_tasks):
        found += part(person)
    return found


def _reviews(person) -> list[Task]:
    count = deadlines.waiting_for(person).count()
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
    """The round that runs; else the newest one the person may see."""
    rounds = Round.objects.visible_to(person)
    return rounds.running().first() or rounds.exclude(state=Round.State.CANCELLED).first()


def _round_tasks(person) -> list[Task]:
    running = Round.objects.visible_to(person).exclude(state__in=["published", "cancelled"]).first()
    if running is None:
        return []
    by_state = {
        Round.State.PREPARING: _preparing,
        Round.State.NOMINATING: _nominating,
        Round.State.AT_BRANCH: _evaluating,
        Round.State.AT_COMMITTEE: _voting,
        Round.State.PUBLICITY: _publicising,
    }
    return by_state[running.state](person, running)


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
    seat = Seat.objects.filter(round=running, body=Seat.Body.BRANCH, staff=person).first()
    if seat is None:
        return []
    given = Opinion.objects.filter(by=person).values("nomination")
    open_ones = (
        Nomination.objects.filter(round=running, branch=seat.branch_id, state="at_branch")
        .exclude(Q(person=person) | Q(submitted_by=person))
        .exclude(pk__in=given)
        .count()
    )
    if not open_ones:
        return []
    kind, word = _left(running)
    return [
        Task(
            kind,
            word,
            _("支部评星，%(n)s份提名待评议") % {"n": open_ones},
            _("提交本人意见之前，看不到他人意见"),
            reverse("stars:branch", args=[running.pk]),
            _("去评议"),
        )
    ]


def _voting(person, running) -> list[Task]:
    seat = Seat.objects.filter(round=running, body=Seat.Body.COMMITTEE, staff=person).first()
    kind, word = _left(running)
    tasks = []
    if seat and seat.present:
        cast = Vote.objects.filter(by=person).values("nomination")
        open_ones = Nomination.objects.filter(round=running, state="at_committee").exclude(
            pk__in=cast
        )
        if count := open_ones.exclude(person=person).count():
            tasks.append(
                Task(
                    kind,
                    word,
                    _("部务会定星，%(n)s项待表决") % {"n": count},
                    _("逐项表决，结束前不显示票数"),
                    reverse("stars:committee", args=[running.pk]),
                    _("去表决"),
                )
            )
    if access.has_role(person, Role.PERSONNEL):
        tasks.append(
            Task(
                kind,
                word,
                _("部务会定星"),
                _("登记到会人员，到齐法定人数才能表决"),
                reverse("stars:sitting", args=[running.pk]),
                _("去会场"),
            )
        )
    return tasks


def _publicising(person, running) -> list[Task]:
    if not access.has_role(person, Role.PERSONNEL):
        return []
    count = Objection.objects.open().filter(round=running).count()
    if not count:
        return []
    return [
        Task(
            "bad",
            _("有异议"),
            _("%(n)s条异议待核实") % {"n": count},
            _("处理完之前，结果不会公布"),
            reverse("stars:publicity", args=[running.pk]),
            _("去核实"),
        )
    ]


def recent_days(person, today: date):
    """The person's last working days with their report states, in whole weeks for the strip."""
    first = workdays.preceding(today, OWN_SPAN - 1)
    return deadlines.day_statuses(person, first, today)


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
