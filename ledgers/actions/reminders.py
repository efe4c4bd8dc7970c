"""A gentle word to whoever has not filed: after the cutoff, once a day."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.deadlines import Status
from ledgers.reviewing import Desk, desks, people_of
from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused
from scheme.models import Notice, Staff
from scheme.templatetags.look import md, md_hm


def key_of(day: date) -> str:
    """Of the reminder of a day's report, as it can be told today."""
    return f"report:{day}:reminded:{clock.today()}"


@transaction.atomic
def remind(staff_pk: int, day: date, *, by: Staff) -> None:
    """Reminds one person of one day's report, in the product and nowhere else."""
    person = Staff.objects.select_for_update().get(pk=staff_pk)
    desk, row = _read_by(by, person, day)
    verb = "report.review" if desk.as_chief else "report.review_chief"
    access.require(by, verb, Anchor(person.unit_id, person.pk, row.section.pk, state="filed"))
    limit = row.status.deadline
    if row.status.status != Status.DUE:
        raise Refused(_("%(name)s这一天的日报不用提醒了。") % {"name": person.name})
    if clock.now() <= limit.cutoff:
        text = _("%(until)s前都算按时，先不用催。")
        raise Refused(text % {"until": md_hm(limit.cutoff)})
    if Notice.objects.filter(to=person, key=key_of(day)).exists():
        raise Refused(_("今天已经提醒过%(name)s了。") % {"name": person.name})
    audit.record(by, "report.remind", person, after={"day": day.isoformat()})
    notices.tell(
        person,
        key_of(day),
        lambda: (
            _("%(day)s的日报还没报，%(last)s前都可以补报。请假出差的，请先登记。")
            % {"day": md(day), "last": md_hm(limit.closes)}
        ),
        url=reverse("ledgers:report_edit", args=[day]),
        icon="bell",
    )


def reminded_today(people: list[int], day: date) -> set[int]:
    rows = Notice.objects.filter(to__in=people, key=key_of(day))
    return set(rows.values_list("to", flat=True))


def _read_by(by: Staff, person: Staff, day: date) -> tuple[Desk, object]:
    """At which of the reader's desks the person's day lies."""
    for desk in desks(by):
        for row in people_of(desk, by, day):
            if row.person.pk == person.pk:
                return desk, row
    raise PermissionDenied(_("您的职责不包括这一步。"))
