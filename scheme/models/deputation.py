from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from scheme.offices import Office
from scheme.querysets import DatedQuerySet

from .organisation import Section, Unit
from .staff import Staff


class DeputationQuerySet(DatedQuerySet):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def to_come(self, day):
        """Those that hold that day and those that will."""
        return self.filter(end_on__gt=Greatest(Value(day), F("start_on")))


def _span():
    return Func(
        F("start_on"), F("end_on"), Value("[)"), function="daterange", output_field=DateRangeField()
    )


class Deputation(models.Model):
    """Who stands in for an absent chief or leader in charge of one section (代理).

    From `start_on` until the day before `end_on`. Ended before it began, it was never held: then
    both are the same day.
    """

    STOOD_IN_FOR = (Office.SECTION_CHIEF, Office.LEADER_IN_CHARGE)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    principal = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("被代理人")
    )
    office = models.CharField(_("职责"), max_length=20, choices=Office.choices)
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    deputy = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("代理人"))
    start_on = models.DateField(_("起"))
    end_on = models.DateField(_("止（不含）"))
    named_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("指定人"))
    named_at = models.DateTimeField(_("指定时间"))
    ended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = DeputationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("代理")
        ordering = ["start_on", "pk"]
        indexes = [models.Index(fields=["deputy", "start_on"], name="deputation_by_deputy")]
        constraints = [
            models.CheckConstraint(
                condition=Q(office__in=[Office.SECTION_CHIEF, Office.LEADER_IN_CHARGE]),
                name="deputation_of_a_chief_or_leader",
            ),
            models.CheckConstraint(
                condition=~Q(deputy=F("principal")),
                name="deputation_not_of_oneself",
                violation_error_message=_("不能代理自己。"),
            ),
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="deputation_ends_after_start",
                violation_error_message=_("止日须晚于起日。"),
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None)
                | Q(ended_by__isnull=False, ended_at__isnull=False),
                name="deputation_ended_at_and_by_in_a_pair",
            ),
            ExclusionConstraint(
                name="one_deputy_at_a_time",
                expressions=[
                    ("principal", RangeOperators.EQUAL),
                    ("office", RangeOperators.EQUAL),
                    ("section", RangeOperators.EQUAL),
                    (_span(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("这几天已经指定了代理人。"),
            ),
        ]

    def __str__(self):
        return f"{self.deputy}（代{self.principal}）"
