"""Objections: the office's list, each with its steps, and the receipt for whoever raised it.

The list says which and how far, never what: reading is a step of its own and leaves a line.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Staff
from stars import objecting
from stars.actions import documents, objections
from stars.models import Objection, ObjectionNote, Round
from stars.owing import office_of

from .publicity import chosen, listed
from .stage import find_round, head

S = Round.State
SOURCES = [row for row in Objection.Source.choices if row[0] != Objection.Source.ONLINE]


@gate("objection.record")
@require_safe
def objection_list(request, pk):
    return _list(request, find_round(request, pk, S.PUBLICITY, S.PUBLISHED))


@gate("objection.record")
@require_POST
@once
def objection_record(request, pk):
    round_ = find_round(request, pk)
    said = {name: request.POST.get(name, "") for name in ("informant", "contact", "text", "source")}
    try:
        objection = objections.record(
            round_.pk, chosen(request, "nomination"), by=request.user, **said
        )
    except Refused as refused:
        if round_.state != S.PUBLICITY:
            raise
        return _list(request, round_, refused)
    messages.success(request, _("已登记，回执号%(number)s。") % {"number": objection.number})
    return redirect("stars:objection_detail", objection.pk)


@gate("objection.read")
@require_safe
def objection_detail(request, pk):
    return _detail(request, _read(request, pk))


@gate("objection.read")
@require_safe
def objection_receipt(request, pk):
    """To be printed and kept, or given to whoever came by."""
    objection = _read(request, pk)
    if not _may_have_receipt(request.user, objection):
        raise PermissionDenied(_("回执给提出人，由机关人事科打印。"))
    contact = documents.contact_of(objection.round)
    context = {"objection": objection, "contact": contact}
    return render(request, "stars/objection_receipt.html", context)


@gate("objection.assign")
@require_POST
@once
def objection_assign(request, pk):
    _found(request, pk)
    to = get_object_or_404(Staff.objects.of_unit(request.user.unit), pk=chosen(request, "to"))
    return _step(
        request,
        pk,
        lambda: objections.assign(pk, by=request.user, to=to),
        _("已交办，并已告诉本人。"),
    )


@gate("objection.handle")
@require_POST
@once
def objection_note(request, pk):
    _found(request, pk)
    text = request.POST.get("text", "")
    return _step(
        request, pk, lambda: objections.note(pk, by=request.user, text=text), _("已记下。")
    )


@gate("objection.handle")
@require_POST
@once
def objection_handle(request, pk):
    _found(request, pk)
    said = {name: request.POST.get(name, "") for name in ("outcome", "finding")}
    return _step(
        request,
        pk,
        lambda: objections.handle(pk, by=request.user, **said),
        _("核实结果已记录，并已告诉提出人。"),
    )


def _found(request, pk) -> Objection:
    return get_object_or_404(Objection.objects.visible_to(request.user), pk=pk)


def _read(request, pk) -> Objection:
    _found(request, pk)
    return objections.read(pk, by=request.user)


def _step(request, pk, act, done):
    try:
        act()
    except Refused as refused:
        if refused.conflict:
            raise
        return _detail(request, objections.read(pk, by=request.user), refused)
    messages.success(request, done)
    return redirect("stars:objection_detail", pk)


def _may_have_receipt(person, objection) -> bool:
    office = access.can(person, "objection.read", objection.anchor()._replace(person_id=None))
    return office or objection.raised_by_id == person.pk


def _list(request, round_, refused=None):
    rows = (
        Objection.objects.visible_to(request.user)
        .filter(round=round_)
        .select_related(
            "nomination__star",
            "nomination__person",
            "nomination__section",
            "assigned_to",
            "handled_by",
            "reviews",
        )
    )
    context = head(request, round_) | {
        "refused": refused,
        "rows": rows,
        "open": round_.state == S.PUBLICITY,
        "placed": listed(round_),
        "sources": SOURCES,
        "said": request.POST,
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/objection_list.html", context, status=status)


def _detail(request, objection, refused=None):
    person, round_ = request.user, objection.round
    concern = objecting.concern_of(person, round_.pk)
    barred = objecting.why_not_handled_by(objection, person, concern)
    handles = access.can(person, "objection.handle", objecting.handling_anchor(objection))
    going = not objection.outcome and round_.state == S.PUBLICITY
    assigns = access.can(person, "objection.assign", round_.anchor()) and not (
        objecting.why_concerned(objection, person, concern)
    )
    if handles and objection.assigned_to_id not in (None, person.pk):
        barred = _("已交给%(name)s核实。") % {"name": objection.assigned_to.name}
    context = {
        "objection": objection,
        "round": round_,
        "refused": refused,
        "own": objection.raised_by_id == person.pk,
        # Steps are the office's and the examiner's; the raiser reads the finding.
        "notes": ObjectionNote.objects.filter(objection=objection).select_related("by")
        if handles or assigns or objection.handled_by_id == person.pk
        else [],
        "review": Objection.objects.visible_to(person).filter(reviews=objection).first(),
        "going": going,
        "handles": going and handles,
        "barred": barred,
        "assigns": going and assigns,
        "free": _free(objection, round_) if going and assigns else [],
        "receipt": _may_have_receipt(person, objection),
        "outcomes": Objection.Outcome.choices,
        "said": request.POST,
    }
    status = 200 if refused is None else 422
    return render(request, "stars/objection_detail.html", context, status=status)


def _free(objection, round_) -> list[Staff]:
    """Whom it may be given to: of the office first; anybody else of the unit where none is free.
    Told apart in a few queries for everybody together."""
    tied = objecting.tied_to(objection)
    people = Staff.objects.of_unit(round_.unit).on_roll(clock.today()).filter(is_active=True)
    free = people.exclude(pk__in=tied).order_by("sort_weight", "staff_no")
    office = list(free.filter(pk__in=office_of(round_.unit_id)))
    return office or list(free)
