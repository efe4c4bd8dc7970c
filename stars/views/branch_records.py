"""The record of the branch's meeting: the list, the page, writing it, the Word file."""

import re

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access, clock
from scheme.access import Anchor, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Branch
from scheme.roles import Role
from stars import recording
from stars.actions import branch_records
from stars.branch_forms import RecordForm
from stars.exports import branch_record as paper
from stars.models import BranchRecord, Round, Seat

from .stage import find_round, head

S = Round.State
SINCE_BRANCH = (S.AT_BRANCH, S.AT_COMMITTEE, S.PUBLICITY, S.PUBLISHED)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNFIT = re.compile(r'[\s\\/:*?"<>|]+')


def _found(request, pk, branch) -> tuple[Round, Branch]:
    """404 unless the branch had something to judge in the round."""
    round_ = find_round(request, pk, *SINCE_BRANCH)
    return round_, get_object_or_404(_branches(round_), pk=branch)


def _branches(round_: Round):
    seated = Seat.objects.filter(round=round_, body=Seat.Body.BRANCH).values("branch")
    return Branch.objects.filter(unit=round_.unit_id, pk__in=seated)


def _may_write(request, round_, branch) -> bool:
    anchor = Anchor(round_.unit_id, branch_id=branch.pk, state=round_.state)
    return access.can(request.user, "branch.record", anchor)


@gate("round.read")
@require_safe
def branch_record_list(request, pk):
    """One's own branch; to committee and office every branch that had a nomination."""
    round_, person = find_round(request, pk, *SINCE_BRANCH), request.user
    branches = _branches(round_)
    reads_all = access.has_role(person, Role.PERSONNEL) or access.has_role(person, Role.COMMITTEE)
    if not reads_all:
        branches = branches.filter(pk__in=access.places(person, Role.PARTY_MEMBER))
    written = BranchRecord.objects.visible_to(person).filter(round=round_)
    found = {one.branch_id: one for one in written.select_related("host", "by")}
    rows = [
        {"branch": one, "record": found.get(one.pk), "writes": _may_write(request, round_, one)}
        for one in branches
    ]
    return render(request, "stars/branch_record_list.html", head(request, round_) | {"rows": rows})


@gate("round.read")
@require_safe
def branch_record(request, pk, branch):
    round_, place = _found(request, pk, branch)
    record = recording.of(round_, place, request.user)
    if record.row is None:
        raise Http404
    context = head(request, round_) | {
        "branch": place,
        "record": record,
        "writes": _may_write(request, round_, place),
    }
    return render(request, "stars/branch_record.html", context)


@gate("branch.record")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def branch_record_edit(request, pk, branch):
    """Drafted from what happened: who judged is taken to have come, the words begin themselves."""
    round_, place = _found(request, pk, branch)
    anchor = Anchor(round_.unit_id, branch_id=place.pk, state=round_.state)
    access.require(request.user, "branch.record", anchor)
    seats = recording.seats(round_, place)
    record = recording.of(round_, place, request.user)
    initial = None if request.method == "POST" else _initial(request, round_, place, record)
    form = RecordForm(request.POST or None, seats=seats, initial=initial)
    if form.is_valid():
        try:
            branch_records.save(round_.pk, place.pk, by=request.user, **form.arguments())
        except Refused as refused:
            if refused.conflict:
                raise
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("会议记录已存。"))
            return redirect("stars:branch_record", round_.pk, place.pk)
    context = head(request, round_) | {"branch": place, "record": record, "form": form}
    status = 422 if form.errors else 200
    return render(request, "stars/branch_record_edit.html", context, status=status)


def _initial(request, round_, branch, record) -> dict:
    if row := record.row:
        return {
            "seen": row.version,
            "held_on": row.held_on,
            "place": row.place,
            "host": row.host_id,
            "recorder": row.recorder_id,
            "present": row.present,
            "text": row.text,
        }
    everybody = {one.pk for one in record.entitled}
    came = recording.gave(round_, branch) or everybody
    return {
        "held_on": clock.today(),
        "host": request.user.pk,
        "present": [*(came & everybody) | ({request.user.pk} & everybody)],
        "text": recording.draft(request.user, record),
    }


@gate("round.read")
@require_POST
def branch_record_word(request, pk, branch):
    """By POST, because an export leaves its line in the trail."""
    round_, place = _found(request, pk, branch)
    get_object_or_404(BranchRecord.objects.visible_to(request.user), round=round_, branch=place)
    content = branch_records.word(round_.pk, place.pk, by=request.user)
    name = _UNFIT.sub("", paper.title(round_, place))
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{name}.docx"),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=DOCX, headers=headers)
