"""What the pages of writing, projects and promotions have in common: the form with its credits
and its proofs, and the steps of whoever filed and whoever decides."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ledgers import crediting, filed, records
from ledgers.actions import papers
from ledgers.crediting import Credit
from ledgers.models import CreditRole, LedgerMove, PointEntry
from ledgers.writing_forms import DecideForm
from scheme import access
from scheme.errors import Refused
from scheme.templatetags.look import moment

KINDS = {
    filed.DRAFT: "done",
    filed.FILED: "warn",
    filed.RETURNED: "bad",
    filed.VERIFIED: "ok",
    filed.VOID: "done",
}


def seen_row(request, model, pk: int, *related: str):
    rows = model.objects.visible_to(request.user).select_related(
        "unit", "filed_by", "verified_by", *related
    )
    return get_object_or_404(rows, pk=pk)


def is_finding(request) -> bool:
    """The button that looks for people: nothing is written."""
    return request.method == "POST" and request.POST.get("move") == "find"


def words(request) -> str:
    return (request.POST or request.GET).get("who", "").replace("\x00", "").strip()[:40]


def credit_rows(
    request, *, chosen: Iterable[Credit] | None = None, sections: bool = True
) -> list[crediting.Row]:
    """The lines of the form: what is chosen, then what was found, or one's own to begin with."""
    person, who = request.user, words(request)
    if chosen is None:
        chosen = crediting.asked(request.POST or request.GET, person)
    offered = crediting.find(person, who) if who else crediting.own(person)
    found = crediting.rows(chosen, offered)
    return found if sections else [one for one in found if not one.section]


def beginning(request) -> list[Credit]:
    """Who files is credited, until said otherwise."""
    return [Credit(person=request.user, role=CreditRole.MAIN)]


def typed(request, form_class) -> dict:
    """What stood in the form when something was looked for, to be shown again unchecked."""
    names = form_class.base_fields
    return {name: request.POST[name] for name in names if name in request.POST}


FIELDS = {"file": "files", "people": "credits"}


def put(form, refused: Refused) -> int:
    """The refusal at its field; answers the status of the page."""
    field = FIELDS.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, str(refused))
    return 409 if refused.conflict else 422


def keep_papers(request, form, row) -> None:
    """Takes off what is to go, hangs up what came."""
    ledger = records.ledger_of(row)
    for pk in form.cleaned_data["drop"]:
        papers.detach(int(pk), by=request.user)
    for one in form.cleaned_data["files"]:
        papers.attach(ledger, row.pk, one, one.name, by=request.user)


def saved(request, form, row, file_act, *, edit: str, detail: str):
    """Filed if asked for. What cannot be filed yet stays a draft: nothing written is lost."""
    if not form.filing:
        messages.success(request, _("已存。还没有报送。"))
        return redirect(edit, row.pk)
    try:
        with transaction.atomic():
            file_act(row.pk, by=request.user)
    except Refused as refused:
        messages.error(request, _("已存，但还不能报送：%(why)s") % {"why": refused})
        return redirect(edit, row.pk)
    messages.success(request, _("已报送，待核实。"))
    return redirect(detail, row.pk)


def step(request, pk: int, acts: Mapping, detail: str):
    """One step on one row; `acts` by the name the button sends. A step that decides is told the
    version and the reason, a step of the writer is not."""
    form = DecideForm(request.POST)
    if not form.is_valid() or form.cleaned_data["move"] not in acts:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    act, takes, word = acts[form.cleaned_data["move"]]
    said = {"version": form.cleaned_data["seen"], "reason": form.cleaned_data["reason"]}
    try:
        act(pk, by=request.user, **{name: said[name] for name in takes})
    except ObjectDoesNotExist:
        raise Http404 from None
    messages.success(request, word)
    return redirect(detail, pk)


def ways(person, row, verbs: tuple[str, str], involved: set[int]) -> dict:
    """Which steps this reader may take. `verbs`: to verify, to void."""
    verify, void = verbs
    own = row.filed_by_id == person.pk
    decides = row.state == filed.FILED and access.can(person, verify, row.anchor())
    as_verified = row.anchor()._replace(state=filed.VERIFIED)
    voids = row.state in (filed.VERIFIED, filed.VOID) and access.can(person, void, as_verified)
    was_verified = row.verified_by_id or not row.filed_by_id
    return {
        "may_edit": own and row.state in filed.OPEN,
        "may_withdraw": own and row.state == filed.FILED,
        "may_decide": decides and person.pk not in involved,
        "needs_other": decides and person.pk in involved,
        "may_void": voids and row.state == filed.VERIFIED,
        "may_restore": voids
        and row.state == filed.VOID
        and was_verified
        and person.pk not in involved,
    }


def points_of(person, source: str) -> list[PointEntry]:
    """What it counts, as far as this reader may see."""
    rows = PointEntry.objects.visible_to(person).in_force().filter(source=source)
    return list(
        rows.select_related("person", "section", "star", "quarter").order_by("section", "pk")
    )


def returned(row):
    """Who sent it back last, when and why; for the form that mends it."""
    if row.state != filed.RETURNED:
        return None
    moves = LedgerMove.objects.filter(ledger=records.ledger_of(row), row_id=row.pk, kind="return")
    move = moves.select_related("by").last()
    return {"who": move.by.name, "when": moment(move.at), "why": move.text} if move else None
