"""Writing regulations: drafts and what is decided on them, places in the library, who must read."""

from django.contrib import messages
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheme import access, clauses, clock, regulations
from scheme.access import gate, require
from scheme.actions import library
from scheme.actions import regulations as acts
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Regulation, RegulationVersion, Section
from scheme.roles import Role
from scoring import regulation_pages as pages
from scoring.actions import citing
from scoring.regulation_forms import (
    AbolishForm,
    AreasForm,
    DescribeForm,
    NewForm,
    ReadersForm,
    WordsForm,
    described,
)
from scoring.views.regulations import detail, refused_on, visible

State = RegulationVersion.State


def seen_of(request) -> int:
    """The version the page was drawn from; nonsense is never the present one."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1


def _sections(request):
    """Whose regulations the person may write: any section's, or those one heads."""
    found = Section.objects.visible_to(request.user).filter(closed_on=None)
    if access.has_role(request.user, Role.PERSONNEL):
        return found
    return found.filter(pk__in=access.places(request.user, Role.CHIEF))


def _words(data) -> acts.Words:
    return acts.Words(**{name: data[name] for name in acts.Words._fields})


@gate("regulation.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def regulation_new(request):
    unit, sections = request.user.unit, _sections(request)
    if request.method != "POST":
        last = Regulation.objects.filter(unit=unit).aggregate(last=Max("number"))["last"] or 0
        area = request.GET.get("area", "")
        initial = {"number": last + 1, "area": area if area in "1234567" else None}
        return _new(request, NewForm(unit, sections, initial=initial))
    form = NewForm(unit, sections, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        place = {name: data[name] for name in ("area", "number", "title", "owner")}
        try:
            made = acts.draft(unit, **place, words=_words(data), by=request.user)
        except Refused as refused:
            refused_on(form, refused)
        else:
            messages.success(request, _("草稿已存，核对条款后送审。"))
            return redirect("scoring:regulation_write", made.pk)
    return _new(request, form, status=422)


def _new(request, form, *, status=200):
    return render(request, "scoring/regulation_new.html", {"form": form}, status=status)


@gate("regulation.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def regulation_write(request, pk):
    """The draft, and beside it what the text was taken apart into."""
    version = get_object_or_404(visible(request), pk=pk)
    require(request.user, "regulation.write", version.regulation.anchor(State.DRAFT))
    if version.state != State.DRAFT or version.abolishes:
        if request.method == "POST":
            raise Refused(_("这一版已经批准，要改请另拟一版。"), conflict=True)
        return redirect(library.page(version))
    if request.method != "POST":
        words = {name: getattr(version, name) for name in acts.Words._fields}
        return _write(request, version, WordsForm(initial=words))
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            words = _words(form.cleaned_data)
            version = acts.write(pk, words=words, by=request.user, seen=seen_of(request))
        except Refused as refused:
            refused_on(form, refused)
            return _write(request, version, form, status=409 if refused.conflict else 422)
        messages.success(request, _("已存。"))
        return redirect("scoring:regulation_write", pk)
    return _write(request, version, form, status=422)


def _write(request, version, form, *, status=200):
    pieces = list(version.clauses.defer("grams"))
    context = {
        "form": form,
        "version": version,
        "regulation": version.regulation,
        "pieces": pieces,
        "gaps": clauses.gaps(pieces),
    }
    return render(request, "scoring/regulation_write.html", context, status=status)


def _step(act, said):
    """A decision on a draft that needs nothing but the version one has seen."""

    def view(request, pk):
        version = get_object_or_404(visible(request), pk=pk)
        act(pk, by=request.user, seen=seen_of(request))
        messages.success(request, said() % {"title": version.regulation})
        return redirect(library.page(version))

    return view


@gate("regulation.write")
@require_POST
@once
def regulation_hand_in(request, pk):
    return _step(acts.hand_in, lambda: _("%(title)s已送审。"))(request, pk)


@gate("regulation.write")
@require_POST
@once
def regulation_take_back(request, pk):
    return _step(acts.take_back, lambda: _("%(title)s已撤回，可以再改。"))(request, pk)


@gate("regulation.approve")
@require_POST
@once
def regulation_approve(request, pk):
    """Approved, and the personnel office told if scoring rules rest on what has changed."""
    version = get_object_or_404(visible(request), pk=pk)
    acts.approve(pk, by=request.user, seen=seen_of(request))
    citing.warn(pk, by=request.user)
    messages.success(request, _("%(title)s已批准。") % {"title": version.regulation})
    return redirect(library.page(version))


@gate("regulation.approve")
@require_POST
@once
def regulation_return(request, pk):
    version = get_object_or_404(visible(request), pk=pk)
    acts.send_back(
        pk, reason=request.POST.get("reason", ""), by=request.user, seen=seen_of(request)
    )
    messages.success(request, _("%(title)s已退回修改。") % {"title": version.regulation})
    return redirect(library.page(version))


@gate("regulation.write")
@require_POST
@once
def regulation_discard(request, pk):
    get_object_or_404(visible(request), pk=pk)
    left = acts.discard(pk, by=request.user, seen=seen_of(request))
    messages.info(request, _("草稿已作废。"))
    if left:
        return redirect("scoring:regulation_detail", left.pk)
    return redirect("scoring:regulation_list")


def _regulation(request, pk) -> Regulation:
    return get_object_or_404(pages.catalogue(request.user), pk=pk)


@gate("regulation.write")
@require_POST
@once
def regulation_revise(request, pk):
    _regulation(request, pk)
    draft = acts.revise(pk, by=request.user, seen=seen_of(request))
    messages.success(request, _("照现行的一版另拟了草稿，请修改。"))
    return redirect("scoring:regulation_write", draft.pk)


@gate("regulation.write")
@require_POST
@once
def regulation_abolish(request, pk):
    _regulation(request, pk)
    form = AbolishForm(request.POST)
    if form.is_valid():
        try:
            made = acts.propose_abolition(
                pk, by=request.user, seen=seen_of(request), **form.cleaned_data
            )
        except Refused as refused:
            refused_on(form, refused)
            return detail(request, pk, form, status=409 if refused.conflict else 422)
        messages.success(request, _("已送分管领导批准废止。"))
        return redirect(library.page(made))
    return detail(request, pk, form, status=422)


@gate("regulation.settings")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def regulation_describe(request, pk):
    regulation = _regulation(request, pk)
    unit, sections = request.user.unit, Section.objects.visible_to(request.user)
    if request.method != "POST":
        form = DescribeForm(unit, sections, initial=described(regulation))
        return _describe(request, regulation, form)
    form = DescribeForm(unit, sections, request.POST)
    if form.is_valid():
        try:
            library.describe(pk, by=request.user, seen=seen_of(request), **form.cleaned_data)
        except Refused as refused:
            refused_on(form, refused)
            status = 409 if refused.conflict else 422
            return _describe(request, regulation, form, status=status)
        messages.success(request, _("已改。"))
        return redirect("scoring:regulation_detail", pk)
    return _describe(request, regulation, form, status=422)


def _describe(request, regulation, form, *, status=200):
    context = {"form": form, "regulation": regulation}
    return render(request, "scoring/regulation_describe.html", context, status=status)


@gate("regulation.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def regulation_readers(request, pk):
    """Who must read a version, who has and who has not; names only to who keeps it."""
    version = get_object_or_404(visible(request), pk=pk)
    require(request.user, "regulation.manage", version.regulation.anchor())
    sections = Section.objects.visible_to(request.user).filter(closed_on=None)
    if request.method != "POST":
        chosen = version.reading_sections.values_list("section", flat=True)
        initial = {
            "readers": version.readers,
            "read_by": version.read_by,
            "sections": list(chosen),
        }
        return _readers(request, version, ReadersForm(sections, initial=initial))
    form = ReadersForm(sections, request.POST)
    if form.is_valid():
        try:
            library.ask_to_read(pk, by=request.user, seen=seen_of(request), **form.cleaned_data)
        except Refused as refused:
            refused_on(form, refused)
            status = 409 if refused.conflict else 422
            return _readers(request, version, form, status=status)
        messages.success(request, _("已定下要读的人。"))
        return redirect("scoring:regulation_readers", pk)
    return _readers(request, version, form, status=422)


def _readers(request, version, form, *, status=200):
    context = {"form": form, "version": version, "regulation": version.regulation}
    if version.state == State.APPROVED and version.readers:
        context["reading"] = regulations.reading(version, clock.today())
    return render(request, "scoring/regulation_readers.html", context, status=status)


@gate("regulation.settings")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def regulation_areas(request):
    unit = request.user.unit
    form = AreasForm(unit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        for number, name in form.names():
            library.name_area(unit, number, name=name, by=request.user)
        messages.success(request, _("七个方面的名称已改。"))
        return redirect("scoring:regulation_list")
    status = 422 if request.method == "POST" else 200
    return render(request, "scoring/regulation_areas.html", {"form": form}, status=status)
