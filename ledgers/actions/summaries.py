"""The section's month (一月一结): drafted from facts, edited, filed, graded by its leader.

A grade of 好 is a fact that points follow from; a grade that is changed later is followed by a
reversal the next time the points are settled.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import drafting, records, sheet_lines
from ledgers.models import MonthlySummary
from ledgers.models.reports import Grade
from ledgers.sheet_lines import Edit
from scheme import access, audit, clock, notices, periods, workdays
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Section, Staff
from scheme.roles import Role
from scheme.templatetags.look import md

State = MonthlySummary.State
SAID_LENGTH = 300
# Working days of the next month within which a month is told.
DUE_WITHIN = 3


def due_on(month: date) -> date:
    """Until when the month is to be filed. Raises Refused when the calendar does not reach it."""
    return workdays.following(periods.last_of_month(month), DUE_WITHIN)


def opens_on(month: date) -> date:
    """From when the month may be filed: its last working day."""
    days = workdays.between(month, periods.last_of_month(month))
    return days[-1] if days else periods.last_of_month(month)


@transaction.atomic
def draft(section_id: int, month: date, *, by: Staff) -> MonthlySummary:
    """The section's summary of the month, drawn from its facts. The one that is there already is
    returned as it stands. Raises DoesNotExist for sections out of sight."""
    section = Section.objects.visible_to(by).get(pk=section_id)
    anchor = Anchor(section.unit_id, section_id=section.pk, state=State.DRAFT)
    access.require(by, "summary.write", anchor)
    month = month.replace(day=1)
    if month > clock.today():
        raise Refused(_("这个月还没有开始。"), field="month")
    summary, made = MonthlySummary.objects.select_for_update(of=("self",)).get_or_create(
        section=section,
        month=month,
        defaults={
            "unit_id": section.unit_id,
            "state": State.DRAFT,
            "recorded_at": clock.now(),
        },
    )
    if made:
        with sheet_lines.in_the_office_language():
            drawn = sheet_lines.draw(summary, drafting.monthly(section, month))
        records.note(summary, "draft", by=by)
        after = {"month": month.isoformat(), "lines": drawn}
        audit.record(by, "summary.draft", summary, after=after)
    return summary


@transaction.atomic
def redraft(pk: int, *, by: Staff, version: int, edits: Iterable[Edit] = ()) -> int:
    """Keeps the lines as written, draws what has come since and counts anew; what was drawn
    before, edited or struck, is left alone. Returns the number of lines added."""
    summary = _own(pk, by, version)
    sheet_lines.write(summary, edits)
    with sheet_lines.in_the_office_language():
        known = sheet_lines.known(summary)
        fresh = drafting.monthly(summary.section, summary.month, known=known)
        drawn = sheet_lines.draw(summary, fresh)
    summary.version += 1
    summary.save(update_fields=["version"])
    records.note(summary, "redraft", by=by, after={"lines": drawn})
    audit.record(by, "summary.redraft", summary, after={"lines": drawn})
    return drawn


@transaction.atomic
def save(pk: int, *, by: Staff, version: int, edits: Iterable[Edit]) -> MonthlySummary:
    """Keeps the lines as written so far. No trail: nothing has been handed in yet."""
    summary = _own(pk, by, version)
    sheet_lines.write(summary, edits)
    summary.version += 1
    summary.save(update_fields=["version"])
    return summary


@transaction.atomic
def file(pk: int, *, by: Staff, version: int, edits: Iterable[Edit]) -> MonthlySummary:
    """Hands the summary in, as it is on the page, for the first time or mended."""
    summary = _own(pk, by, version)
    opens = opens_on(summary.month)
    if clock.today() < opens:
        raise Refused(_("这个月还没过完，%(day)s起可以报送。") % {"day": md(opens)})
    sheet_lines.write(summary, edits)
    told = sheet_lines.of(summary).filter(dropped=False)
    if not told.exclude(part=sheet_lines.Part.FACT).exists():
        raise Refused(_("至少写一条完成情况，再报送。"), field="lines")
    before = {"state": summary.state}
    summary.state, summary.filed_by, summary.filed_at = State.FILED, by, clock.now()
    summary.version += 1
    summary.save(update_fields=["state", "filed_by", "filed_at", "version"])
    records.note(summary, "file", by=by, after=sheet_lines.snapshot(summary))
    audit.record(by, "summary.file", summary, before=before, after={"state": summary.state})
    return summary


@transaction.atomic
def grade(pk: int, *, by: Staff, version: int, grade: str, comment: str = "") -> MonthlySummary:
    """The leader's judgement of the section's month."""
    summary = _for_judgement(pk, by, version, "summary.grade", State.FILED)
    if grade not in Grade.values:
        raise Refused(_("先选等次：好、较好、一般、较差。"), field="grade")
    comment = _short(comment, field="comment")
    _judge(summary, by, grade, comment)
    after = {"state": summary.state, "grade": grade}
    records.note(summary, "grade", by=by, text=comment, after={"grade": grade})
    before = {"state": State.FILED}
    audit.record(by, "summary.grade", summary, before=before, after=after, reason=comment)
    _tell(
        summary,
        lambda: _("%(section)s%(month)s的月结已评：%(grade)s。") % _told(summary),
        icon="check",
    )
    return summary


@transaction.atomic
def return_(pk: int, *, by: Staff, version: int, reason: str) -> MonthlySummary:
    """Sends a summary back to be mended, before it is graded."""
    summary = _for_judgement(pk, by, version, "summary.grade", State.FILED)
    reason = _short(reason, field="reason")
    if not reason:
        raise Refused(_("写明退回的原因，对方才知道改哪里。"), field="reason")
    summary.state = State.RETURNED
    summary.version += 1
    summary.save(update_fields=["state", "version"])
    records.note(summary, "return", by=by, text=reason)
    audit.record(
        by,
        "summary.return",
        summary,
        before={"state": State.FILED},
        after={"state": summary.state},
        reason=reason,
    )
    _tell(
        summary,
        lambda: (
            _("%(section)s%(month)s的月结被退回补正：%(reason)s")
            % {**_told(summary), "reason": reason}
        ),
        icon="arrow-uturn-left",
    )
    return summary


@transaction.atomic
def regrade(pk: int, *, by: Staff, version: int, grade: str, reason: str) -> MonthlySummary:
    """Changes a grade that was given, with the reason why. Points that followed from the first one
    are reversed by the next settling."""
    summary = _for_judgement(pk, by, version, "summary.regrade", State.GRADED)
    reason = _short(reason, field="reason")
    if grade not in Grade.values:
        raise Refused(_("先选等次：好、较好、一般、较差。"), field="grade")
    if grade == summary.grade:
        raise Refused(_("等次没有变，不用改评。"), field="grade")
    if not reason:
        raise Refused(_("写明改评的理由。"), field="reason")
    before = {"grade": summary.grade}
    _judge(summary, by, grade, summary.comment)
    records.note(summary, "regrade", by=by, text=reason, before=before, after={"grade": grade})
    audit.record(
        by, "summary.regrade", summary, before=before, after={"grade": grade}, reason=reason
    )
    _tell(
        summary,
        lambda: (
            _("%(section)s%(month)s的月结改评为%(grade)s：%(reason)s")
            % {**_told(summary), "reason": reason}
        ),
        icon="pencil-square",
    )
    return summary


def may_judge(summary: MonthlySummary, verb: str, *, by: Staff) -> bool:
    """The leader in charge; where there is none but the filer, whoever chairs the committee.
    Nobody judges what they filed, nor in the filer's stead. `summary` comes `with_leader`."""
    if summary.filed_by_id == by.pk:
        return False
    if not access.can(by, verb, summary.anchor()):
        return False
    leads = summary.section_id in access.places(by, Role.LEADER)
    return leads or summary.leaderless


