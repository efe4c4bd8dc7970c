"""Objections during publicity: confidential between whoever raised them and the office; open ones
stop the result. A finding may be reviewed once, by somebody else."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused
from scheme.models import Appointment, Staff
from scheme.offices import Office
from stars import objecting
from stars.models import Nomination, Objection, ObjectionNote, Round
from stars.owing import office_of

MAX_TEXT, MAX_NOTE = 1000, 500
Source = Objection.Source


@transaction.atomic
def raise_(pk: int, nomination: int, *, by, text: str) -> Objection:
    """Anybody of the unit, by name, about a nominee on the published list."""
    round_ = _in_publicity(pk, by, "objection.raise")
    about = _listed(round_, nomination)
    text = _text(text, _("请写明异议的事实，以便核实。"), "text")
    if Objection.objects.open().filter(nomination=about, raised_by=by).exists():
        raise Refused(_("您对这一项的异议还在核实，请等结果。"), conflict=True)
    return _raised(Objection(round=round_, nomination=about, raised_by=by, text=text), by)


@transaction.atomic
def record(
    pk: int, nomination: int, *, by, source: str, informant: str, contact: str, text: str
) -> Objection:
    """What came by letter, by visit or by telephone: the office writes it down for whoever did."""
    round_ = _in_publicity(pk, by, "objection.record")
    about = _listed(round_, nomination)
    if source not in (Source.LETTER, Source.VISIT):
        raise Refused(_("请选来信或者来访来电。"), field="source")
    objection = Objection(
        round=round_,
        nomination=about,
        source=source,
        informant=_text(informant, _("请写明反映人的姓名。"), "informant", 40),
        contact=_text(contact, _("请写明联系方式，以便答复。"), "contact", 60),
        recorded_by=by,
        text=_text(text, _("请写明异议的事实，以便核实。"), "text"),
    )
    if why := objecting.why_concerned(objection, by, objecting.concern_of(by, pk)):
        raise Refused(why)
    return _raised(objection, by)


@transaction.atomic
def ask_review(pk: int, *, by, text: str) -> Objection:
    """A second look at a finding, asked for once by whom it went against."""
    round_pk = Objection.objects.values_list("round_id", flat=True).get(pk=pk)
    round_ = _in_publicity(round_pk, by, "objection.raise")
    first = objecting.reviewable_by(by, round_).filter(pk=pk).first()
    if first is None:
        raise Refused(_("这一条不能申请复核，或者已经申请过。"), conflict=True)
    until = objecting.review_open_until(round_)
    if until is None or until <= clock.now():
        raise Refused(_("申请复核的时间已过。"))
    text = _text(text, _("请写明对核实结果有什么不同意见。"), "text")
    review = Objection(
        round=round_, nomination=first.nomination, raised_by=by, reviews=first, text=text
    )
    return _raised(review, by)


@transaction.atomic
def read(pk: int, *, by) -> Objection:
    """The objection in full. The office's reading leaves a line; the raiser's own does not."""
    rows = Objection.objects.visible_to(by).select_related(
        "round__unit",
        "nomination__star",
        "nomination__person",
        "nomination__section",
        "raised_by",
        "recorded_by",
        "assigned_to",
        "handled_by",
        "reviews__raised_by",
    )
    objection = rows.get(pk=pk)
    if objection.raised_by_id != by.pk:
        audit.record(by, "objection.read", objection, unit=objection.round.unit)
    return objection


@transaction.atomic
def assign(pk: int, *, by, to: Staff) -> Objection:
    """The office gives it to somebody free of the matter: its own people first, or anybody of the
    unit where all of them have judged it. Where it concerns the whole office, the chair does."""
    objection = _locked(pk)
    access.require(by, "objection.assign", objection.round.anchor())
    _still_open(objection)
    round_pk = objection.round_id
    if why := objecting.why_concerned(objection, by, objecting.concern_of(by, round_pk)):
        raise Refused(why)
    if not Objection.objects.visible_to(by).filter(pk=pk).exists():
        raise PermissionDenied(_("这条异议由机关人事科交办。"))
    if not Staff.objects.on_roll(clock.today()).filter(pk=to.pk, unit=objection.round.unit_id):
        raise Refused(_("请选本单位的在册人员。"), field="to")
    if why := objecting.why_not_handled_by(objection, to, objecting.concern_of(to, round_pk)):
        raise Refused(_("%(name)s：%(why)s") % {"name": to.name, "why": why}, field="to")
    before = {"to": objection.assigned_to_id}
    objection.assigned_to, objection.assigned_at = to, clock.now()
    objection.save(update_fields=["assigned_to", "assigned_at"])
    audit.record(
        by,
        "objection.assign",
        objection,
        before=before,
        after={"to": to.pk},
        unit=objection.round.unit,
    )
    notices.tell(
        to,
        f"objection:{objection.pk}:assigned:{to.pk}",
        lambda: _("请您核实异议%(number)s，内容保密。") % {"number": objection.number},
        url=_url(objection),
        icon="exclamation-circle",
    )
    return objection


@transaction.atomic
def note(pk: int, *, by, text: str) -> ObjectionNote:
    """A step taken: whom was asked, what was found. Stays as it was written."""
    objection = _to_handle(pk, by)
    text = _text(text, _("请写明做了什么。"), "text", MAX_NOTE)
    row = ObjectionNote.objects.create(objection=objection, text=text, by=by, at=clock.now())
    audit.record(by, "objection.note", objection, after={"note": row.pk}, unit=objection.round.unit)
    return row


@transaction.atomic
def handle(pk: int, *, by, outcome: str, finding: str) -> Objection:
    """The finding. Upheld, the nominee gets no star; the place stays empty."""
    objection = _to_handle(pk, by)
    if outcome not in Objection.Outcome.values:
        raise Refused(_("请选成立或不成立。"), field="outcome")
    finding = _text(finding, _("请写明核实情况。"), "finding")
    objection.outcome, objection.finding = outcome, finding
    objection.handled_by, objection.handled_at = by, clock.now()
    objection.save(update_fields=["outcome", "finding", "handled_by", "handled_at"])
    audit.record(
        by,
        "objection.handle",
        objection,
        before={"outcome": ""},
        after={"outcome": outcome},
        reason=finding,
        unit=objection.round.unit,
    )
    _tell_raiser(objection)
    _tell_nominee(objection)
    return objection


# --- Steps


def _in_publicity(pk: int, by, verb: str) -> Round:
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    if round_.state != Round.State.PUBLICITY:
        access.require(by, "round.read", round_.anchor())
        access.require(by, verb, round_.anchor()._replace(state=Round.State.PUBLICITY))
        raise Refused(_("公示已经结束，或者还没有开始。"), conflict=True)
    access.require(by, verb, round_.anchor())
    return round_


def _listed(round_: Round, nomination: int) -> Nomination:
    listed = Nomination.objects.filter(round=round_, decision__placed=True)
    about = listed.select_related("person", "section", "star").filter(pk=nomination).first()
    if about is None:
        raise Refused(_("公示名单里没有这一项，请刷新后再提。"), field="nomination")
    return about


def _text(value: str, empty: str, field: str, most: int = MAX_TEXT) -> str:
    value = value.strip()
    if not value:
        raise Refused(empty, field=field)
    if len(value) > most:
        raise Refused(_("请写在%(n)s字以内。") % {"n": most}, field=field)
    return value


def _raised(objection: Objection, by) -> Objection:
    """Counted through the round, under its lock; told to whoever of the office it leaves free."""
    round_ = objection.round
    objection.raised_at = clock.now()
    objection.number = number(round_, round_.objections.count() + 1)
    objection.save()
    after = {"nomination": objection.nomination_id, "number": objection.number}
    if objection.reviews_id:
        after["reviews"] = objection.reviews_id
    act = "objection.record" if objection.recorded_by_id else "objection.raise"
    audit.record(by, act, objection, after=after, unit=round_.unit)
    free = [
        one
        for one in office_of(round_.unit_id)
        if not objecting.why_concerned(objection, one, objecting.concern_of(one, round_.pk))
    ]
    notices.tell_all(
        free or _chairs(round_),
        f"objection:{objection.pk}:raised",
        lambda: _("%(round)s的公示收到一条异议，处理完之前结果不会公布。") % {"round": round_},
        url=_url(objection),
        icon="exclamation-circle",
    )
    return objection


def _chairs(round_: Round) -> list[Staff]:
    """Who gives out what concerns everybody in the office."""
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.COMMITTEE_CHAIR, staff__unit=round_.unit_id
    )
    return [row.staff for row in held.select_related("staff")]


def number(round_: Round, n: int) -> str:
    """异〔2026〕上-003: of the half-year's round, counted as they come."""
    half = "上" if round_.half.endswith("1") else "下"
    return f"异〔{round_.half[:4]}〕{half}-{n:03d}"


