"""Filing figures: one's own, one's section's, the unit's."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ledgers import filing as figures
from ledgers.actions import figures as workbook
from ledgers.listing import FilterForm
from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.models import Section
from scheme.roles import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Reach(NamedTuple):
    """Whose figures a person may see: of all the sections (None), of some, or only their own."""

    sections: tuple[int, ...] | None
    person: int | None


def reach_of(person) -> Reach:
    if access.has_role(person, Role.PERSONNEL):
        return Reach(None, None)
    led = {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}
    return Reach(tuple(sorted(led)), None) if led else Reach(None, person.pk)


class SpanForm(FilterForm):
    span = forms.ChoiceField(label=gettext_lazy("时间"))
    section = forms.ModelChoiceField(
        Section.objects.none(), label=gettext_lazy("科室"), empty_label=gettext_lazy("所有科室")
    )

    def __init__(self, request, reach: Reach):
        super().__init__(request)
        choices = figures.spans(clock.today())
        self.fields["span"].choices = choices
        self.fields["span"].initial = choices[0].code
        if reach.person is not None:
            del self.fields["section"]
            return
        sections = Section.objects.visible_to(request.user)
        if reach.sections is not None:
            sections = sections.filter(pk__in=reach.sections)
        self.fields["section"].queryset = sections

    @property
    def chosen(self) -> bool:
        return bool(self.data.get("span") or self.data.get("section"))

    @property
    def code(self) -> str:
        return self.value("span") or self.fields["span"].initial


@gate("filing.read")
@require_safe
def filing(request):
    """The due days of a period and what became of them; in office order, never a ranking."""
    person = request.user
    reach = reach_of(person)
    form = SpanForm(request, reach)
    section = form.value("section") if "section" in form.fields else ""
    span = figures.span_of(form.code)
    sections = (section.pk,) if section else reach.sections
    found = figures.rows(person.unit_id, span, sections=sections, person=reach.person)
    by_section = figures.by_section(found)
    context = {
        "form": form,
        "code": form.code,
        "whose": _whose(person, reach, section, by_section),
        "span": span,
        "own": reach.person is not None,
        "months": figures.by_month(found) if reach.person is not None else [],
        "sections": by_section if len(by_section) > 1 and reach.person is None else [],
        # Of many sections the people are a click away, not pages down.
        "people": figures.by_person(found) if reach.person is None and len(by_section) == 1 else [],
        "total": figures.total(found),
    }
    return render(request, "ledgers/filing.html", context)


def _whose(person, reach: Reach, section, by_section) -> str:
    if reach.person is not None:
        return person.name
    if section:
        return section.name
    if reach.sections is None:
        return str(person.unit)
    return "、".join(name for _pk, name, _tally in by_section)


@gate("filing.read")
@require_POST
def filing_export(request):
    """By POST, because an export leaves its line in the trail."""
    span = request.POST.get("span", "")
    try:
        figures.span_of(span)
    except ValueError:
        raise Refused(_("这一页已过期，请刷新后再提交。")) from None
    reach = reach_of(request.user)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filing.xlsx"
        workbook.export(span, path, **reach._asdict(), by=request.user)
        return HttpResponse(
            path.read_bytes(),
            content_type=XLSX,
            headers={
                "Content-Disposition": content_disposition_header(True, f"报送情况-{span}.xlsx"),
                "X-Content-Type-Options": "nosniff",
            },
        )