def _for_judgement(pk: int, by: Staff, version: int, verb: str, state: str) -> MonthlySummary:
    """Locked. Who might have judged it is told that somebody was faster, not that they may not."""
    summary = _seen(pk, by)
    if summary.filed_by_id == by.pk:
        raise PermissionDenied(_("不能评自己填报的月结。"))
    access.require(by, verb, summary.anchor()._replace(state=state))
    leads = summary.section_id in access.places(by, Role.LEADER)
    stands_in_for_filer = summary.filed_by_id and access.acted_for(by) == summary.filed_by_id
    if stands_in_for_filer or not (leads or summary.leaderless):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    _still(summary, version)
    if summary.state != state:
        raise Stale(_("这份月结刚才变了，刷新后再看。"))
    return summary


def _judge(summary: MonthlySummary, by: Staff, grade: str, comment: str) -> None:
    summary.state, summary.grade, summary.comment = State.GRADED, grade, comment
    summary.graded_by, summary.graded_at = by, clock.now()
    summary.version += 1
    summary.save(update_fields=["state", "grade", "comment", "graded_by", "graded_at", "version"])


def _seen(pk: int, by: Staff) -> MonthlySummary:
    """Locked. Raises DoesNotExist for a summary out of sight."""
    seen = MonthlySummary.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = MonthlySummary.objects.select_for_update(of=("self",)).with_leader()
    return rows.select_related("section", "filed_by").get(pk__in=seen)


def _own(pk: int, by: Staff, version: int) -> MonthlySummary:
    """A draft, or one sent back, that this person writes; locked."""
    summary = _seen(pk, by)
    access.require(by, "summary.write", summary.anchor()._replace(state=State.DRAFT))
    _still(summary, version)
    if summary.state not in (State.DRAFT, State.RETURNED):
        raise Stale(_("这份月结已经报送，退回后才能改。"))
    return summary


def _still(summary: MonthlySummary, version: int) -> None:
    if summary.version != version:
        raise Stale(_("这份月结刚才变了，刷新后再看。"))


def _short(text: str, *, field: str) -> str:
    text = text.strip()
    if len(text) > SAID_LENGTH:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": SAID_LENGTH}, field=field)
    return text


def _told(summary: MonthlySummary) -> dict:
    return {
        "section": summary.section.name,
        "month": _("%(month)s月") % {"month": summary.month.month},
        "grade": summary.get_grade_display(),
    }


def _tell(summary: MonthlySummary, say: notices.Say, *, icon: str) -> None:
    """To who filed it; a workbook's has nobody to tell."""
    if summary.filed_by:
        url = reverse("ledgers:summary_detail", args=[summary.pk])
        key = f"summary:{summary.pk}:{summary.version}"
        notices.tell(summary.filed_by, key, say, url=url, icon=icon)
