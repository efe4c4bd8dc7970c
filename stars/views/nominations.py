"""Nominations: the list, writing one beside its dossier, and the steps of the section's stage."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section, Star
from scheme.roles import Role
from stars import dossiers, eligibility, quotas
from stars.actions import nominations
from stars.forms import NominationForm, nominee_of
from stars.models import Nomination, Round

FORM = require_http_methods(["GET", "HEAD", "POST"])
State = Nomination.State
PER_PAGE = 50


def find_round(request, pk) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).select_related("unit"), pk=pk)


def find_nomination(request, pk) -> Nomination:
    rows = Nomination.objects.visible_to(request.user).select_related(
        "round__unit", "round__run", "round__book", "star", "person__unit", "section__unit",
        "branch", "made_by", "submitted_by", "branch_outcome", "decision",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _headed(request) -> list[Section]:
    """Sections the person heads today, also in somebody's stead."""
    return list(Section.objects.filter(pk__in=access.places(request.user, Role.CHIEF)))


@gate("nomination.read")
@require_GET
def nomination_list(request, pk):
    round_ = find_round(request, pk)
    rows = (
        Nomination.objects.visible_to(request.user)
        .filter(round=round_)
        .select_related("star", "person", "section", "branch")
        .order_by("star__position", "kind", "section__position", "pk")
    )
    if star := Star.objects.filter(pk=request.GET.get("star", "")).first():
        rows = rows.filter(star=star)
    headed, going = _headed(request), round_.state == Round.State.NOMINATING
    context = {
        "round": round_,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "stars": Star.objects.all(),
        "chosen": star,
        # What is left to put forward is of no use once the stage is over.
        "meters": quotas.of(round_, headed) if headed and going else [],
        "may_write": bool(headed) and going,
    }
    return render(request, "stars/nomination_list.html", context)


@gate("nomination.write")
@FORM
@once
def nomination_new(request, pk):
    """Star and nominee chosen, the dossier is there beside; saved it is a draft."""
    round_ = find_round(request, pk)
    if round_.state != Round.State.NOMINATING:
        raise Refused(_("现在不是科室推星的时候。"))
    initial = {name: request.GET.get(name, "") for name in ("star", "nominee", "statement")}
    form = NominationForm(request.POST or None, round_=round_, by=request.user, initial=initial)
    if request.method == "GET" and request.htmx:
        return _fragment(request, round_)
    if request.method == "POST" and form.is_valid():
        done = _write(request, form, round_)
        if done:
            return done
    context = {
        "round": round_,
        "form": form,
        "dossier": _preview(request, form, round_),
        "meters": quotas.of(round_, _headed(request)),
    }
    return render(request, "stars/nomination_new.html", context, status=422 if form.errors else 200)


@gate("nomination.write")
@FORM
@once
def nomination_edit(request, pk):
    nomination = find_nomination(request, pk)
    round_ = nomination.round
    anchor = nomination.anchor()._replace(state=State.DRAFT)
    access.require(request.user, "nomination.write", anchor)
    if nomination.state not in (State.DRAFT, State.RETURNED):
        return redirect("stars:nomination_detail", pk)
    nominee = f"p{nomination.person_id}" if nomination.person_id else f"s{nomination.section_id}"
    initial = {
        "star": nomination.star_id,
        "nominee": nominee,
        "statement": nomination.statement,
    }
    form = NominationForm(
        request.POST or None, round_=round_, by=request.user, current=nominee, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        done = _write(request, form, round_, nomination)
        if done:
            return done
    context = {
        "round": round_,
        "nomination": nomination,
        "form": form,
        "dossier": _preview(request, form, round_),
        "meters": quotas.of(round_, [nomination.section]),
        "former": former(nomination, request.user),
        "returned": nomination.moves.filter(to_state=State.RETURNED).select_related("by").last(),
    }
    return render(
        request, "stars/nomination_edit.html", context, status=422 if form.errors else 200
    )


def former(nomination, person):
    """Who drafted it, where that is not whoever answers for it now."""
    return None if nomination.made_by_id == person.pk else nomination.made_by


def _write(request, form, round_, nomination=None):
    """Saves, and submits when that was the button; None when something was refused at a field."""
    try:
        saved = nominations.save(
            round_.pk,
            by=request.user,
            pk=nomination.pk if nomination else None,
            seen=_seen(request) if nomination else None,
            **form.arguments(),
        )
        if request.POST.get("move") == "submit":
            nominations.submit(saved.pk, by=request.user, seen=saved.version)
            messages.success(request, _("已提交，材料已定稿。"))
            return redirect("stars:nomination_detail", saved.pk)
    except Refused as refused:
        if refused.conflict:
            raise
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None
    if eligibility.of(round_, saved.person, saved.section):
        text = _("草稿已存，但还不能提交：%(why)s")
        messages.warning(request, text % {"why": eligibility.NEUTRAL})
    else:
        messages.success(request, _("草稿已存。看过材料，改好理由，再提交。"))
    return redirect("stars:nomination_edit", saved.pk)


def _fragment(request, round_):
    """The dossier alone, while the chief chooses."""
    form = NominationForm(request.GET, round_=round_, by=request.user)
    context = {"round": round_, "dossier": _preview(request, form, round_)}
    return render(request, "stars/_nomination_dossier.html", context)


def _preview(request, form, round_) -> dict | None:
    """The dossier of the star and nominee the form stands at; None until both are chosen."""
    star = Star.objects.filter(pk=str(form["star"].value() or "")).first()
    code = str(form["nominee"].value() or "")
    offered = {value for _group, rows in form.fields["nominee"].choices[1:] for value, _l in rows}
    if star is None or code not in offered:
        return None
    return dossiers.build(Nomination(unit=round_.unit, round=round_, star=star, **nominee_of(code)))


def _seen(request) -> int:
    """The version the page was drawn from."""
    try:
        return int(request.POST.get("seen", ""))
    except ValueError:
        raise Refused(_("这一页已过期，请刷新后再提交。")) from None


@gate("nomination.write")
@require_POST
@once
def nomination_submit(request, pk):
    find_nomination(request, pk)
    nominations.submit(pk, by=request.user, seen=_seen(request))
    messages.success(request, _("已提交，材料已定稿。"))
    return redirect("stars:nomination_detail", pk)


@gate("nomination.withdraw")
@require_POST
@once
def nomination_withdraw(request, pk):
    nomination = find_nomination(request, pk)
    reason = request.POST.get("reason", "")
    nominations.withdraw(pk, by=request.user, seen=_seen(request), reason=reason)
    messages.success(request, _("已撤回，名额空出来了。"))
    return redirect("stars:nomination_list", nomination.round_id)


@gate("nomination.return")
@require_POST
@once
def nomination_return(request, pk):
    nomination = find_nomination(request, pk)
    reason = request.POST.get("reason", "")
    nominations.return_(pk, by=request.user, seen=_seen(request), reason=reason)
    messages.success(request, _("已退回%(section)s补正。") % {"section": nomination.section})
    return redirect("stars:nomination_detail", pk)
