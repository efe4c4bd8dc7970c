from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scheme import clock, periods
from scheme.access import Anchor, can, gate
from scheme.models import Section, Staff
from scheme.models.star import spoken
from scoring.opened import halves_of, open_card


def _half(request) -> str:
    """The half-year asked for; without a word, the present one."""
    half = request.GET.get("half") or periods.half_of(clock.today())
    try:
        periods.half_span(half)
    except ValueError:
        raise Http404 from None
    return half


def _page(request, half, *, person=None, section=None, **more):
    asked = {name: request.GET.get(name, "") for name in ("star", "rule", "entry")}
    card = open_card(half=half, reader=request.user, person=person, section=section, **asked)
    tabs = [
        {"label": periods.half_name(one), "url": f"?half={one}", "current": one == half}
        for one in halves_of((person or section).unit)
    ]
    rows = card and [
        {
            "key": line.star.key,
            "label": spoken(line.star.name, line.star.key),
            "value": line.score,
            "delta": line.deduction + line.bonus,
            "url": f"?half={half}&star={line.star.key}",
        }
        for line in card.stars
    ]
    context = {
        "card": card,
        "half": half,
        "half_name": periods.half_name(half),
        "tabs": tabs,
        "rows": rows,
        "person": person,
        "section": section,
        **more,
    }
    return render(request, "scoring/points_page.html", context)


@gate("points.read")
@require_safe
def points_mine(request):
    half = _half(request)
    day = min(clock.today(), periods.half_span(half).last)
    own = Section.objects.filter(pk=_section_on(request.user, day)).first()
    return _page(
        request, half, person=request.user, own_section=own, title=_("我的积分"), mine=True
    )


@gate("points.read")
@require_safe
def points_of(request, pk):
    """Another's card, by office: whose section it was on the last day shown."""
    half = _half(request)
    person = get_object_or_404(Staff.objects.visible_to(request.user).select_related("unit"), pk=pk)
    day = min(clock.today(), periods.half_span(half).last)
    anchor = Anchor(person.unit_id, person.pk, _section_on(person, day))
    if not can(request.user, "points.read", anchor):
        raise Http404
    title = _("%(name)s的积分") % {"name": person.name}
    return _page(request, half, person=person, title=title, mine=person == request.user)


@gate("points.read_section")
@require_safe
def points_section(request, pk):
    half = _half(request)
    section = get_object_or_404(
        Section.objects.visible_to(request.user).select_related("unit"), pk=pk
    )
    if not can(request.user, "points.read_section", Anchor(section.unit_id, section_id=pk)):
        raise Http404
    opens_people = can(request.user, "points.read", Anchor(section.unit_id, section_id=pk))
    day = min(clock.today(), periods.half_span(half).last)
    people = Staff.objects.on_roll(day).of_section(section, day).in_office_order()
    title = _("%(name)s的积分") % {"name": section.name}
    return _page(
        request, half, section=section, title=title, people=people if opens_people else None
    )


def _section_on(person, day) -> int | None:
    found = Staff.objects.filter(pk=person.pk).with_section(day)
    return found.values_list("section_id", flat=True).first()
