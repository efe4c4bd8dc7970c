"""What of study and talks waits on the desk: a rating to give, a title to report, and, for the
office that keeps them, what has been held and is not entered."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rows import Task
from ledgers.models import RatingEnvelope, StudySession, Talk
from scheme import access, clock
from scheme.roles import Role
from scheme.templatetags.look import md, md_hm

AHEAD = timedelta(days=21)
MOST = 3


def owed(person) -> list[Task]:
    """A talk of one's own to prepare, and talks one has heard and not rated: one query."""
    today, now = clock.today(), clock.now()
    rated = RatingEnvelope.objects.filter(talk=OuterRef("pk"), person=person)
    rows = Talk.objects.filter(
        unit_id=person.unit_id,
        state__in=[Talk.State.PLANNED, Talk.State.OPEN],
        day__lte=today + AHEAD,
    )
    rows = rows.annotate(rated=Exists(rated)).select_related("speaker").order_by("day", "pk")
    tasks = []
    for talk in rows:
        own = talk.speaker_id == person.pk
        if talk.state == Talk.State.OPEN:
            if own or talk.rated or talk.rating_ends_at <= now:
                continue
            tasks.append(
                Task(
                    "warn",
                    _("待评分"),
                    _("%(name)s的讲课") % {"name": talk.speaker.name},
                    _("无记名，%(until)s截止") % {"until": md_hm(talk.rating_ends_at)},
                    reverse("ledgers:talk_rate", args=[talk.pk]),
                    _("去评分"),
                )
            )
        elif own and not talk.title:
            tasks.append(
                Task(
                    "warn",
                    _("待报题目"),
                    _("%(day)s由您主讲") % {"day": md(talk.day)},
                    _("先报题目，方便大家准备"),
                    reverse("ledgers:talk_edit", args=[talk.pk]),
                    _("去报题目"),
                )
            )
    return tasks[:MOST]


def waiting(person) -> list[Task]:
    """For the personnel office: sessions and talks whose day has come."""
    if not access.has_role(person, Role.PERSONNEL):
        return []
    today = clock.today()
    tasks = []
    sessions = StudySession.objects.filter(
        unit_id=person.unit_id, state=StudySession.State.PLANNED, day__lte=today
    )
    for session in sessions.order_by("day", "pk")[:MOST]:
        tasks.append(
            Task(
                "warn",
                _("待登记"),
                _("%(day)s学习的到会情况") % {"day": md(session.day)},
                _("请假出差的自动免到，只勾缺席的"),
                reverse("ledgers:study_attendance", args=[session.pk]),
                _("去登记"),
            )
        )
    talks = Talk.objects.filter(
        unit_id=person.unit_id, state=Talk.State.PLANNED, day__lte=today
    ).select_related("speaker")
    for talk in talks.order_by("day", "pk")[:MOST]:
        tasks.append(
            Task(
                "warn",
                _("待登记"),
                _("%(day)s%(name)s的讲课") % {"day": md(talk.day), "name": talk.speaker.name},
                _("讲完了就开始评分"),
                reverse("ledgers:talk_detail", args=[talk.pk]),
                _("去办理"),
            )
        )
    return tasks
