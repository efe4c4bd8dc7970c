"""A person's year (年终述职): facts drawn from the ledgers, told in the person's own words, filed,
received by the chief (a chief's by the leader in charge) or sent back."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records, sheet_lines, year_facts
from ledgers.models import SheetLine, WorkReport
from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Staff
from scheme.roles import Role

State, Part = WorkReport.State, SheetLine.Part
SAID_LENGTH, WORDS_LENGTH, MOST_PARAGRAPHS, PARAGRAPH = 200, 6000, 60, 1000
OWN_PARTS = (Part.DONE, Part.OPEN, Part.PLAN)


def years() -> tuple[int, ...]:
    """The years one may still report on: this one and the last."""
    year = clock.today().year
    return (year, year - 1)


@transaction.atomic
def draft(year: int, *, by: Staff) -> WorkReport:
    """One's own report of the year with its facts. The one that is there is returned as it is."""
    access.require(by, "work_report.write", Anchor(by.unit_id, by.pk, state=State.DRAFT))
    if year not in years():
        raise Refused(_("只能写今年和去年的述职。"), field="year")
    report, made = WorkReport.objects.select_for_update(of=("self",)).get_or_create(
        person=by, year=year, defaults={"unit_id": by.unit_id, "drafted_at": clock.now()}
    )
    if made:
        with sheet_lines.in_the_office_language():
            sheet_lines.draw(report, year_facts.of(by, year))
        records.note(report, "draft", by=by)
        audit.record(by, "work_report.draft", report, after={"year": year})
    return report


@transaction.atomic
def redraft(pk: int, *, by: Staff, version: int, words: dict[str, str]) -> WorkReport:
    """Keeps the words as written and draws the facts of the year anew."""
    report = _own(pk, by, version)
    _write(report, words)
    with sheet_lines.in_the_office_language():
        sheet_lines.draw(report, year_facts.of(by, report.year))
    report.drafted_at = clock.now()
    report.version += 1
    report.save(update_fields=["drafted_at", "version"])
    records.note(report, "redraft", by=by)
    audit.record(by, "work_report.redraft", report)
    return report


@transaction.atomic
def save(pk: int, *, by: Staff, version: int, words: dict[str, str]) -> WorkReport:
    """Keeps the words as written so far. No trail: nothing has been handed in yet."""
    report = _own(pk, by, version)
    _write(report, words)
    report.version += 1
    report.save(update_fields=["version"])
    return report


@transaction.atomic
def file(pk: int, *, by: Staff, version: int, words: dict[str, str]) -> WorkReport:
    """Hands the report in, for the first time or mended."""
    report = _own(pk, by, version)
    _write(report, words)
    if not words.get(Part.DONE, "").strip():
        raise Refused(_("先写完成情况，再报送。"), field="done")
    before = {"state": report.state}
    report.state, report.filed_at = State.FILED, clock.now()
    report.version += 1
    report.save(update_fields=["state", "filed_at", "version"])
    records.note(report, "file", by=by, after=sheet_lines.snapshot(report))
    audit.record(by, "work_report.file", report, before=before, after={"state": report.state})
    return report


@transaction.atomic
def receive(pk: int, *, by: Staff, version: int) -> WorkReport:
    """Takes the report in: from here on it stands as it is."""
    report = _for_receiver(pk, by, version)
    report.state = State.RECEIVED
    report.received_by, report.received_at = by, clock.now()
    report.version += 1
    report.save(update_fields=["state", "received_by", "received_at", "version"])
    records.note(report, "receive", by=by)
    audit.record(
        by,
        "work_report.receive",
        report,
        before={"state": State.FILED},
        after={"state": report.state},
    )
    _tell(
        report,
        lambda: _("%(year)s年的述职已收。") % {"year": report.year},
        icon="check",
    )
    return report


