from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .writing import Level


class Promotion(models.Model):
    """An innovation taken up elsewhere (创新推广), and at which level."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    promoted_on = models.DateField(_("推广日期"))
    project = models.CharField(_("项目"), max_length=500)
    # The project reduced to letters and digits: the same one promoted again.
    project_key = models.TextField(editable=False, blank=True)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices)
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("创新推广")
        ordering = ["-promoted_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~Q(mark=""), name="promotion_read_once"
            )
        ]
        indexes = [models.Index(fields=["unit", "promoted_on"], name="promotion_by_unit_and_day")]

    def __str__(self):
        return self.project

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id)


class PromotionCredit(models.Model):
    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="credits")
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("署名")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="promotion_credit_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["promotion", "person", "section"],
                nulls_distinct=False,
                name="promotion_credited_once",
            ),
        ]

    def __str__(self):
        return str(self.person or self.section)