def _url(objection: Objection) -> str:
    return reverse("stars:objection_detail", args=[objection.pk])


def _locked(pk: int) -> Objection:
    """The round's row first, then the objection."""
    round_pk = Objection.objects.values_list("round_id", flat=True).get(pk=pk)
    Round.objects.select_for_update().get(pk=round_pk)
    return (
        Objection.objects.select_for_update(of=("self",))
        .select_related(
            "round__unit",
            "nomination__person",
            "nomination__section",
            "nomination__star",
            "raised_by",
            "assigned_to",
            "reviews__raised_by",
        )
        .get(pk=pk)
    )


def _still_open(objection: Objection) -> None:
    if objection.outcome:
        raise Refused(_("这条异议已经处理过。"), conflict=True)
    if objection.round.state != Round.State.PUBLICITY:
        raise Refused(_("公示已经结束，不能再处理。"), conflict=True)


def _to_handle(pk: int, by) -> Objection:
    objection = _locked(pk)
    access.require(
        by, "objection.handle", objecting.handling_anchor(objection)._replace(state="open")
    )
    _still_open(objection)
    concern = objecting.concern_of(by, objection.round_id)
    if why := objecting.why_not_handled_by(objection, by, concern):
        raise Refused(why)
    if objection.assigned_to_id not in (None, by.pk):
        raise Refused(_("这条异议已交给%(name)s核实。") % {"name": objection.assigned_to.name})
    return objection


