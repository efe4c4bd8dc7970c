"""Reading the regulations library: the catalogue, a text, two texts side by side, who has read."""

import tempfile
from pathlib import Path

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ledgers import records
from ledgers.listing import FilterForm, SearchField, listing
from scheme import access, clock, regulations
from scheme.access import gate
from scheme.actions import library
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import ReadReceipt, RegulationVersion, Section
from scheme.templatetags.look import moment, ymd
from scoring import citations
from scoring import regulation_pages as pages
from scoring.actions import catalogues
from scoring.models import RuleBook
from scoring.regulation_forms import AbolishForm
from scoring.views.rulebook_papers import XLSX

State = RegulationVersion.State
STATUSES = [
    ("", gettext_lazy("全部")),
    ("in_force", gettext_lazy("施行")),
    ("coming", gettext_lazy("待施行")),
    ("draft", gettext_lazy("草稿")),
    ("abolished", gettext_lazy("废止")),
    ("review", gettext_lazy("到期复审")),
]


class CatalogueForm(FilterForm):
    q = SearchField(label=gettext_lazy("查全文"))
    area = forms.ChoiceField(label=gettext_lazy("方面"))
    owner = forms.ModelChoiceField(
        label=gettext_lazy("负责科室"),
        queryset=Section.objects.none(),
        empty_label=gettext_lazy("全部"),
    )
    status = forms.ChoiceField(label=gettext_lazy("状态"), choices=STATUSES)

    def __init__(self, request, names):
        super().__init__(request)
        self.fields["area"].choices = [("", _("全部")), *names.items()]
        self.fields["owner"].queryset = Section.objects.visible_to(request.user)


def visible(request):
    return RegulationVersion.objects.visible_to(request.user).select_related(
        "regulation__unit", "regulation__owner", "drafted_by", "approved_by"
    )


@gate("regulation.read")
@require_safe
def regulation_list(request):
    person = request.user
    names = regulations.area_names(person.unit_id)
    form = CatalogueForm(request, names)
    asked = form.value("q")
    chosen = {name: form.value(name) for name in ("area", "owner", "status")}
    rows = pages.narrowed(pages.catalogue(person), person, q=asked, **chosen)
    page = listing(request, rows, form)
    words = asked.split()
    hits = regulations.find(person, asked, pages.current(person)) if asked else []
    context = {
        "form": form,
        "page_obj": page.page_obj,
        "rows": pages.rows_of(page.page_obj, names),
        "q": asked,
        "hits": [(hit, pages.snippet(hit.clause.text, words)) for hit in hits],
        "most": regulations.MOST_HITS,
        "may_write": access.can(person, "regulation.write"),
        "may_keep": access.can(person, "regulation.settings"),
    }
    return render(request, "scoring/regulation_list.html", context)


