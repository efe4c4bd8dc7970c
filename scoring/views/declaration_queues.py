"""The two desks at which declarations wait: the first check by chief or leader in charge, and the
verification by the personnel office. A hundred lines on one afternoon, by keyboard, in batches."""

from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section
from scheme.models.star import spoken
from scheme.roles import Role
from scoring import declared, declaring
from scoring.actions import declarations
from scoring.models import Declaration, Rule
from scoring.views.declaration_ways import ways

State = Declaration.State
PAGE = 100
# Session key of what became of the last batch; shown until the next one.
OUTCOME = "declaration_outcome"
FILTERS = ("section", "rule", "star", "state", "quarter")


class Row(NamedTuple):
    line: Declaration
    rule: Rule | None
    worth: Decimal | None
    kind: str
    may: bool
    why: str

    @property
    def who(self) -> str:
        return (self.line.person or self.line.section).name

    @property
    def quantity(self) -> str:
        """Said where it is not one."""
        return "" if self.line.quantity == 1 else declared.plain(self.line.quantity)


class Desk(NamedTuple):
    """What differs between the first check and the verification."""

    name: str
    route: str
    state: str
    move: str

    @property
    def title(self) -> str:
        return _("申报初核") if self.name == "check" else _("申报核验")

    @property
    def pass_word(self) -> str:
        if self.name == "check":
            return pgettext("act", "初核通过")
        return pgettext("act", "核验通过")

    def lines(self, person):
        rows = Declaration.objects.visible_to(person).exclude(state=State.DRAFT)
        rows = declaring.with_checker(rows)
        if self.name == "verify":
            return rows
        roles = (Role.CHIEF, Role.LEADER)
        return rows.filter(home_id__in={p for role in roles for p in access.places(person, role)})

    def waiting(self, person):
        """Lines this very person may decide now."""
        if self.name == "check":
            return declaring.to_check_by(person)
        return declaring.to_verify_by(person)


CHECK = Desk("check", "scoring:declaration_check_list", State.FILED, "check")
VERIFY = Desk("verify", "scoring:declaration_verify_list", State.CHECKED, "verify")


@gate("declaration.open_checks")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def declaration_check_list(request):
    return _decide(request, CHECK) if request.method == "POST" else _page(request, CHECK)


@gate("declaration.verify")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def declaration_verify_list(request):
    return _decide(request, VERIFY) if request.method == "POST" else _page(request, VERIFY)


# --- The page


def _asked(request, desk: Desk) -> dict[str, str]:
    """The filters of the address. Without a word on states: those that wait here."""
    asked = {name: request.GET.get(name, "")[:60] for name in FILTERS}
    if "state" not in request.GET:
        asked["state"] = desk.state
    return {name: value.replace("\x00", "") for name, value in asked.items()}


def _page(request, desk: Desk):
    person = request.user
    names = declared.Names(person.unit)
    asked = _asked(request, desk)
    lines = desk.lines(person)
    chosen = _chosen(lines, asked, names)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    rows = _rows(desk, person, list(page.object_list), names)
    query = urlencode({name: asked[name] for name in FILTERS} | {"page": page.number})
    context = {
        "desk": desk,
        "groups": _groups(rows),
        "page_obj": page,
        "able": sum(row.may for row in rows),
        "filters": _filters(desk, lines, asked, names),
        "filtered": any(asked[name] for name in FILTERS if name != "state")
        or asked["state"] != desk.state,
        "counts": _counts(desk, person, lines),
        "outcome": _outcome(request, desk),
        "at": request.GET.get("at", ""),
        "query": query,
        "here": f"{reverse(desk.route)}?{query}",
        "ways": ways(person, desk.name),
    }
    return render(request, "scoring/declaration_queue.html", context)


def _chosen(lines, asked, names):
    exact = {"rule": "rule_code", "state": "state", "quarter": "quarter"}
    wanted = {field: asked[name] for name, field in exact.items() if asked[name]}
    lines = lines.filter(**wanted)
    if asked["section"].isdecimal() and len(asked["section"]) < 18:
        lines = lines.filter(home_id=int(asked["section"]))
    if asked["star"]:
        lines = lines.filter(rule_code__in=names.codes_of_star(asked["star"]))
    position = Section.objects.filter(pk=OuterRef("home_id")).values("position")
    return (
        lines.annotate(home_position=Subquery(position))
        .select_related("person", "section", "filed_by", "checked_by")
        .prefetch_related("proofs")
        .order_by("home_position", "home_id", "rule_code", "pk")
    )


def _rows(desk: Desk, person, lines, names) -> list[Row]:
    waiting = desk.waiting(person).filter(pk__in=[line.pk for line in lines])
    able = set(waiting.order_by().values_list("pk", flat=True))
    worths = declaring.worths(lines)
    return [
        Row(
            line,
            names.rule(line),
            worths[line.pk],
            declared.KINDS[line.state],
            line.pk in able,
            "" if line.pk in able else _why_not(desk, person, line),
        )
        for line in lines
    ]


def _why_not(desk: Desk, person, line) -> str:
    """Why this reader may not decide the line; empty where its state says so."""
    if line.state != desk.state:
        return ""
    if line.imported:
        return _("随台账导入，只看不办")
    own = person.pk in (line.person_id, line.filed_by_id)
    if desk.name == "check":
        if own:
            return _("自己的申报，由分管领导初核")
        return _("由分管领导初核") if line.by_leader else _("由科长初核")
    if own:
        return _("自己的申报，由别人核验")
    return _("您初核过，由另一人核验")


