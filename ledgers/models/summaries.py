from django.db import models
from django.utils.translation import gettext_lazy as _

from ledgers.sheet_querysets import SummaryQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .reports import Grade


class MonthlySummary(models.Model):
    """A section's month (一月一结) and the grade it was given by the leader in charge."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待评")
        RETURNED = "returned", _("退回补正")
        GRADED = "graded", _("已评")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    month = models.DateField(_("月份"), help_text=_("当月1日"))
    grade = models.CharField(_("等次"), max_length=5, choices=Grade.choices, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.GRADED)
    filed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("填报人")
    )
    filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    graded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("评定人")
    )
    graded_at = models.DateTimeField(_("评定时间"), null=True, blank=True)
    comment = models.CharField(_("评语"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    # The row of the workbook; of two facts of one day the upper one comes first.
    row = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("一月一结")
        ordering = ["-month", "section"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "month"],
                name="one_summary_a_section_a_month",
                violation_error_message=_("这个科室这个月已有月结。"),
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="summary_month_is_its_first_day"
            ),
            models.CheckConstraint(
                condition=models.Q(grade="") | models.Q(state="graded"),
                name="summary_graded_only_when_judged",
            ),
            models.CheckConstraint(
                condition=~models.Q(graded_by=models.F("filed_by")),
                name="summary_graded_by_another",
                violation_error_message=_("不能评自己填报的月结。"),
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.month:%Y-%m}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, section_id=self.section_id, state=self.state)
