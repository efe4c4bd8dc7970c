"""What stands around every page: the places one may go, unread notices, the demo's bar."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access
from scheme.models import Notice
from scheme.roles import Role


class Place(NamedTuple):
    label: str
    url: str
    icon: str
    current: bool


# label, icon, route, who (empty: everybody of a unit), routes that belong to it
_PLACES = (
    (gettext_lazy("工作台"), "home", "desk:home", (), ("desk:",)),
    (
        gettext_lazy("日报"),
        "pencil-square",
        "ledgers:report_today",
        (Role.MEMBER,),
        ("ledgers:report",),
    ),
    (
        gettext_lazy("批阅"),
        "book-open",
        "ledgers:review",
        (Role.CHIEF, Role.LEADER),
        ("ledgers:review",),
    ),
    (
        gettext_lazy("台账"),
        "rectangle-stack",
        "ledgers:hub",
        (),
        ("ledgers:", "scoring:regulation"),
    ),
    (
        gettext_lazy("申报"),
        "document-plus",
        "scoring:declaration_mine",
        (Role.MEMBER, Role.LEADER, Role.PERSONNEL),
        ("scoring:declaration",),
    ),
    (gettext_lazy("积分"), "chart-bar", "scoring:points_mine", (), ("scoring:",)),
    (gettext_lazy("评星"), "star", "stars:round_list", (), ("stars:",)),
    (
        gettext_lazy("办公"),
        "briefcase",
        "desk:office",
        (Role.PERSONNEL,),
        ("desk:office", "roster", "scoring:facts"),
    ),
)


def shell(request):
    """For templates of signed-in people; empty for everybody else."""
    person = getattr(request, "user", None)
    shown = {"nav": [], "unread": 0, "demo": _demo_bar(request)}
    if person is None or not person.is_authenticated or person.must_change_password:
        return shown
    if person.administrator:
        shown["nav"] = [Place(_("管理"), reverse("admin:index"), "cog-6-tooth", False)]
        return shown
    here = request.resolver_match.view_name if request.resolver_match else ""
    held = {power.role for power in access.powers(person)}
    places = [
        (label, icon, route, belonging)
        for label, icon, route, roles, belonging in _PLACES
        if not roles or held & set(roles)
    ]
    current = _current(places, here)
    shown["nav"] = [
        Place(label, reverse(route), icon, route == current) for label, icon, route, _b in places
    ]
    shown["unread"] = Notice.objects.filter(to=person, read_at=None).count()
    return shown


def _current(places, here: str) -> str:
    """The place whose longest mark the present route carries."""
    found = [
        (len(mark), route)
        for _label, _icon, route, belonging in places
        for mark in belonging
        if mark in here
    ]
    return max(found)[1] if found else ""


def _demo_bar(request):
    if not settings.DEMO:
        return None
    links = [{"label": _("接着演示"), "url": reverse("desk:demo")}]
    return {"text": _("演示：人员和数字都是虚构的。"), "links": links}
