"""Trying a rule book on a past half-year. What is shown is counted anew each time, and not kept."""

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ledgers.models import CreditRole, Level
from scheme import clock, periods
from scheme.access import gate
from scheme.idempotency import FIELD, once
from scheme.models import Section, Star
from scheme.models.star import spoken
from scheme.templatetags.look import points, signed
from scoring import sandbox
from scoring.actions import sandbox as trying
from scoring.models.rulebook import Stacking, SubjectKind, Trigger
from scoring.sandbox.reading import Rules
from scoring.sandbox.trial import ORDERS
from scoring.views.rulebooks import visible

PAGE = 50
# More subjects than these are tried in the background, and read in the workbook.
AT_ONCE = 1000
# The longest bar of the chart, in its own units.
BAR = 240
PARTS = {
    "overview": gettext_lazy("总览和易主"),
    "moves": gettext_lazy("谁升谁降"),
    "rules": gettext_lazy("规则"),
    "caps": gettext_lazy("上限"),
}
STAGES = {
    "stacking": gettext_lazy("叠加"),
    "item": gettext_lazy("单项上限"),
    "quarter": gettext_lazy("每季上限"),
    "half": gettext_lazy("每期上限"),
    "bonus": gettext_lazy("加分总上限"),
    "floor": gettext_lazy("扣完为止"),
}
TOTAL = "total"


class TrialForm(forms.Form):
    """What is asked for. Whatever makes no sense is taken as not asked."""

    half = forms.ChoiceField(label=gettext_lazy("半年"))
    persons = forms.IntegerField(
        label=gettext_lazy("每星个人名额"), min_value=1, max_value=50, initial=3
    )
    sections = forms.IntegerField(
        label=gettext_lazy("每星科室名额"), min_value=1, max_value=50, initial=1
    )
    part = forms.ChoiceField(choices=list(PARTS.items()), initial="overview")
    pool = forms.ChoiceField(
        label=gettext_lazy("对象"), choices=SubjectKind.choices, initial=SubjectKind.PERSON
    )
    star = forms.ChoiceField(label=gettext_lazy("星级"), initial=TOTAL)
    section = forms.ChoiceField(label=gettext_lazy("科室"), initial="")
    order = forms.ChoiceField(
        label=gettext_lazy("排列"),
        choices=[
            ("moved", gettext_lazy("分数变动大的在前")),
            ("place", gettext_lazy("名次变动大的在前")),
            ("after", gettext_lazy("试算名次")),
            ("office", gettext_lazy("花名册顺序")),
        ],
        initial="moved",
    )

    def __init__(self, data, *, halves, stars, sections):
        super().__init__()
        ended = [half for half in halves if periods.half_span(half).last < clock.today()]
        self.fields["half"].choices = [(half, periods.half_name(half)) for half in halves]
        self.fields["half"].initial = next(iter(ended or halves), "")
        self.fields["star"].choices = [
            (TOTAL, _("合计")),
            *((star.key, spoken(star.name, star.key)) for star in stars),
        ]
        self.fields["section"].choices = [("", _("全部")), *((s.pk, s.name) for s in sections)]
        self.asked = {name: self._asked(name, field, data) for name, field in self.fields.items()}
        self.initial = self.asked

    @staticmethod
    def _asked(name, field, data):
        try:
            value = field.clean(data.get(name, ""))
        except forms.ValidationError:
            return field.initial
        return field.initial if value in ("", None) else value


def _form(request, book) -> tuple[TrialForm, list[Star]]:
    stars = list(Star.objects.order_by("position"))
    sections = Section.objects.filter(unit=book.unit).order_by("position", "pk")
    data = request.POST if request.method == "POST" else request.GET
    halves = sandbox.halves_with_facts(book.unit)
    return TrialForm(data, halves=halves, stars=stars, sections=sections), stars


def _book(request, pk):
    book = get_object_or_404(visible(request), pk=pk)
    trying.require_try(request.user, book)
    return book


@gate("rulebook.sandbox")
@require_safe
def rulebook_sandbox(request, pk):
    book = _book(request, pk)
    form, stars = _form(request, book)
    asked = form.asked
    context = {"book": book, "form": form, **asked}
    if not asked["half"]:
        return render(request, "scoring/sandbox.html", context)
    context["half_name"] = periods.half_name(asked["half"])
    context["subjects"] = sandbox.subjects_of(book.unit, asked["half"])
    if context["subjects"] > AT_ONCE:
        return render(request, "scoring/sandbox.html", context)
    with sandbox.laid_out(book, asked["half"]) as trial:
        context["in_force"] = trial.in_force
        context.update(_READ[asked["part"]](request, trial, asked, stars))
    context["tabs"] = _tabs(request, asked)
    return render(request, "scoring/sandbox.html", context)


