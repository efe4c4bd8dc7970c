from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section, Staff
from scheme.templatetags.look import moment, signed, ymd
from scoring import manuals
from scoring.actions import manual as acts
from scoring.manual_forms import ManualForm
from scoring.models import ManualEntry
from scoring.models.rulebook import SubjectKind
from scoring.opened import number_of

State = ManualEntry.State
PAGE = 40
KIND_OF = {
    State.PROPOSED: "warn",
    State.APPROVED: "ok",
    State.REFUSED: "bad",
    State.WITHDRAWN: "done",
}


def _visible(request):
    return ManualEntry.objects.visible_to(request.user).select_related(
        "unit", "person", "section", "proposed_by", "decided_by", "entry__quarter"
    )


@gate("manual.read")
@require_safe
def manual_list(request):
    """What waits for the second pair of hands first; then what has been decided, newest first."""
    if not manuals.may_read(request.user):
        raise PermissionDenied(_("手工记分由机关人事科和分管领导查看。"))
    waiting = list(_visible(request).filter(state=State.PROPOSED).order_by("pk"))
    decided = _visible(request).exclude(state=State.PROPOSED).order_by("-pk")
    page = Paginator(decided, PAGE).get_page(request.GET.get("page"))
    codes = [row.rule_code for row in (*waiting, *page)]
    titles = manuals.titles(request.user.unit, codes)
    context = {
        "waiting": [_row(row, titles) for row in waiting],
        "decided": [_row(row, titles) for row in page],
        "page_obj": page,
        "may_propose": can(request.user, "manual.propose"),
    }
    return render(request, "scoring/manual_list.html", context)


def _row(manual, titles) -> dict:
    return {
        "manual": manual,
        "subject": manual.person or manual.section,
        "rule": titles.get(manual.rule_code, ""),
        "kind": KIND_OF[manual.state],
    }


@gate("manual.propose")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def manual_new(request):
    """First whom it is about, found by name, number or pinyin; then what, in one form."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:40]
    subject = _subject(request)
    if subject is None:
        people, sections = manuals.find(request.user, asked) if asked else ([], [])
        context = {"q": asked, "people": people, "sections": sections}
        status = 422 if request.method == "POST" else 200
        return render(request, "scoring/manual_find.html", context, status=status)
    named = {"person": subject} if isinstance(subject, Staff) else {"section": subject}
    kind = SubjectKind.PERSON if "person" in named else SubjectKind.SECTION
    rules = manuals.rules_to_choose(request.user.unit, kind)
    if request.method != "POST":
        return _form(request, ManualForm(rules), named)
    form = ManualForm(rules, request.POST)
    status = 422
    if form.is_valid():
        try:
            made = acts.propose(request.user.unit, by=request.user, **named, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已提出，等分管领导批准。"))
            return redirect("scoring:manual_detail", made.pk)
    return _form(request, form, named, status=status)


def _subject(request) -> Staff | Section | None:
    asked = request.POST if request.method == "POST" else request.GET
    for name, model in (("person", Staff), ("section", Section)):
        if pk := asked.get(name):
            if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
                raise Http404
            return get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    return None


def _form(request, form, named, *, status=200):
    return render(request, "scoring/manual_new.html", {"form": form, **named}, status=status)


@gate("manual.read")
@require_safe
def manual_detail(request, pk):
    manual = get_object_or_404(_visible(request), pk=pk)
    person = request.user
    may_propose = can(person, "manual.propose", manual.anchor())
    reversal = _reversal_of(manual)
    waiting = manual.state == State.PROPOSED
    standing = manual.entry_id and not manual.reverses_id and reversal is None
    context = {
        "manual": manual,
        "subject": manual.person or manual.section,
        "kind": KIND_OF[manual.state],
        "facts": _facts(manual),
        "first": manual.reverses_id and _visible(request).get(entry=manual.reverses_id),
        "reversal": reversal,
        "moves": _moves(manual),
        "waiting": waiting,
        "may_decide": waiting and manuals.may_decide(person, manual),
        "may_withdraw": waiting and may_propose and manual.proposed_by == person,
        "may_reverse": standing and may_propose and manual.person_id != person.pk,
    }
    return render(request, "scoring/manual_detail.html", context)


def _reversal_of(manual) -> ManualEntry | None:
    if not manual.entry_id or manual.reverses_id:
        return None
    rows = ManualEntry.objects.of_unit(manual.unit).filter(reverses=manual.entry_id)
    return rows.filter(state__in=[State.PROPOSED, State.APPROVED]).first()


def _facts(manual) -> list[tuple]:
    title = manuals.titles(manual.unit, [manual.rule_code]).get(manual.rule_code, "")
    pairs = [
        (_("对象"), manual.person or manual.section),
        (_("规则"), f"{manual.rule_code}　{title}"),
        (_("分值"), signed(manual.points)),
        (_("发生日期"), ymd(manual.event_on)),
        (_("事项"), manual.matter),
        (_("理由"), manual.reason),
        (_("依据"), manual.basis),
    ]
    if manual.entry:
        pairs.append((_("分录"), number_of(manual.entry_id)))
        pairs.append((_("计入季度"), manual.entry.quarter.code))
    return pairs


def _moves(manual) -> list[dict]:
    found = [
        {"what": _("提出"), "who": manual.proposed_by.name, "when": moment(manual.proposed_at)}
    ]
    if manual.decided_by:
        found.append(
            {
                "what": manual.get_state_display(),
                "who": manual.decided_by.name,
                "when": moment(manual.decided_at),
                "text": manual.answer,
                "kind": "past" if manual.entry_id else "back",
            }
        )
    elif manual.state == State.WITHDRAWN:
        found.append(
            {"what": manual.get_state_display(), "who": manual.proposed_by.name, "kind": "back"}
        )
    return found


@gate("manual.decide")
@require_POST
@once
def manual_approve(request, pk):
    get_object_or_404(_visible(request), pk=pk)
    done = acts.approve(pk, by=request.user)
    text = _("已批准，计入%(quarter)s。") % {"quarter": done.entry.quarter.code}
    messages.success(request, text)
    return redirect("scoring:manual_detail", pk)


@gate("manual.decide")
@require_POST
@once
def manual_refuse(request, pk):
    get_object_or_404(_visible(request), pk=pk)
    acts.refuse(pk, answer=request.POST.get("answer", ""), by=request.user)
    messages.success(request, _("已退回，不予记分。"))
    return redirect("scoring:manual_detail", pk)


@gate("manual.propose")
@require_POST
@once
def manual_withdraw(request, pk):
    get_object_or_404(_visible(request), pk=pk)
    acts.withdraw(pk, by=request.user)
    messages.success(request, _("已撤回。"))
    return redirect("scoring:manual_detail", pk)


@gate("manual.propose")
@require_POST
@once
def manual_reverse(request, pk):
    manual = get_object_or_404(_visible(request), pk=pk)
    if manual.entry_id is None:
        raise Refused(_("没有批准的手工记分没有入账，不用冲销。"))
    made = acts.propose_reversal(
        manual.entry_id, reason=request.POST.get("reason", ""), by=request.user
    )
    messages.success(request, _("已提出冲销，等分管领导批准。"))
    return redirect(reverse("scoring:manual_detail", args=[made.pk]))
