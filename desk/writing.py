"""What of writing, projects and promotions waits on the desk: rows to verify, rows to mend."""

from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task
from ledgers.filed import FILED, RETURNED
from ledgers.models import Innovation, Promotion, PromotionCredit, WritingCredit, WritingItem
from scheme import access

MOST = 5


def waiting(person) -> list[Task]:
    """What this person may verify now: neither filed by them nor credited to them. One query."""
    writes = access.can(person, "writing.verify")
    registers = access.can(person, "innovation.verify")
    parts = []
    if writes:
        parts.append(_open(WritingItem, person, Exists(_own(WritingCredit, "item", person))))
    if registers:
        takes_part = Innovation.people.through.objects.filter(
            innovation=OuterRef("pk"), staff=person
        )
        parts.append(_open(Innovation, person, Exists(takes_part)))
        own = Exists(_own(PromotionCredit, "promotion", person))
        parts.append(_open(Promotion, person, own))
    if not parts:
        return []
    found = [label for label, _pk in parts[0].union(*parts[1:], all=True)]
    return [_verify(told, found.count(told.label)) for told in _DESKS if told.label in found]


def _own(model, row: str, person) -> QuerySet:
    return model.objects.filter(person=person, **{row: OuterRef("pk")})


def _open(model, person, own: Exists) -> QuerySet:
    rows = model.objects.filter(unit_id=person.unit_id, state=FILED).exclude(filed_by=person)
    label = Value(model._meta.model_name)
    return rows.filter(~own).order_by().values_list(label, "pk")


class _Desk(NamedTuple):
    """Where rows of one ledger wait, and what they are called."""

    label: str
    title: Callable[[int], str]
    note: Callable[[], str]
    url: Callable[[], str]
    act: Callable[[], str]


_DESKS = (
    _Desk(
        "writingitem",
        lambda n: ngettext("%(n)s篇采用待核实", "%(n)s篇采用待核实", n) % {"n": n},
        lambda: _("对照证明，一屏成批办"),
        lambda: reverse("ledgers:writing_verify_list"),
        lambda: _("去核实"),
    ),
    _Desk(
        "innovation",
        lambda n: ngettext("%(n)s个创新项目待登记", "%(n)s个创新项目待登记", n) % {"n": n},
        lambda: _("看是不是新做法，登记时编号"),
        lambda: reverse("ledgers:innovation_list") + "?state=filed",
        lambda: _("去登记"),
    ),
    _Desk(
        "promotion",
        lambda n: ngettext("%(n)s次推广待核实", "%(n)s次推广待核实", n) % {"n": n},
        lambda: _("对照发文或证明，核实后计分"),
        lambda: reverse("ledgers:promotion_list") + "?state=filed",
        lambda: _("去核实"),
    ),
)


def _verify(desk: _Desk, count: int) -> Task:
    return Task("warn", _("待核实"), desk.title(count), desk.note(), desk.url(), desk.act())


_EDITS = {
    "writingitem": "ledgers:writing_edit",
    "innovation": "ledgers:innovation_edit",
    "promotion": "ledgers:promotion_edit",
}


def returned(person) -> list[Task]:
    """Rows sent back to the one who filed them. One query."""
    parts = [
        model.objects.filter(filed_by=person, state=RETURNED)
        .order_by()
        .values_list(Value(model._meta.model_name), "pk", title)
        for model, title in (
            (WritingItem, "title"),
            (Innovation, "title"),
            (Promotion, "project"),
        )
    ]
    words = {
        "writingitem": _("采用：%(title)s"),
        "innovation": _("创新项目：%(title)s"),
        "promotion": _("推广：%(title)s"),
    }
    return [
        Task(
            kind="bad",
            word=_("退回补正"),
            title=words[label] % {"title": Truncator(title).chars(24)},
            note=_("照退回的理由改好再报，核实后才计分"),
            url=reverse(_EDITS[label], args=[pk]),
            act=_("去补正"),
        )
        for label, pk, title in parts[0].union(*parts[1:], all=True)[:MOST]
    ]
