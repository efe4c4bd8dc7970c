from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from scheme import access, clock, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.imports.sheets import BadBook
from scheme.templatetags.look import ymd
from scoring import citations, edits, rulechecks
from scoring.actions import rulebooks, sandbox
from scoring.forms import ApprovalForm, RulesForm
from scoring.imports import rules
from scoring.models import Rule, RuleBook
from scoring.models.rulebook import SubjectKind
from scoring.opened import limits

State = RuleBook.State
# Errors listed at once; who mends these meets the rest.
SHOWN = 100


def visible(request):
    return RuleBook.objects.visible_to(request.user).select_related(
        "unit", "proposed_by", "approved_by", "returned_by", "retired_by"
    )


@gate("rulebook.read")
@require_safe
def rulebook_list(request):
    return _list(request, RulesForm())


def _list(request, form, problems=(), *, status=200):
    in_force = RuleBook.objects.in_force(request.user.unit, clock.today())
    context = {
        "books": [(book, *_state(book, in_force)) for book in visible(request)],
        "in_force": in_force,
        "may_import": access.can(request.user, "rulebook.propose"),
        "form": form,
        "problems": problems[:SHOWN],
        "unshown": max(0, len(problems) - SHOWN),
    }
    return render(request, "scoring/rulebook_list.html", context, status=status)


@gate("rulebook.propose")
@require_POST
@once
def rulebook_import(request):
    """A workbook becomes a draft, or all its errors are listed and nothing is stored."""
    form = RulesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        content, problems = rules.read(form.cleaned_data["file"])
    except BadBook as error:
        form.add_error("file", str(error))
        return _list(request, form, status=422)
    if problems:
        return _list(request, form, problems, status=422)
    book = rulebooks.propose(request.user.unit, content, by=request.user)
    messages.success(request, _("%(book)s已读入，请核对后送分管领导批准。") % {"book": book})
    return redirect("scoring:rulebook_detail", book.pk)


def _state(book, in_force) -> tuple[str, str]:
    """Colour and word."""
    if book.state == State.DRAFT:
        return ("bad", _("退回修改")) if book.returned_at else ("warn", _("草案"))
    if book.state == State.RETIRED:
        return "done", _("已停用")
    if book == in_force:
        return "ok", _("施行中")
    if book.in_force_from > clock.today():
        return "done", _("待施行")
    return "done", _("已被替代")


@gate("rulebook.read")
@require_safe
def rulebook_detail(request, pk):
    return _detail(request, get_object_or_404(visible(request), pk=pk))


def _detail(request, book, form=None, *, status=200):
    in_force = RuleBook.objects.in_force(book.unit, clock.today())
    is_draft = book.state == State.DRAFT
    findings = rulechecks.findings(book) if is_draft else []
    may_approve = rulebooks.may_decide(request.user, "rulebook.approve", book)
    may_propose = access.can(request.user, "rulebook.propose", book.anchor())
    next_half = periods.half_span(periods.half_of(clock.today())).until
    superseded = book.state == State.APPROVED and rulebooks.is_superseded(book)
    tables, careful = _tables(book)
    context = {
        "book": book,
        "state": _state(book, in_force),
        "facts": _facts(book),
        "tables": tables,
        "careful": careful,
        "findings": findings,
        "blocked": any(finding.blocking for finding in findings),
        "form": form or ApprovalForm(initial={"in_force_from": next_half}),
        "may_approve": may_approve,
        "own": request.user == book.proposed_by,
        "may_propose": may_propose,
        "may_try": sandbox.may_try(request.user, book),
        "may_retire": (superseded or not book.sealed_at)
        and rulebooks.may_decide(request.user, "rulebook.retire", book),
        "admin_url": reverse("admin:scoring_rulebook_change", args=[book.pk]),
        "versions": [other for other in visible(request) if other != book],
        "in_force": in_force,
        "against": against(book, in_force),
    }
    if may_propose or may_approve:
        context["edits"], context["edits_before"] = edits.edits_of(book)
    return render(request, "scoring/rulebook_detail.html", context, status=status)


def against(book, in_force):
    """The version a reader will want to set this one against: the one in force, else the one
    before it."""
    if in_force and in_force != book:
        return in_force
    others = RuleBook.objects.holding().filter(unit=book.unit, version__lt=book.version)
    return others.order_by("-version").first()