def _groups(rows: list[Row]) -> list[dict]:
    """Section by section; within it star by star, named where it changes."""

    def home(row):
        return row.line.home_id

    def star(row):
        return (row.rule.star.position if row.rule else 99, row.line.rule_code, row.line.pk)

    names = Section.objects.in_bulk({home(row) for row in rows} - {None})
    groups = []
    for place, found in groupby(rows, home):
        lines = sorted(found, key=star)
        stars = [row.rule.star if row.rule else None for row in lines]
        groups.append(
            {
                "section": names.get(place),
                "rows": [
                    (row, one if not at or one != stars[at - 1] else None)
                    for at, (row, one) in enumerate(zip(lines, stars, strict=True))
                ],
                "able": sum(row.may for row in lines),
            }
        )
    return groups


def _filters(desk: Desk, lines, asked, names) -> list[dict]:
    """Only what there is to choose from among the lines of this desk."""
    found = list(lines.order_by().values_list("home_id", "rule_code", "quarter").distinct())
    codes = {code for _place, code, _quarter in found}
    sections = Section.objects.filter(pk__in={place for place, _c, _q in found if place})
    rules = [rule for rule in names.all if rule.code in codes]
    stars = {rule.star_id: rule.star for rule in rules}
    states = [(state.value, state.label) for state in State if state != State.DRAFT]
    options = {
        "section": (_("科室"), [(str(one.pk), one.name) for one in sections]),
        "star": (_("星级"), [(key, spoken(one.name, key)) for key, one in stars.items()]),
        "rule": (_("规则"), [(rule.code, rule.title) for rule in rules]),
        "quarter": (
            _("季度"),
            [(q, declared.quarter_name(q)) for q in sorted({q for *_r, q in found}, reverse=True)],
        ),
        "state": (_("状态"), states),
    }
    return [
        {"name": name, "label": label, "options": choices, "chosen": asked[name]}
        for name, (label, choices) in options.items()
    ]


def _counts(desk: Desk, person, lines) -> dict:
    """What waits for this reader, for somebody else, and what is settled."""
    settled = Q(state__in=[State.CONFIRMED, State.REFUSED, State.RETURNED])
    passed = Q(state=State.CHECKED) if desk.name == "check" else Q(pk=None)
    counts = lines.order_by().aggregate(
        here=Count("pk", filter=Q(state=desk.state)), settled=Count("pk", filter=settled | passed)
    )
    mine = desk.waiting(person).count()
    return {"mine": mine, "others": counts["here"] - mine, "settled": counts["settled"]}


# --- The batch


def _decide(request, desk: Desk):
    """Each chosen line by itself: one that cannot be decided stops no other."""
    move = request.POST.get("move")
    reason = request.POST.get("reason" if move != "refuse" else "refuse_reason", "").strip()
    versions = _versions(request)
    back = f"{reverse(desk.route)}?{request.POST.get('query', '')[:600]}"
    if not versions:
        raise Refused(_("还没有选中任何一项。请先勾选再办理。"))
    if move == "pass":
        many = declarations.check_many if desk.name == "check" else declarations.verify_many
        done, refused = many(versions, by=request.user)
    elif move in ("return", "refuse"):
        if not reason:
            raise Refused(_("请写明理由，申报人要照着它改。"), field="reason")
        done, refused = _turn_down(move, versions, reason, by=request.user)
    else:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    request.session[OUTCOME] = {
        "desk": desk.name,
        "move": move,
        "done": list(done),
        "refused": {str(pk): str(why) for pk, why in refused.items()},
    }
    at = request.POST.get("at", "")
    return redirect(f"{back}&outcome=1" + (f"&at={at}" if at.isdecimal() else ""))


def _turn_down(move: str, versions: dict[int, int], reason: str, *, by):
    action = declarations.turn_back if move == "return" else declarations.refuse
    done, refused = [], {}
    for pk, version in sorted(versions.items()):
        try:
            with transaction.atomic():
                action(pk, version=version, reason=reason, by=by)
        except (Refused, PermissionDenied) as error:
            refused[pk] = str(error)
        except Declaration.DoesNotExist:
            refused[pk] = _("没有这条申报。")
        else:
            done.append(pk)
    return done, refused


def _versions(request) -> dict[int, int]:
    """The chosen lines, each with the version the reader saw."""
    versions = {}
    for text in request.POST.getlist("pick")[: 2 * PAGE]:
        pk, _colon, version = text.partition(":")
        if pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10:
            versions[int(pk)] = int(version)
    return versions


def _outcome(request, desk: Desk) -> dict | None:
    """What became of the batch just sent, line by line."""
    kept = request.session.get(OUTCOME)
    if "outcome" not in request.GET or not kept or kept["desk"] != desk.name:
        return None
    refused = {int(pk): why for pk, why in kept["refused"].items()}
    lines = (
        Declaration.objects.visible_to(request.user)
        .filter(pk__in=[*kept["done"], *refused])
        .select_related("person", "section")
        .in_bulk()
    )
    words = {"pass": desk.pass_word, "return": _("已退回补正"), "refuse": _("不予认定")}
    return {
        "word": words[kept["move"]],
        "done": [lines[pk] for pk in kept["done"] if pk in lines],
        "refused": [(lines[pk], why) for pk, why in refused.items() if pk in lines],
    }
