"""What of declarations waits on the desk: lines to check, to verify, and to mend."""

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task
from scoring import declaring
from scoring.models import Declaration


def waiting(person) -> list[Task]:
    """Lines to check first, and lines to verify."""
    tasks = []
    if count := declaring.to_check_by(person).count():
        tasks.append(
            Task(
                "warn",
                _("待初核"),
                ngettext("%(n)s项申报待初核", "%(n)s项申报待初核", count) % {"n": count},
                _("看事项是否属实、材料是否齐全，可以成批办"),
                reverse("scoring:declaration_check_list"),
                _("去初核"),
            )
        )
    if count := declaring.to_verify_by(person).count():
        tasks.append(
            Task(
                "warn",
                _("待核验"),
                ngettext("%(n)s项申报待核验", "%(n)s项申报待核验", count) % {"n": count},
                _("对照文件核验，通过后系统记分"),
                reverse("scoring:declaration_verify_list"),
                _("去核验"),
            )
        )
    return tasks


def returned(person) -> list[Task]:
    """Lines sent back to the one who filed them."""
    rows = Declaration.objects.filter(filed_by=person, state=Declaration.State.RETURNED)
    return [
        Task(
            kind="bad",
            word=_("退回补正"),
            title=_("申报：%(matter)s") % {"matter": Truncator(line.matter).chars(24)},
            note=_("改好再送初核，核验通过才记分"),
            url=reverse("scoring:declaration_edit", args=[line.pk]),
            act=_("去补正"),
        )
        for line in rows.order_by("-pk")[:5]
    ]
