from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from scheme.offices import OF_A_BRANCH, OF_A_SECTION, OF_THE_UNIT, Office

from .organisation import Branch, Section
from .staff import DatedMembership


class Appointment(DatedMembership):
    """An office held for a time. Powers are read from here for the day of the act."""

    office = models.CharField(_("职责"), max_length=20, choices=Office.choices)
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("党支部")
    )
    title = models.CharField(_("名称"), max_length=60, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ["office", "start_on"]
        indexes = [models.Index(fields=["staff", "start_on"], name="appointment_by_person_and_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(office__in=OF_A_SECTION, section__isnull=False, branch=None)
                | Q(office__in=OF_A_BRANCH, section=None, branch__isnull=False)
                | Q(office__in=OF_THE_UNIT, section=None, branch=None),
                name="appointment_names_its_place",
                violation_error_message=_("科室职务须选科室，支部职务须选支部，其余都不选。"),
            ),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gt=F("start_on")),
                name="appointment_ends_after_start",
                violation_error_message=_("止日须晚于起日。"),
            ),
            models.UniqueConstraint(
                fields=["staff", "office", "section", "branch", "start_on"],
                nulls_distinct=False,
                name="appointment_recorded_once",
                violation_error_message=_("这一任职已经登记过。"),
            ),
        ]

    def __str__(self):
        return f"{self.staff} {self.get_office_display()}"
