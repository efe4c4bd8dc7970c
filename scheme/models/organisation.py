from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from scheme.querysets import UnitScopedQuerySet


class Unit(models.Model):
    """A department. Several live in one installation and never see each other."""

    name = models.CharField(_("名称"), max_length=100, unique=True)
    short_name = models.CharField(_("简称"), max_length=30, blank=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    history = HistoricalRecords(excluded_fields=["created_at"])

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Group(models.Model):
    """What a section and a branch have in common: a name within a unit and a place in the list."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("名称"), max_length=60)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)
    closed_on = models.DateField(_("撤销日期"), null=True, blank=True)

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class Section(Group):
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("科室")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                name="section_named_once_in_a_unit",
                violation_error_message=_("本单位已有同名科室。"),
            )
        ]


class Branch(Group):
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("党支部")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                name="branch_named_once_in_a_unit",
                violation_error_message=_("本单位已有同名党支部。"),
            )
        ]
