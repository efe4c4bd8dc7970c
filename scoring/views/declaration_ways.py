"""The tabs over every page of declarations: one's own, the section's, and the desks one sits at."""

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access
from scheme.models import Section
from scheme.roles import Role
from scoring import declaring


def ways(person, current: str) -> list[dict]:
    """`current`: mine, section:<pk>, check, verify or windows."""
    found = []

    def way(key, label, route, *args, count=None):
        url = reverse(f"scoring:{route}", args=args)
        found.append({"label": label, "url": url, "current": key == current, "count": count})

    way("mine", _("我的申报"), "declaration_mine")
    held = {*access.places(person, Role.CHIEF), *access.places(person, Role.MEMBER)}
    for section in Section.objects.filter(pk__in=held):
        label = _("%(name)s的申报") % {"name": section.name}
        way(f"section:{section.pk}", label, "declaration_section", section.pk)
    if access.can(person, "declaration.open_checks"):
        count = declaring.to_check_by(person).count()
        way("check", _("初核"), "declaration_check_list", count=count)
    if access.can(person, "declaration.verify"):
        count = declaring.to_verify_by(person).count()
        way("verify", _("核验"), "declaration_verify_list", count=count)
    if access.can(person, "declaration.window"):
        way("windows", _("申报窗口"), "declaration_windows")
    return found
