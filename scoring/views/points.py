from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scheme import clock, periods
from scheme.access import Anchor, can, gate
from scheme.models import Section, Staff
from scheme.models.star import spoken
from scoring import distribution
from scoring import outlook as outlooks
from scoring.opened import halves_of, open_card, whole_card


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
    outlook = distribution_rows = None
    if card:
        lines = [*card.stars, card.total]
        outlook = outlooks.look_ahead(
            lines, card.counted, book=card.book, half=half, person=person, section=section
        )
        distribution_rows = _distribution(card, is_person=person is not None)
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
        "outlook": outlook,
        "distribution": distribution_rows,
        "person": person,
        "section": section,
        **more,
    }
    return render(request, "scoring/points_page.html", context)


@gate("points.read")
@require_safe
def points_mine(request):
    half = _half(request)
    own = _section_of(request.user, half)
    return _page(
        request, half, person=request.user, own_section=own, title=_("我的积分"), mine=True
    )


def _distribution(card, *, is_person: bool) -> list[dict]:
    """The bars of everybody's totals, in the newest frozen run; one's own is said to be so."""
    if card.run is None:
        return []
    bars = distribution.bars_of(card.run, None, persons=is_person, own=card.total.score)
    label, own = _("%(low)s到%(high)s"), _("%(low)s到%(high)s ◀")
    return [
        {
            "label": (own if bar.own else label) % {"low": int(bar.low), "high": int(bar.high)},
            "value": bar.count,
        }
        for bar in bars
    ]


def _readable_person(request, pk, half) -> Staff:
    """Another's card, by office: whose section it was on the last day shown."""
    person = get_object_or_404(Staff.objects.visible_to(request.user).select_related("unit"), pk=pk)
    day = min(clock.today(), periods.half_span(half).last)
    anchor = Anchor(person.unit_id, person.pk, _section_on(person, day))
    if not can(request.user, "points.read", anchor):
        raise Http404
    return person


def _readable_section(request, pk) -> Section:
    section = get_object_or_404(
        Section.objects.visible_to(request.user).select_related("unit"), pk=pk
    )
    if not can(request.user, "points.read_section", Anchor(section.unit_id, section_id=pk)):
        raise Http404
    return section


@gate("points.read")
@require_safe
def points_of(request, pk):
    half = _half(request)
    person = _readable_person(request, pk, half)
    title = _("%(name)s的积分") % {"name": person.name}
    return _page(request, half, person=person, title=title, mine=person == request.user)


@gate("points.read_section")
@require_safe
def points_section(request, pk):
    half = _half(request)
    section = _readable_section(request, pk)
    opens_people = can(request.user, "points.read", Anchor(section.unit_id, section_id=pk))
    day = min(clock.today(), periods.half_span(half).last)
    people = Staff.objects.on_roll(day).of_section(section, day).in_office_order()
    title = _("%(name)s的积分") % {"name": section.name}
    return _page(
        request, half, section=section, title=title, people=people if opens_people else None
    )


@gate("points.read")
@require_safe
def points_print(request, pk):
    """One person's half-year on paper: every entry with its fact, to be read and signed."""
    half = _half(request)
    return _sheet(request, half, person=_readable_person(request, pk, half))


@gate("points.read_section")
@require_safe
def points_section_print(request, pk):
    return _sheet(request, _half(request), section=_readable_section(request, pk))


def _sheet(request, half, *, person=None, section=None):
    context = {
        "card": whole_card(half=half, person=person, section=section),
        "half": half,
        "half_name": periods.half_name(half),
        "person": person,
        "section": section,
        "own_section": person and _section_of(person, half),
        "printed_on": clock.today(),
    }
    return render(request, "scoring/points_print.html", context)


def _section_of(person, half) -> Section | None:
    day = min(clock.today(), periods.half_span(half).last)
    return Section.objects.filter(pk=_section_on(person, day)).first()


def _section_on(person, day) -> int | None:
    found = Staff.objects.filter(pk=person.pk).with_section(day)
    return found.values_list("section_id", flat=True).first()
