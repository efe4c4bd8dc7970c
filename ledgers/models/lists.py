from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .tasks import Task


class MonthlyList(models.Model):
    """A section's tasks of a month (一清单): drawn from the ledger, issued, signed for."""

    class State(models.TextChoices):
        DRAFT = "draft", _("待下发")
        ISSUED = "issued", _("已下发")
        SIGNED = "signed", _("已签收")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    month = models.DateField(_("月份"), help_text=_("当月1日"))
    state = models.CharField(_("状态"), max_length=6, choices=State.choices, default=State.DRAFT)
    drawn_at = models.DateTimeField(_("生成时间"))
    issued_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("下发人")
    )
    issued_at = models.DateTimeField(_("下发时间"), null=True, blank=True)
    signed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签收人")
    )
    signed_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("月度任务清单")
        ordering = ["-month", "section"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "month"], name="one_task_list_a_section_a_month"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="task_list_month_is_its_first_day"
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.month:%Y-%m}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, section_id=self.section_id, state=self.state)


class MonthlyListLine(models.Model):
    """A task as the month's list says it: its ledger number, and what is due by when."""

    list = models.ForeignKey(MonthlyList, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    task = models.ForeignKey(Task, models.PROTECT, related_name="+")
    number = models.CharField(_("编号"), max_length=60)
    title = models.CharField(_("任务"), max_length=500)
    demand = models.CharField(_("本月要求"), max_length=500, blank=True)
    due_on = models.DateField(_("时限"))
    leads = models.BooleanField(_("牵头"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("清单条目")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["list", "task"], name="listed_once_a_month")]

    def __str__(self):
        return f"{self.number} {self.title}"