def _facts(book) -> list[tuple]:
    pairs = [
        (_("加分总上限"), book.bonus_cap),
        (_("日报截止"), _("次一工作日%(time)s") % {"time": f"{book.report_cutoff:%H:%M}"}),
        (_("补报天数"), _("%(n)s天") % {"n": book.backfill_days}),
        (_("讲课最少评分人数"), book.talk_min_ratings),
        (_("讲课良好线"), book.talk_good_line),
        (_("拟订"), f"{book.proposed_by}　{ymd(book.proposed_at)}"),
    ]
    if book.approved_by:
        pairs.append((pgettext("done", "批准"), f"{book.approved_by}　{ymd(book.approved_at)}"))
        pairs.append((_("施行"), ymd(book.in_force_from)))
    if book.sealed_at:
        pairs.append((_("封存"), ymd(book.sealed_at)))
    if book.retired_by:
        pairs.append((pgettext("done", "停用"), f"{book.retired_by}　{ymd(book.retired_at)}"))
        pairs.append((_("停用理由"), book.retire_reason))
    return pairs


def _tables(book) -> tuple[list[dict], list[dict]]:
    """The rules as people read them: of persons, of sections; each star's together. And those
    among them that provisions ask to be careful with."""
    found = book.rules.select_related("star").prefetch_related("tiers")
    found = sorted(found, key=lambda rule: (rule.star.position, rule.position))
    library = citations.Library(book.unit_id, citations.day_of(book))
    careful = []
    for rule in found:
        rule.limits = limits(rule)
        tiers = list(rule.tiers.all())
        cited = dict.fromkeys(tier.clause for tier in tiers if tier.clause)
        rule.clauses = [(text, library.resolve(text)) for text in cited]
        rule.on = any(tier.enabled for tier in tiers)
        if caution := rulechecks.caution(rule, tiers):
            rule.all_on = all(tier.enabled for tier in tiers)
            careful.append({"rule": rule, "caution": caution, "tiers": len(tiers)})
    tables = [
        {"kind": kind.value, "label": kind.label, "rules": of_kind}
        for kind in SubjectKind
        if (of_kind := [rule for rule in found if rule.subject == kind])
    ]
    return tables, careful


@gate("rulebook.approve")
@require_POST
@once
def rulebook_approve(request, pk):
    book = get_object_or_404(visible(request), pk=pk)
    form = ApprovalForm(request.POST)
    if form.is_valid():
        try:
            book = rulebooks.approve(pk, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
            return _detail(request, book, form, status=409 if refused.conflict else 422)
        messages.success(request, _("%(book)s已批准。") % {"book": book})
        return redirect("scoring:rulebook_detail", pk)
    return _detail(request, book, form, status=422)


@gate("rulebook.propose")
@require_POST
@once
def rulebook_copy(request, pk):
    get_object_or_404(visible(request), pk=pk)
    draft = rulebooks.copy_draft(pk, by=request.user)
    messages.success(request, _("%(book)s已拟好，可以修改。") % {"book": draft})
    return redirect("scoring:rulebook_detail", draft.pk)


@gate("rulebook.retire")
@require_POST
@once
def rulebook_retire(request, pk):
    get_object_or_404(visible(request), pk=pk)
    book = rulebooks.retire(pk, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("%(book)s已停用。") % {"book": book})
    return redirect("scoring:rulebook_detail", pk)


@gate("rulebook.approve")
@require_POST
@once
def rulebook_return(request, pk):
    get_object_or_404(visible(request), pk=pk)
    book = rulebooks.send_back(pk, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("%(book)s已退回修改。") % {"book": book})
    return redirect("scoring:rulebook_detail", pk)


@gate("rulebook.propose")
@require_POST
@once
def rulebook_hand_in(request, pk):
    get_object_or_404(visible(request), pk=pk)
    book = rulebooks.hand_in(pk, by=request.user)
    messages.success(request, _("%(book)s已再送分管领导。") % {"book": book})
    return redirect("scoring:rulebook_detail", pk)


@gate("rulebook.propose")
@require_POST
@once
def rulebook_discard(request, pk):
    book = get_object_or_404(visible(request), pk=pk)
    rulebooks.discard(pk, by=request.user, reason=request.POST.get("reason", ""))
    messages.info(request, _("%(book)s草案已作废。") % {"book": book})
    return redirect("scoring:rulebook_list")


@gate("rulebook.propose")
@require_POST
@once
def rule_switch(request, pk):
    """One rule that asks for care, on or off as a whole."""
    get_object_or_404(Rule, pk=pk, book__in=visible(request))
    enabled = request.POST.get("enabled") == "1"
    rule = rulebooks.switch(pk, enabled=enabled, by=request.user)
    said = _("“%(rule)s”已启用。") if enabled else _("“%(rule)s”已停用。")
    messages.success(request, said % {"rule": rule.title})
    return redirect(reverse("scoring:rulebook_detail", args=[rule.book_id]) + "#careful")
