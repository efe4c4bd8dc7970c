"""The daily digest: when it goes out, to whom, and what it says. Reads only.

At most one a working day and person, at the unit's hour, never at night, never on a day off, never
to who is on leave; none at all where nothing is owed and nothing waits.
"""

from datetime import date, datetime, time
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk import queries
from desk.models import Digest, DigestPolicy, DigestRun
from desk.models.digest import EARLIEST, LATEST
from desk.rows import Task
from ledgers import deadlines
from ledgers.deadlines import Status
from scheme import access, clock, workdays
from scheme.errors import Refused
from scheme.models import Absence, Staff, Unit
from scheme.roles import Role
from scheme.templatetags.look import listed, md

# Who is away on these is left alone; who travels goes on working.
SILENT = (Absence.Kind.LEAVE, Absence.Kind.SECONDMENT)
MOST_NAMES = 8


class Setting(NamedTuple):
    enabled: bool
    send_at: time
    robot: str
    robot_url: str


USUAL = Setting(True, time(8, 30), "", "")


def settings_on(day: date) -> dict[int, Setting]:
    """By unit, where the personnel office has set something."""
    return {
        one.unit_id: Setting(one.enabled, one.send_at, one.robot, one.robot_url)
        for one in DigestPolicy.objects.holding(day)
    }


def setting_of(unit: Unit | int, day: date) -> Setting:
    pk = unit.pk if isinstance(unit, Unit) else unit
    one = DigestPolicy.objects.filter(unit=pk).holding(day).first()
    return Setting(one.enabled, one.send_at, one.robot, one.robot_url) if one else USUAL


def may_send(now: datetime) -> bool:
    """By daylight of a working day; a day the calendar does not know is not one."""
    local = clock.local(now)
    by_day = EARLIEST <= local.time().replace(tzinfo=None) < LATEST
    return by_day and workdays.is_working(local.date())


def units_due(now: datetime) -> list[Unit]:
    """Units whose hour has come today and whose people have not been split into batches yet. Late
    is better than never, until the evening."""
    if not may_send(now):
        return []
    local = clock.local(now)
    told = settings_on(local.date())
    split = DigestRun.objects.filter(unit=OuterRef("pk"), day=local.date())
    return [
        unit
        for unit in Unit.objects.exclude(Exists(split)).order_by("pk")
        if (found := told.get(unit.pk, USUAL)).enabled and found.send_at <= local.time()
    ]


def people_of(unit: Unit | int, day: date):
    """Who may get one that day: on the roll, able to sign in, not on leave."""
    away = Absence.objects.filter(
        Q(end_on=None) | Q(end_on__gte=day),
        staff=OuterRef("pk"),
        kind__in=SILENT,
        start_on__lte=day,
    )
    people = Staff.objects.filter(unit=unit, is_active=True).on_roll(day)
    return people.exclude(Exists(away)).order_by("pk")


# --- What it says


def body_of(person: Staff, running=None) -> dict | None:
    """Its rows in every language; None when nothing is owed and nothing waits.

    The same twenty or so queries for a clerk and for a chief of forty, once a language.
    """
    body = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            body[code] = {
                "owed": [_row(task) for task in owed(person)],
                "waiting": [_row(task) for task in waiting(person, running)],
            }
        if not body[code]["owed"] and not body[code]["waiting"]:
            return None
    return body


def owed(person: Staff) -> list[Task]:
    """As on the desk, but for today's own report: its day has only begun, and who owes nothing
    else is left in peace."""
    today, statuses = clock.today(), []
    if access.has_role(person, Role.MEMBER):
        statuses = [one for one in queries.recent(person, today) if one.day < today]
    return queries.owed(person, statuses)


def waiting(person: Staff, running=None) -> list[Task]:
    return queries.waiting(person, running) + unfiled(person)


def unfiled(person: Staff) -> list[Task]:
    """To a chief: whose report of the last closed day is missing. A report is its writer's own
    business until its time is up; only then does the chief hear of it."""
    sections = access.places(person, Role.CHIEF)
    if not sections:
        return []
    day = last_closed_day(person.unit_id)
    if day is None:
        return []
    late = [
        one.person.name
        for one in deadlines.sections_day(sections, person.unit_id, day)
        if one.status.status in (Status.DUE, Status.MISSING) and one.person.pk != person.pk
    ]
    if not late:
        return []
    title = ngettext("%(day)s的日报还有%(n)s人没报", "%(day)s的日报还有%(n)s人没报", len(late)) % {
        "day": md(day),
        "n": len(late),
    }
    names = listed(late[:MOST_NAMES]) + ("…" if len(late) > MOST_NAMES else "")
    url = f"{reverse('ledgers:review')}?day={day.isoformat()}"
    return [Task("warn", _("过时未报"), title, names, url, _("去看"))]


def last_closed_day(unit: int) -> date | None:
    """The last working day whose report is late by now."""
    today = clock.today()
    try:
        days = [workdays.preceding(today, count) for count in (1, 2)]
    except Refused:
        return None
    limits = deadlines.deadlines(unit, days[-1], days[0])
    closed = [day for day in days if day in limits and limits[day].cutoff < clock.now()]
    return max(closed, default=None)


def _row(task: Task) -> dict:
    names = ("kind", "word", "title", "note", "url")
    return {name: str(getattr(task, name)) for name in names}


def counts_line(digest: Digest) -> str:
    """What the notice says; the rest stands on the page."""
    if digest.owed and digest.waiting:
        text = _("今天您有%(owed)s件要报，%(waiting)s件等您办")
    elif digest.owed:
        text = _("今天您有%(owed)s件要报")
    else:
        text = _("今天有%(waiting)s件等您办")
    return text % {"owed": digest.owed, "waiting": digest.waiting}


def page_of(digest: Digest) -> str:
    return f"{reverse('desk:digest')}?day={digest.day.isoformat()}"
