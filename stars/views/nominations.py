"""Nominations: the list, writing one beside its dossier, and the page everybody judges from."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section, Star
from scheme.models.star import spoken
from scheme.roles import Role
from scheme.templatetags.look import moment
from stars import dossiers, duties
from stars.actions import nominations
from stars.forms import NominationForm, nominee_of
from stars.models import Nomination, Round

FORM = require_http_methods(["GET", "HEAD", "POST"])
State = Nomination.State
PER_PAGE = 50


def _round(request, pk) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _nomination(request, pk) -> Nomination:
    rows = Nomination.objects.visible_to(request.user).select_related(
        "round__unit", "round__run", "round__book", "star", "person__unit", "section__unit",
        "branch", "made_by", "submitted_by", "branch_outcome", "decision",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@gate("nomination.read")
@require_GET
def nomination_list(request, pk):
    round_ = _round(request, pk)
    rows = (
        Nomination.objects.visible_to(request.user)
        .filter(round=round_)
        .select_related("star", "person", "section", "branch")
        .order_by("star__position", "kind", "section__position", "pk")
    )
    if star := Star.objects.filter(pk=request.GET.get("star", "")).first():
        rows = rows.filter(star=star)
    headed = list(Section.objects.filter(pk__in=access.places(request.user, Role.CHIEF)))
    context = {
        "round": round_,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "stars": Star.objects.all(),
        "chosen": star,
        "meters": _meters(round_, headed) if headed else [],
        "may_write": bool(headed) and round_.state == Round.State.NOMINATING,
    }
    return render(request, "stars/nomination_list.html", context)


def _meters(round_, sections):
    """Per section one heads: how much of each star's quota is used."""
    used = {
        (row["section"], row["star"], row["kind"]): row["count"]
        for row in Nomination.objects.standing()
        .filter(round=round_, section__in=sections)
        .order_by()
        .values("section", "star", "kind")
        .annotate(count=Count("pk"))
    }
    quotas = [quota for quota in round_.quotas.select_related("star") if quota.places]
    return [
        (
            section,
            [
                {
                    "star": quota.star,
                    "kind": quota.kind,
                    "label": f"{spoken(quota.star.name, quota.star_id)} {quota.get_kind_display()}",
                    "used": used.get((section.pk, quota.star_id, quota.kind), 0),
                    "total": quota.per_section,
                }
                for quota in quotas
            ],
        )
        for section in sections
    ]


@gate("nomination.write")
@FORM
@once
def nomination_new(request, pk):
    """Star and nominee chosen, the dossier is there beside; saved it is a draft."""
    round_ = _round(request, pk)
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
    context = {"round": round_, "form": form, "dossier": _preview(request, form, round_)}
    return render(request, "stars/nomination_new.html", context, status=422 if form.errors else 200)


@gate("nomination.write")
@FORM
@once
def nomination_edit(request, pk):
    nomination = _nomination(request, pk)
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
    form = NominationForm(request.POST or None, round_=round_, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = _write(request, form, round_, nomination)
        if done:
            return done
    context = {
        "round": round_,
        "nomination": nomination,
        "form": form,
        "dossier": _preview(request, form, round_),
        "returned": nomination.moves.filter(to_state=State.RETURNED).select_related("by").last(),
    }
    return render(
        request, "stars/nomination_edit.html", context, status=422 if form.errors else 200
    )


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


@gate("nomination.read")
@require_GET
def nomination_detail(request, pk):
    nomination = _nomination(request, pk)
    frozen = nomination.dossiers.first()
    may_see_draft = frozen is None or nomination.state in (State.DRAFT, State.RETURNED)
    context = {
        "nomination": nomination,
        "round": nomination.round,
        "dossier": dossiers.build(nomination) if may_see_draft else frozen.body,
        "frozen": None if may_see_draft else frozen,
        "moves": _timeline(nomination),
        "outcomes": _outcomes(request.user, nomination),
        "duties": duties.of(nomination.round, request.user) if frozen else [],
        **_may(request.user, nomination),
    }
    return render(request, "stars/nomination_detail.html", context)


def _may(person, nomination) -> dict:
    """Which of the three acts the person may take now."""
    anchor = nomination.anchor()
    if nomination.round.state != Round.State.NOMINATING:
        return {}
    writes = access.can(person, "nomination.write", anchor)
    returned = nomination.moves.filter(to_state=State.RETURNED).count()
    returns = access.can(person, "nomination.return", anchor)
    return {
        "may_edit": writes,
        "may_submit": writes,
        "may_withdraw": access.can(person, "nomination.withdraw", anchor),
        "may_return": returns and returned < nominations.MOST_RETURNS,
        "returned_enough": returns and returned >= nominations.MOST_RETURNS,
    }


def _outcomes(person, nomination) -> list[tuple[str, str]]:
    """What branch and committee came to, once it stands; the count for those who judge and run."""
    unit_wide = access.has_role(person, Role.COMMITTEE) or access.has_role(person, Role.PERSONNEL)
    found = []
    if branch := getattr(nomination, "branch_outcome", None):
        found.append((_("支部评星"), _with_count(branch.get_outcome_display(), branch, unit_wide)))
    if decision := getattr(nomination, "decision", None):
        if decision.placed:
            word = _("入选")
        else:
            word = _("通过，名额已满") if decision.passed else _("未通过")
        found.append((_("部务会定星"), _with_count(word, decision, unit_wide)))
    return found


def _with_count(word: str, row, shown: bool) -> str:
    if not shown:
        return str(word)
    return _("%(word)s（应到%(entitled)s，赞成%(votes)s）") % {
        "word": word,
        "entitled": row.entitled,
        "votes": row.votes_for,
    }


def _timeline(nomination):
    names = dict(State.choices)
    items = [
        {
            "when": moment(nomination.made_at),
            "who": nomination.made_by.name,
            "what": _("起草"),
            "kind": "past",
        }
    ]
    for move in nomination.moves.select_related("by"):
        items.append(
            {
                "when": moment(move.at),
                "who": move.by.name if move.by else _("到时自动"),
                "what": names[move.to_state],
                "text": move.reason,
                "kind": "back" if move.to_state in (State.RETURNED, State.WITHDRAWN) else "past",
            }
        )
    if items[-1]["kind"] == "past":
        items[-1]["kind"] = "now"
    return items


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
    _nomination(request, pk)
    nominations.submit(pk, by=request.user, seen=_seen(request))
    messages.success(request, _("已提交，材料已定稿。"))
    return redirect("stars:nomination_detail", pk)


@gate("nomination.withdraw")
@require_POST
@once
def nomination_withdraw(request, pk):
    nomination = _nomination(request, pk)
    reason = request.POST.get("reason", "")
    nominations.withdraw(pk, by=request.user, seen=_seen(request), reason=reason)
    messages.success(request, _("已撤回，名额空出来了。"))
    return redirect("stars:nomination_list", nomination.round_id)


@gate("nomination.return")
@require_POST
@once
def nomination_return(request, pk):
    nomination = _nomination(request, pk)
    reason = request.POST.get("reason", "")
    nominations.return_(pk, by=request.user, seen=_seen(request), reason=reason)
    messages.success(request, _("已退回%(section)s补正。") % {"section": nomination.section})
    return redirect("stars:nomination_detail", pk)