@transaction.atomic
def return_(pk: int, *, by: Staff, version: int, reason: str) -> WorkReport:
    report = _for_receiver(pk, by, version)
    reason = reason.strip()
    if not reason:
        raise Refused(_("写明退回的原因，对方才知道改哪里。"), field="reason")
    if len(reason) > SAID_LENGTH:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": SAID_LENGTH}, field="reason")
    report.state = State.RETURNED
    report.version += 1
    report.save(update_fields=["state", "version"])
    records.note(report, "return", by=by, text=reason)
    audit.record(
        by,
        "work_report.return",
        report,
        before={"state": State.FILED},
        after={"state": report.state},
        reason=reason,
    )
    _tell(
        report,
        lambda: (
            _("%(year)s年的述职被退回补正：%(reason)s") % {"year": report.year, "reason": reason}
        ),
        icon="arrow-uturn-left",
    )
    return report


def may_receive(report: WorkReport, *, by: Staff) -> bool:
    """`report` comes `with_receiver`."""
    if report.person_id == by.pk:
        return False
    if not report.by_leader:
        return access.can(by, "work_report.receive", report.anchor())
    leads = report.section_id in access.places(by, Role.LEADER)
    return (leads or report.leaderless) and access.can(
        by, "work_report.receive_chief", report.anchor()
    )


def _for_receiver(pk: int, by: Staff, version: int) -> WorkReport:
    """Locked. Who might have received it is told that somebody was faster."""
    seen = WorkReport.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = WorkReport.objects.select_for_update(of=("self",)).with_receiver()
    report = rows.select_related("person").get(pk__in=seen)
    if report.person_id == by.pk:
        raise PermissionDenied(_("不能收自己的述职。"))
    anchor = report.anchor()._replace(state=State.FILED)
    verb = "work_report.receive_chief" if report.by_leader else "work_report.receive"
    access.require(by, verb, anchor)
    leads = report.section_id in access.places(by, Role.LEADER)
    in_their_stead = access.acted_for(by) == report.person_id
    if in_their_stead or (report.by_leader and not leads and not report.leaderless):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    if report.version != version or report.state != State.FILED:
        raise Stale(_("这份述职刚才变了，刷新后再看。"))
    return report


def _own(pk: int, by: Staff, version: int) -> WorkReport:
    """One's own, not handed in or sent back; locked. Others' are out of sight, or not theirs."""
    seen = WorkReport.objects.visible_to(by).filter(pk=pk).values("pk")
    report = WorkReport.objects.select_for_update(of=("self",)).get(pk__in=seen)
    anchor = Anchor(report.unit_id, report.person_id, state=State.DRAFT)
    access.require(by, "work_report.write", anchor)
    if report.version != version:
        raise Stale(_("这份述职刚才变了，刷新后再看。"))
    if report.state not in (State.DRAFT, State.RETURNED):
        raise Stale(_("这份述职已经报送，退回后才能改。"))
    return report


def _write(report: WorkReport, words: dict[str, str]) -> None:
    """Each paragraph is a line of its part; the parts are written whole."""
    rows = []
    for part in OWN_PARTS:
        text = words.get(part, "").replace("\r\n", "\n")
        if len(text) > WORDS_LENGTH:
            raise Refused(_("超过%(n)s字，请写短些。") % {"n": WORDS_LENGTH}, field=part)
        paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
        if len(paragraphs) > MOST_PARAGRAPHS:
            raise Refused(_("最多%(n)s段，请合并几段。") % {"n": MOST_PARAGRAPHS}, field=part)
        for position, paragraph in enumerate(paragraphs, 1):
            if len(paragraph) > PARAGRAPH:
                text = _("第%(i)s段超过%(n)s字，请分段。")
                raise Refused(text % {"i": position, "n": PARAGRAPH}, field=part)
            rows.append(SheetLine(work_report=report, part=part, position=position, text=paragraph))
    sheet_lines.of(report).filter(part__in=OWN_PARTS).delete()
    SheetLine.objects.bulk_create(rows)


def _tell(report: WorkReport, say: notices.Say, *, icon: str) -> None:
    url = reverse("ledgers:work_report_detail", args=[report.pk])
    notices.tell(
        report.person, f"work_report:{report.pk}:{report.version}", say, url=url, icon=icon
    )
