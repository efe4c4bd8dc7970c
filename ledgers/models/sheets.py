"""Sheets drafted from what is known: 周例会 and 年终述职 (一月一结 stands in summaries.py), and the
lines of all three, each linked with what it was drawn from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.sheet_querysets import SectionSheetQuerySet, WorkReportQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .innovation import Promotion
from .reports import DailyReport
from .summaries import MonthlySummary
from .supervision import Progress
from .tasks import Task
from .writing import WritingItem


class WeeklySheet(models.Model):
    """A section's sheet for the weekly meeting (周例会)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("已报")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    # The Monday of the week that is reported.
    week = models.DateField(_("周"), help_text=_("当周周一"))
    state = models.CharField(_("状态"), max_length=5, choices=State.choices, default=State.DRAFT)
    filed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("填报人")
    )
    filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    drafted_at = models.DateTimeField(_("起草时间"))

    objects = SectionSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("周例会表")
        ordering = ["-week", "section"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "week"], name="one_weekly_sheet_a_section_a_week"
            ),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="week_is_its_monday"),
        ]

    def __str__(self):
        return f"{self.section} {self.week}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, section_id=self.section_id, state=self.state)


class WorkReport(models.Model):
    """A person's year (年终述职), drafted from the ledgers and told in the person's own words."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("已报")
        RETURNED = "returned", _("退回补正")
        RECEIVED = "received", _("已收")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("述职人"))
    year = models.PositiveSmallIntegerField(_("年度"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    received_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("收件人")
    )
    received_at = models.DateTimeField(_("收到时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    drafted_at = models.DateTimeField(_("起草时间"))

    objects = WorkReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("年终述职")
        ordering = ["-year", "person"]
        constraints = [
            models.UniqueConstraint(fields=["person", "year"], name="one_work_report_a_year"),
            models.CheckConstraint(
                condition=~Q(received_by=models.F("person")),
                name="work_report_not_received_by_its_author",
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.year}"

    def anchor(self) -> Anchor:
        """The person's, and of the section the person is in today: who receives it sits there."""
        section_id = getattr(self, "section_id", None)
        if section_id is None:
            found = WorkReport.objects.filter(pk=self.pk).with_section().values_list("section_id")
            section_id = found[0][0] if found else None
        return Anchor(self.unit_id, self.person_id, section_id, state=self.state)


class SheetLine(models.Model):
    """A line of a weekly sheet, a monthly summary or a work report."""

    class Part(models.TextChoices):
        DONE = "done", _("完成情况")
        OPEN = "open", _("未完成事项及原因")
        PLAN = "plan", _("下步安排")
        HELP = "help", _("需协调解决的问题")
        FACT = "fact", _("台账事实")

    weekly = models.ForeignKey(WeeklySheet, models.CASCADE, null=True, related_name="lines")
    summary = models.ForeignKey(MonthlySummary, models.CASCADE, null=True, related_name="lines")
    work_report = models.ForeignKey(WorkReport, models.CASCADE, null=True, related_name="lines")
    part = models.CharField(_("栏目"), max_length=4, choices=Part.choices)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("内容"), max_length=1000)
    # Who answers for it (责任人), by value: a sheet is read long after people have moved.
    people = models.CharField(_("责任人"), max_length=200, blank=True)
    # Struck from the sheet, kept for its sources: drawn once, it is not drawn again.
    dropped = models.BooleanField(_("不用"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("表内条目")
        ordering = ["part", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly__isnull=False, summary=None, work_report=None)
                | Q(weekly=None, summary__isnull=False, work_report=None)
                | Q(weekly=None, summary=None, work_report__isnull=False),
                name="sheet_line_is_of_one_sheet",
            )
        ]

    def __str__(self):
        return self.text[:40]


class LineSource(models.Model):
    """What a line was drawn from: a day's report (about a task), a task, progress reported on one,
    an adopted item, a promotion."""

    line = models.ForeignKey(SheetLine, models.CASCADE, related_name="sources")
    report = models.ForeignKey(DailyReport, models.PROTECT, null=True, related_name="+")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="+")
    writing = models.ForeignKey(WritingItem, models.PROTECT, null=True, related_name="+")
    promotion = models.ForeignKey(Promotion, models.PROTECT, null=True, related_name="+")
    progress = models.ForeignKey(Progress, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("条目来源")
        constraints = [
            models.UniqueConstraint(
                fields=["line", "report", "task", "writing", "promotion", "progress"],
                nulls_distinct=False,
                name="line_source_once",
            )
        ]

    def __str__(self):
        return f"{self.line_id}"
