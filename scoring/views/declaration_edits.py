"""Writing a declared line, and what its writer may do with it: file, withdraw."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers.titles import reduced
from scheme import access, clock, periods
from scheme.access import Anchor, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section
from scoring import declared, declaring
from scoring.actions import declarations
from scoring.declaration_forms import CONTENT, DeclarationForm
from scoring.models import Declaration
from scoring.opened import limits
from scoring.views.declarations import seen_line

State = Declaration.State
OPEN = (State.DRAFT, State.RETURNED)


# --- The form


def _section_asked(request) -> Section | None:
    """The section to declare for; None is oneself. Refuses what the person may not file."""
    asked = request.POST.get("section") or request.GET.get("section") or ""
    person = request.user
    if not asked:
        own = Anchor(person.unit_id, person.pk, state="draft")
        access.require(person, "declaration.file", own)
        return None
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    section = get_object_or_404(
        Section.objects.visible_to(person).select_related("unit"), pk=int(asked)
    )
    anchor = Anchor(section.unit_id, section_id=section.pk, state="draft")
    access.require(person, "declaration.file_section", anchor)
    return section


def _form(request, section, line=None, *args, **kwargs) -> DeclarationForm:
    unit = request.user.unit
    kind = "section" if section else "person"
    quarters = [line.quarter] if line else _open_quarters(unit)
    rules = {rule.code: rule for rule in declaring.declarable_rules(unit, kind, clock.today())}
    if line and (priced := declaring.rules_of([line]).get(line.pk)):
        # As it stood on the document's day.
        rules[priced.code] = priced
    proofs = line.proofs.all() if line else ()
    more = {"proofs": proofs, "editing": line is not None}
    return DeclarationForm(*args, rules=rules.values(), quarters=quarters, **more, **kwargs)


def _open_quarters(unit) -> list[str]:
    taking = declaring.open_windows(unit).order_by("-quarter")
    return list(taking.values_list("quarter", flat=True))


@gate("declaration.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def declaration_new(request):
    section = _section_asked(request)
    if request.method != "POST":
        asked = {name: request.GET.get(name, "") for name in ("quarter", "rule_code")}
        initial = {name: value for name, value in asked.items() if value}
        return _form_page(request, _form(request, section, initial=initial), section)
    form = _form(request, section, None, request.POST, request.FILES)
    if form.is_valid():
        subject = {"section": section} if section else {"person": request.user}
        try:
            line = declarations.add(
                request.user.unit,
                quarter=form.cleaned_data["quarter"],
                **form.content(),
                **subject,
                by=request.user,
            )
            return _saved(request, form, line)
        except Refused as refused:
            _put(form, refused)
    return _form_page(request, form, section, status=422)


@gate("declaration.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def declaration_edit(request, pk):
    line = seen_line(request, pk)
    _require_own(request.user, line)
    if line.state not in OPEN:
        return redirect("scoring:declaration_detail", pk)
    if request.method != "POST":
        initial = {name: getattr(line, name) for name in ("quarter", *CONTENT)}
        initial["quantity"] = declared.plain(line.quantity)
        form = _form(request, line.section, line, initial=initial | {"seen": line.version})
        return _form_page(request, form, line.section, line)
    kept = {"quarter": line.quarter}
    form = _form(request, line.section, line, request.POST, request.FILES, initial=kept)
    if form.is_valid():
        try:
            version = form.cleaned_data["seen"]
            line = declarations.change(
                pk,
                version=line.version if version is None else version,
                by=request.user,
                **form.content(),
            )
            for proof in form.cleaned_data["drop"]:
                declarations.detach(int(proof), by=request.user)
            return _saved(request, form, line)
        except Refused as refused:
            _put(form, refused)
            if refused.conflict:
                return _form_page(request, form, line.section, line, status=409)
    return _form_page(request, form, line.section, line, status=422)


def _put(form, refused: Refused) -> None:
    field = {"file": "files", "rule": "rule_code"}.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, str(refused))


def _saved(request, form, line):
    """The files kept, the line filed if asked for. A line that cannot be filed yet stays a draft:
    what was written and sent up is not lost."""
    for file in form.cleaned_data["files"]:
        declarations.attach(line.pk, file, file.name, by=request.user)
    if not form.files_to_file:
        messages.success(request, _("已存。还没有送初核。"))
        return redirect("scoring:declaration_edit", line.pk)
    return _file(request, line)


def _file(request, line):
    try:
        with transaction.atomic():
            declarations.file(line.pk, by=request.user)
    except Refused as refused:
        text = _("已存，但还不能送初核：%(why)s") % {"why": refused}
        messages.error(request, text)
        return redirect("scoring:declaration_edit", line.pk)
    messages.success(request, _("“%(matter)s”已送初核。") % {"matter": line.matter[:40]})
    return redirect(_list_url(line))


def _list_url(line: Declaration) -> str:
    if line.section_id:
        url = reverse("scoring:declaration_section", args=[line.section_id])
    else:
        url = reverse("scoring:declaration_mine")
    return f"{url}?quarter={line.quarter}"


def _form_page(request, form, section, line=None, *, status=200):
    taking = [code for code, _label in form.fields["quarter"].choices]
    quarter = form["quarter"].value() or next(iter(taking), periods.quarter_of(clock.today()))
    window = declaring.window_of(request.user.unit, quarter)
    returned = line.moves.filter(kind="returned").last() if line else None
    context = {
        "form": form,
        "line": line,
        "section": section,
        "subject": section or request.user,
        "window": declared.window_words(window),
        "shut": not taking,
        "rules": [(rule, declared.tier_words(rule), limits(rule)) for rule in form.rules.values()],
        "returned": returned if line and line.state == State.RETURNED else None,
        "files_again": status != 200 and bool(request.FILES),
        "back_url": _list_url(line) if line else _back_url(section),
        "worth": _worth(request, line) if line and not form.is_bound else None,
    }
    return render(request, "scoring/declaration_form.html", context, status=status)


def _back_url(section) -> str:
    if section:
        return reverse("scoring:declaration_section", args=[section.pk])
    return reverse("scoring:declaration_mine")


@gate("declaration.read")
@require_safe
def declaration_worth(request):
    """What the form would give if it were confirmed today: a part of the page, asked for anew
    with every change."""
    section = _section_asked(request)
    form = _form(request, section, None, request.GET)
    form.full_clean()
    data = form.cleaned_data
    line = Declaration(
        unit=request.user.unit,
        person=None if section else request.user,
        section=section,
        rule_code=data.get("rule_code", ""),
        level=data.get("level", ""),
        quantity=data.get("quantity") or 1,
        matter=data.get("matter", ""),
        matter_key=reduced(data.get("matter", "")),
        document_on=data.get("document_on"),
    )
    known = request.GET.get("line", "")
    line.pk = int(known) if known.isdecimal() and len(known) < 18 else None
    return render(request, "scoring/_declaration_worth.html", {"worth": _worth(request, line)})


def _worth(request, line: Declaration) -> dict | None:
    """In words: points, quarter, and the same matter declared before."""
    if not line.rule_code:
        return None
    worth = declaring.worth(line)
    twins = list(declared.like(line, request.user)[:3]) if line.matter_key else []
    day = line.document_on
    return {
        "fits": worth is not None,
        "points": declared.worth_words(worth),
        "quarter": declared.counting_words(day, declared.closed_quarters(line.unit)) if day else "",
        "twins": twins,
    }


# --- Acts of the one who declares


def _require_own(person, line) -> None:
    if not declaring.writes(person, line):
        raise PermissionDenied(_("只有申报人能改。"))


@gate("declaration.read")
@require_POST
@once
def declaration_file(request, pk):
    line = seen_line(request, pk)
    _require_own(request.user, line)
    if line.state not in OPEN:
        raise Refused(_("这一项已经送出。"), conflict=True)
    return _file(request, line)


@gate("declaration.read")
@require_POST
@once
def declaration_withdraw(request, pk):
    line = seen_line(request, pk)
    declarations.withdraw(pk, by=request.user)
    messages.success(request, _("“%(matter)s”已撤回。") % {"matter": line.matter[:40]})
    return redirect(_list_url(line))