@gate("regulation.read")
@require_POST
def regulation_export(request):
    """The catalogue without drafts; by POST, because an export leaves its line in the trail."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "regulations.xlsx"
        catalogues.export(request.user.unit, path, by=request.user)
        content = path.read_bytes()
    headers = {
        "Content-Disposition": content_disposition_header(
            True, f"制度目录-{clock.today():%Y%m%d}.xlsx"
        ),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


@gate("regulation.read")
@require_safe
def regulation_version(request, pk):
    """The address of one version, for lists that know its key only."""
    return redirect(library.page(get_object_or_404(visible(request), pk=pk)))


@gate("regulation.read")
@require_safe
def regulation_detail(request, pk):
    return detail(request, pk)


def detail(request, pk, abolish=None, *, status=200):
    """One version of a regulation; the one that counts today, if none is asked for."""
    person, today = request.user, clock.today()
    versions = list(visible(request).filter(regulation=pk).defer("text"))
    if not versions:
        raise Http404
    holding = pages.holding_of(versions, today)
    version = _asked(request, versions, holding)
    regulation = version.regulation
    manages = regulations.may_manage(person, regulation)
    writes = regulations.may_write(person, regulation)
    has_draft = any(one.state == State.DRAFT for one in versions)
    approved = [one for one in versions if one.state == State.APPROVED]
    book = RuleBook.objects.in_force(regulation.unit, today)
    codes = citations.of_regulation(citations.uses(book), regulation)
    asked = request.GET.get("q", "").replace("\x00", "")[:60].split()
    holding_pk = holding.pk if holding else None
    context = {
        "version": version,
        "regulation": regulation,
        "area": regulations.area_names(regulation.unit_id)[regulation.area],
        "status": regulations.status(version, holding_pk, today),
        "versions": [(one, regulations.status(one, holding_pk, today)) for one in versions],
        "text": pages.text_of(version, asked, codes),
        "book": book,
        "cited": len(codes),
        "facts": _facts(version),
        "history": _history(versions),
        "papers": records.papers(version),
        "may_attach": writes and version.state == State.DRAFT,
        "may_write": writes and version.state == State.DRAFT,
        "may_revise": writes and not has_draft,
        "may_abolish": writes and not has_draft and approved and not approved[0].abolishes,
        "may_keep": access.can(person, "regulation.settings", regulation.anchor()),
        "abolish": abolish or AbolishForm(),
        "before": _before(version, versions),
        **_decision(person, version),
        **_reading(person, version, manages, today),
    }
    return render(request, "scoring/regulation_detail.html", context, status=status)


def _asked(request, versions, holding):
    asked = request.GET.get("version", "")
    if asked:
        for one in versions:
            if str(one.number) == asked:
                return one
        raise Http404(_("没有这一版。"))
    return holding or versions[0]


def _before(version, versions):
    """The version a reader will want to set this one against."""
    older = [one for one in versions if one.number < version.number and not one.abolishes]
    return older[0] if older and not version.abolishes else None


def _facts(version) -> list[tuple]:
    regulation = version.regulation
    return [
        (_("编号"), regulation.number),
        (_("负责科室"), regulation.owner.name),
        (_("文号"), version.document_no),
        (_("印发日期"), ymd(version.issued_on)),
        (_("废止日期") if version.abolishes else _("施行日期"), ymd(version.effective_on)),
        (_("复审日期"), ymd(regulation.review_on)),
        (_("起草"), f"{version.drafted_by}　{ymd(version.drafted_at)}"),
        (
            _("批准"),
            f"{version.approved_by}　{ymd(version.approved_at)}" if version.approved_by else "",
        ),
    ]


def _history(versions) -> list[dict]:
    """What became of the regulation, oldest first."""
    items = []
    for one in sorted(versions, key=lambda version: version.number):
        form = {"number": one.number}
        drafted = _("提出废止") if one.abolishes else _("起草第%(number)s版") % form
        approved = _("批准废止") if one.abolishes else _("批准第%(number)s版") % form
        steps = [
            (one.drafted_at, one.drafted_by, drafted, one.reason),
            (one.handed_in_at, one.drafted_by, _("送审"), ""),
            (one.approved_at, one.approved_by, approved, ""),
        ]
        for at, who, what, text in steps:
            if at:
                items.append({"when": moment(at), "who": who.name, "what": what, "text": text})
        if one.return_reason:
            items.append({"what": _("退回修改"), "text": one.return_reason, "kind": "back"})
    return items


def _decision(person, version) -> dict:
    """What may be done with a draft that has been handed in, and why not."""
    waits = version.state == State.DRAFT and version.handed_in_at is not None
    leads = waits and regulations.may_approve(person, version)
    own = version.drafted_by_id == person.pk
    return {
        "waits": waits,
        "may_return": leads,
        "may_approve": leads and not own,
        "own": own,
    }


def _reading(person, version, manages, today) -> dict:
    """The reader's own receipt, and for who keeps the regulation how many have read."""
    if version.state != State.APPROVED or version.abolishes:
        return {"manages_reading": manages and not version.abolishes}
    receipt = ReadReceipt.objects.filter(regulation_version=version, person=person).first()
    asked = version.readers and regulations.readers_of(version, today).filter(pk=person.pk).exists()
    found = {"receipt": receipt, "asked_to_read": asked, "manages_reading": manages}
    if manages and version.readers:
        found["reading"] = regulations.reading_counts([version], today).get(version.pk)
    return found


@gate("regulation.read")
@require_POST
@once
def regulation_read(request, pk):
    version = get_object_or_404(visible(request), pk=pk)
    library.confirm_read(pk, by=request.user)
    messages.success(request, _("已记下您读过%(title)s。") % {"title": version.regulation})
    return redirect(library.page(version))


@gate("regulation.read")
@require_safe
def regulation_compare(request, pk):
    """Two versions clause by clause; the newest two, if none are asked for."""
    versions = list(visible(request).filter(regulation=pk, abolishes=False).order_by("-number"))
    if not versions:
        raise Http404
    by_number = {str(one.number): one for one in versions}
    new = _chosen(request, "to", by_number) or versions[0]
    older = [one for one in versions if one.number < new.number]
    old = _chosen(request, "from", by_number) or (older[0] if older else None)
    pairs = pages.compared(old, new) if old and old != new else []
    context = {
        "regulation": new.regulation,
        "versions": versions,
        "old": old,
        "new": new,
        "pairs": pairs,
        "changed": sum(1 for one in pairs if one.kind != "same"),
    }
    return render(request, "scoring/regulation_compare.html", context)


def _chosen(request, name, by_number):
    asked = request.GET.get(name, "")
    if asked and asked not in by_number:
        raise Http404(_("没有这一版。"))
    return by_number.get(asked)


@gate("regulation.settings")
@require_safe
def regulation_citations(request):
    """What the scoring rules in force rest on, clause by clause, and what is no longer so."""
    book = RuleBook.objects.in_force(request.user.unit, clock.today())
    found = citations.uses(book)
    bad = citations.broken(found)
    context = {"book": book, "uses": bad + [use for use in found if use not in bad], "bad": bad}
    return render(request, "scoring/regulation_citations.html", context)


def refused_on(form, refused: Refused):
    """The form with what an action refused, at its field if it has one."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    return form