def _tell_raiser(objection: Objection) -> None:
    """Who raised it and, after a review, who had raised the first. Who wrote or called is answered
    by the office itself."""
    first = objection.reviews
    people = {objection.raised_by, first and first.raised_by} - {None}
    notices.tell_all(
        people,
        f"objection:{objection.pk}:handled",
        lambda: (
            (
                _("经复核，异议%(outcome)s。%(finding)s")
                if first
                else _("您提出的异议已核实：%(outcome)s。%(finding)s")
            )
            % {"outcome": objection.get_outcome_display(), "finding": objection.finding}
        ),
        url=reverse("stars:publicity", args=[objection.round_id]),
        icon="check",
    )


def _tell_nominee(objection: Objection) -> None:
    """Whose star is lost hears of it, and of the review; never who raised what."""
    about = objection.nomination
    if objection.outcome != Objection.Outcome.UPHELD:
        return
    notices.tell_all(
        [about.person] if about.person else _chiefs(about.section_id),
        f"objection:{objection.pk}:upheld",
        lambda: _lost(objection) % {"nominee": about.nominee.name, "star": about.star.title},
        url=reverse("stars:publicity", args=[objection.round_id]),
        icon="exclamation-triangle",
    )


def _lost(objection: Objection) -> str:
    if objection.reviews_id:
        return _("经复核，对%(nominee)s获评%(star)s的异议成立，本轮不予评定。")
    return _(
        "经核实，对%(nominee)s获评%(star)s的异议成立，本轮不予评定。"
        "有不同意见的，可以在下一个工作日下班前申请复核。"
    )


def _chiefs(section_id: int) -> list[Staff]:
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section=section_id
    )
    return list(Staff.objects.filter(pk__in=held.values("staff")))