@gate("rulebook.sandbox")
@require_POST
@once
def rulebook_sandbox_export(request, pk):
    """Has the workbook of the trial made in the background; its page shows how far it is."""
    book = _book(request, pk)
    form, _stars = _form(request, book)
    places = {name: form.asked[name] for name in ("half", "persons", "sections")}
    job = trying.start(book.pk, **places, by=request.user, key=request.POST.get(FIELD, ""))
    return redirect("desk:job", job.pk)


def _tabs(request, asked) -> list[dict]:
    query = {name: asked[name] for name in ("half", "persons", "sections")}
    tabs = []
    for part, label in PARTS.items():
        address = request.GET.copy()
        address.clear()
        address.update({**query, "part": part})
        tabs.append(
            {"label": label, "url": f"?{address.urlencode()}", "current": part == asked["part"]}
        )
    return tabs


def _overview(request, trial, asked, stars) -> dict:
    summary = trial.summary()
    hands = {
        (hand.pool, hand.star): hand
        for hand in trial.hands(persons=asked["persons"], sections=asked["sections"])
    }
    pools = []
    for kind in SubjectKind:
        total = summary.get((kind.value, ""))
        of_pool = [(star, hands.get((kind.value, star.key))) for star in stars]
        pools.append(
            {
                "kind": kind.value,
                "label": kind.label,
                "total": total,
                "hands": of_pool,
                "changed": sum(bool(hand and (hand.n_in or hand.n_out)) for _s, hand in of_pool),
                "buckets": _drawn(trial.differences(kind.value, "")),
            }
        )
    lines = Rules(trial).lines()
    unpriced = trial.unpriced()
    return {
        "pools": pools,
        "never": sum(line.verdict == "never" for line in lines),
        "unpriced_facts": sum(one.facts for one in unpriced),
    }


def _moves(request, trial, asked, stars) -> dict:
    star = "" if asked["star"] == TOTAL else asked["star"]
    chosen = {
        "pool": asked["pool"],
        "star": star,
        "section": int(asked["section"]) if asked["section"] else None,
    }
    total = trial.how_many(**chosen)
    page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    offset = (page.number - 1) * PAGE
    return {
        "moves": trial.moves(**chosen, order=asked["order"], limit=PAGE, offset=offset),
        "summary": trial.summary().get((asked["pool"], star)),
        "buckets": _drawn(trial.differences(asked["pool"], star)),
        "page": page,
        "star_names": {one.key: spoken(one.name, one.key) for one in stars},
    }


def _rules(request, trial, asked, stars) -> dict:
    lines = Rules(trial).lines()
    return {
        "lines": lines,
        "never": [line for line in lines if line.verdict == "never"],
        "unpriced": [_worded(one) for one in trial.unpriced()],
    }


def _caps(request, trial, asked, stars) -> dict:
    rules = Rules(trial)
    of_star = {star.key: star for star in stars}
    lines = rules.caps()
    rows = [
        {
            "line": line,
            "star": of_star.get(line.star),
            "stage": STAGES[line.stage],
            "pool": SubjectKind(line.pool).label,
            "limits": [_limit(value) for value in (line.set_before, line.set_after)],
        }
        for line in lines
    ]
    return {
        "caps": [row for row in rows if row["line"].bites],
        "idle": [row for row in rows if not row["line"].bites],
        "cut_before": sum(line.before.points for line in lines),
        "cut_after": sum(line.after.points for line in lines),
    }


def _limit(value) -> str:
    if isinstance(value, str):
        return Stacking(value).label
    return "" if value is None else points(value)


def _worded(one) -> dict:
    return {
        "one": one,
        "trigger": Trigger(one.trigger).label,
        "level": Level(one.level).label if one.level else "",
        "role": CreditRole(one.role).label if one.role else "",
        "pool": SubjectKind(one.pool).label,
    }


def _drawn(buckets) -> dict:
    """A bar for each step of the difference; the table behind it says the same in figures."""
    most = max((bucket.count for bucket in buckets), default=0)
    rows = [
        {
            "label": _span(bucket),
            "count": bucket.count,
            "kind": "down" if bucket.low < 0 else "up" if bucket.high > 0 else "same",
            "y": 10 + 30 * at,
            "text_y": 23 + 30 * at,
            "width": f"{bucket.count / most * BAR:.1f}" if most else "0",
        }
        for at, bucket in enumerate(buckets)
    ]
    return {"rows": rows, "height": 30 * len(rows) + 4, "bar": BAR}


def _span(bucket) -> str:
    if not bucket.low and not bucket.high:
        return _("不变")
    near, far = sorted((bucket.low, bucket.high), key=abs)
    values = {"near": signed(near) if near else "0", "far": signed(far)}
    return _("%(near)s至%(far)s") % values


_READ = {"overview": _overview, "moves": _moves, "rules": _rules, "caps": _caps}
assert set(_READ) == set(PARTS) and set(ORDERS) == {"moved", "place", "after", "office"}
