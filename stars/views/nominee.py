"""The page everybody judges from: the nomination, its dossier, what others say of it."""

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheme import access, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.roles import Role
from scheme.templatetags.look import moment, ym
from stars import clearances, dossiers, duties, eligibility, objecting, recusal
from stars.actions import clearances as clearances_of
from stars.actions import nominations
from stars.forms import ClearanceForm
from stars.models import Award, Nomination, Round

from .nominations import find_nomination, former

State = Nomination.State


@gate("nomination.read")
@require_GET
def nomination_detail(request, pk):
    nomination = find_nomination(request, pk)
    frozen = nomination.dossiers.first()
    may_see_draft = frozen is None or nomination.state in (State.DRAFT, State.RETURNED)
    body = dossiers.build(nomination) if may_see_draft else frozen.body
    context = {
        "nomination": nomination,
        "round": nomination.round,
        "entries": _entries(body),
        "charts": _charts(nomination, body),
        "dossier": body,
        "frozen": None if may_see_draft else frozen,
        "moves": _timeline(nomination),
        "outcomes": _outcomes(request.user, nomination),
        "duties": duties.of(nomination.round, request.user) if frozen else [],
        **_may(request.user, nomination),
        **_barred(request.user, nomination),
        **_clearances(request.user, nomination),
    }
    return render(request, "stars/nomination_detail.html", context)


def _may(person, nomination) -> dict:
    """Which of the three acts the person may take now."""
    anchor = nomination.anchor()
    if nomination.round.state != Round.State.NOMINATING:
        return {}
    writes = access.can(person, "nomination.write", anchor)
    returned, most = nominations.returns_of(nomination), nomination.round.most_returns
    returns = access.can(person, "nomination.return", anchor)
    return {
        "former": former(nomination, person) if writes else None,
        "may_edit": writes,
        "may_submit": writes,
        "may_withdraw": access.can(person, "nomination.withdraw", anchor),
        "may_return": returns and returned < most,
        "returned_enough": returns and returned >= most,
    }


def _outcomes(person, nomination) -> list[tuple[str, str]]:
    """What branch and committee came to, once it stands; the count for those who judge and run."""
    unit_wide = access.has_role(person, Role.COMMITTEE) or access.has_role(person, Role.PERSONNEL)
    if person.pk == nomination.person_id or recusal.is_blind(nomination, person):
        unit_wide = False
    found = []
    if branch := getattr(nomination, "branch_outcome", None):
        found.append((_("支部评星"), _with_count(branch.get_outcome_display(), branch, unit_wide)))
    if decision := getattr(nomination, "decision", None):
        if decision.placed:
            word = _("入选")
        elif decision.deferred:
            word = _("缓议")
        else:
            word = _("通过，名额已满") if decision.passed else _("未通过")
        found.append((_("部务会定星"), _with_count(word, decision, unit_wide)))
    return found + _in_the_end(person, nomination)


def _in_the_end(person, nomination) -> list[tuple[str, str]]:
    """Once the result is out: what came of objections, for whom it may be, and the star."""
    if nomination.round.state != Round.State.PUBLISHED:
        return []
    outcome = objecting.outcomes(nomination.round).get(nomination.pk, "")
    found = [(_("公示"), objecting.said_to(person, nomination, outcome))] if outcome else []
    award = Award.objects.with_revoked().filter(nomination=nomination).first()
    if award:
        word = _("%(number)s，已撤销") if award.revoked else "%(number)s"
        found.append((_("亮星"), word % {"number": award.number}))
    return [(label, word) for label, word in found if word]


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
    for move in nomination.moves.select_related("by", "on_behalf_of"):
        items.append(
            {
                "when": moment(move.at),
                "who": _who(move),
                "what": names[move.to_state],
                "text": move.reason,
                "kind": "back" if move.to_state in (State.RETURNED, State.WITHDRAWN) else "past",
            }
        )
    if items[-1]["kind"] == "past":
        items[-1]["kind"] = "now"
    return items


def _who(move) -> str:
    """Both names where a deputy acted."""
    if move.by is None:
        return _("到时自动")
    if move.on_behalf_of is None:
        return move.by.name
    return _("%(name)s（代%(principal)s）") % {
        "name": move.by.name,
        "principal": move.on_behalf_of.name,
    }


def _barred(person, nomination) -> dict:
    """Whether the nominee is barred today, for the nominee, the section and the office; why stands
    on a page of its own, whose reading is recorded."""
    if nomination.state in (State.WITHDRAWN, State.CLOSED):
        return {}
    knows = eligibility.may_know(person, nomination)
    if not knows and nomination.section_id not in access.places(person, Role.CHIEF):
        return {}
    barred = eligibility.of(nomination.round, nomination.person, nomination.section)
    return {"barred": eligibility.NEUTRAL, "may_know": knows} if barred else {}


def _clearances(person, nomination) -> dict:
    if not clearances.may_read(person, nomination):
        return {}
    anchor = nomination.anchor()
    records = nomination.state in clearances.SAID_IN and access.can(
        person, "clearance.record", anchor
    )
    return {
        "clearances": clearances.of([nomination]).get(nomination.pk, []),
        "shows_clearances": True,
        "clearance_form": ClearanceForm() if records else None,
    }


def _entries(body) -> list[dict]:
    rows = body.get("entries", {}).get("rows", ())
    return [row | {"day": date.fromisoformat(row["on"])} for row in rows]


def _charts(nomination, body) -> dict:
    """The trend of a dossier as rows of the house's bars; nothing of older dossiers."""
    found = body.get("trend", {"halves": [], "months": []})
    halves = [
        {
            "label": periods.half_name(one["half"]),
            "value": Decimal(one["score"]),
            "key": nomination.star_id,
        }
        for one in found["halves"]
    ]
    months = [
        {"label": ym(date.fromisoformat(f"{one['month']}-01")), "value": Decimal(one["points"])}
        for one in found["months"]
    ]
    return {"halves": halves, "months": months if any(m["value"] for m in months) else []}


@gate("restriction.read")
@require_GET
def nomination_grounds(request, pk):
    """Why the nominee may not be put forward: for the nominee and the office."""
    nomination = find_nomination(request, pk)
    found = nominations.read_grounds(nomination, by=request.user)
    context = {"nomination": nomination, "round": nomination.round, "grounds": found}
    return render(request, "stars/nomination_grounds.html", context)


@gate("clearance.record")
@require_POST
@once
def clearance_record(request, pk):
    nomination = find_nomination(request, pk)
    form = ClearanceForm(request.POST)
    if not form.is_valid():
        raise Refused(_("请把意见填完整：出具单位、意见，说明不超过300字，文号不超过60字。"))
    clearances_of.record(nomination.pk, by=request.user, **form.cleaned_data)
    messages.success(request, _("已登记，部务会定星时会看到。"))
    return redirect("stars:nomination_detail", pk)
