"""Telling the personnel office that a clause its scoring rules rest on has changed."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices
from scheme.access import require
from scheme.models import Appointment, RegulationVersion, Staff
from scheme.offices import Office
from scheme.templatetags.look import listed
from scoring import citations
from scoring.models import RuleBook


@transaction.atomic
def warn(pk: int, *, by: Staff) -> list[citations.Use]:
    """What of the rule book in force an approved version changes or takes away, from its day on."""
    version = RegulationVersion.objects.select_related("regulation__unit").get(pk=pk)
    require(by, "regulation.read", version.regulation.anchor())
    book = RuleBook.objects.in_force(version.regulation.unit, clock.today())
    found = citations.uses(book, max(clock.today(), version.effective_on or clock.today()))
    touched = [
        one
        for one in citations.broken(found)
        # A clause that never was there is no news of this version.
        if one.found.clause and one.found.regulation == version.regulation
    ]
    if touched:
        held = Appointment.objects.on(clock.today()).filter(
            office=Office.PERSONNEL_OFFICE, staff__unit=version.regulation.unit, staff__left_on=None
        )
        notices.tell_all(
            Staff.objects.filter(pk__in=held.values("staff")),
            f"citations:{version.pk}",
            lambda: (
                _("%(title)s有变化，积分细则引用的%(clauses)s请核对。")
                % {
                    "title": version.regulation,
                    "clauses": listed([one.found.clause.label for one in touched][:5]),
                }
            ),
            url=reverse("scoring:regulation_citations"),
            icon="exclamation-triangle",
        )
    return touched
