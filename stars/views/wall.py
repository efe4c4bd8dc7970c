"""展示亮星: the wall of a round, on a screen of its own, on paper, and over the years."""

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ledgers.listing import FilterForm
from scheme import access, periods
from scheme.access import gate
from stars import wall as walls
from stars.actions import stages
from stars.models import Publication
from stars.models.round import NomineeKind

from .stage import find_round

# Rounds, stars or winners on one page of the history.
PER_PAGE = {"round": 4, "star": 5, "winner": 30}
OTHERS = 6


@gate("result.read")
@require_safe
def wall(request):
    """The newest result of the unit; a calm empty wall before there is one."""
    return _wall(request, walls.newest(request.user))


@gate("result.read")
@require_safe
def wall_round(request, pk):
    return _wall(request, _edition(request, pk))


def _edition(request, pk) -> Publication:
    round_ = find_round(request, pk)
    rows = round_.publications.select_related("round", "unit")
    edition = rows.order_by("-edition").first()
    if edition is None:
        raise Http404
    return edition


def _shown(publication: Publication | None) -> dict:
    """What every form of the wall needs."""
    if publication is None:
        return {"publication": None}
    return {
        "publication": publication,
        "wall": walls.of(publication),
        "half": periods.half_name(publication.body["half"]),
        "shortened": stages.is_shortened(publication.round),
    }


def _wall(request, publication):
    others = (
        Publication.objects.visible_to(request.user)
        .order_by("-round__half", "round_id")
        .distinct("round__half", "round_id")
        .values_list("round_id", "round__half")
    )
    context = _shown(publication) | {
        "others": [
            {"round": round_, "half": periods.half_name(half)}
            for round_, half in others
            if publication is None or round_ != publication.round_id
        ][:OTHERS],
    }
    return render(request, "stars/wall.html", context)


@gate("result.read")
@require_safe
def wall_screen(request):
    """For the screen in the hall: slides that turn, and come anew when a result is published."""
    publication = walls.newest(request.user)
    context = _shown(publication)
    if publication is not None:
        context["slides"] = walls.slides(context["wall"])
    return render(request, "stars/wall_screen.html", context)


class PosterForm(FilterForm):
    by = forms.ChoiceField(
        label=gettext_lazy("一张一"),
        choices=[("star", gettext_lazy("颗星")), ("winner", gettext_lazy("个获评者"))],
        initial="star",
    )
    star = forms.ChoiceField(label=gettext_lazy("星级"))
    size = forms.ChoiceField(
        label=gettext_lazy("纸张"), choices=[("a4", "A4"), ("a3", "A3")], initial="a4"
    )

    def __init__(self, request, stars):
        super().__init__(request)
        self.fields["star"].choices = [("", _("全部")), *((one.key, one.name) for one in stars)]

    def value(self, name: str):
        return super().value(name) or self.fields[name].initial or ""


@gate("result.read")
@require_safe
def wall_poster(request, pk):
    """Sheets to print, one a star or one a winner, upright on A4 or A3."""
    context = _shown(_edition(request, pk))
    form = PosterForm(request, context["wall"].stars)
    context |= {
        "form": form,
        "size": form.value("size"),
        "sheets": walls.sheets(context["wall"], by=form.value("by"), star=form.value("star")),
    }
    return render(request, "stars/wall_poster.html", context)


class HistoryForm(FilterForm):
    """The view chosen by the tabs goes along."""

    by = forms.CharField(widget=forms.HiddenInput, required=False)
    half = forms.ChoiceField(label=gettext_lazy("半年"))
    star = forms.ChoiceField(label=gettext_lazy("星级"))
    kind = forms.ChoiceField(
        label=gettext_lazy("对象"), choices=[("", gettext_lazy("全部")), *NomineeKind.choices]
    )
    section = forms.ChoiceField(label=gettext_lazy("科室"))
    person = forms.ChoiceField(label=gettext_lazy("人员"))

    def __init__(self, request, awards):
        super().__init__(request)
        halves = {one.round.half: one.half_name for one in awards}
        in_order = sorted(awards, key=lambda one: (one.section.position, one.section_id))
        people = [one.person for one in awards if one.person]
        people.sort(key=lambda one: (one.sort_weight, one.pk))
        stars = sorted({one.star for one in awards}, key=lambda star: star.position)
        self._offer("half", halves.items())
        self._offer("star", ((star.pk, star.title) for star in stars))
        self._offer("section", {str(one.section_id): one.section.name for one in in_order}.items())
        self._offer("person", {str(one.pk): one.name for one in people}.items())

    def _offer(self, name: str, choices) -> None:
        self.fields[name].choices = [("", _("全部")), *choices]

    @property
    def chosen(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "by")

    def keeps(self, award) -> bool:
        asked = {name: self.value(name) for name in self.fields}
        kind = NomineeKind.PERSON if award.person_id else NomineeKind.SECTION
        found = {
            "half": award.round.half,
            "star": award.star_id,
            "kind": kind,
            "section": str(award.section_id),
            "person": str(award.person_id or ""),
        }
        return all(not asked[name] or asked[name] == value for name, value in found.items())


GROUPS = {"round": walls.by_half, "star": walls.by_star, "winner": walls.by_winner}


@gate("result.read")
@require_safe
def wall_history(request):
    """Every star ever won: by round, by star, by winner; the filters stand in the address."""
    awards = walls.won(request.user)
    form = HistoryForm(request, awards)
    by = form.value("by") if form.value("by") in GROUPS else "round"
    groups = GROUPS[by]([one for one in awards if form.keeps(one)])
    page = Paginator(groups, PER_PAGE[by]).get_page(request.GET.get("page"))
    context = {
        "by": by,
        "form": form,
        "page_obj": page,
        "any": bool(awards),
        "tabs": _tabs(request, by),
        "exports": access.can(request.user, "result.export"),
    }
    return render(request, "stars/wall_history.html", context)


def _tabs(request, by: str) -> list[dict]:
    """The same filters, grouped another way."""
    labels = {"round": _("按轮次"), "star": _("按星级"), "winner": _("按科室和人员")}
    here, kept = reverse("stars:wall_history"), request.GET.copy()
    kept.pop("page", None)
    tabs = []
    for value, label in labels.items():
        kept["by"] = value
        tabs.append({"label": label, "url": f"{here}?{kept.urlencode()}", "current": value == by})
    return tabs
