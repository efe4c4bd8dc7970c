from datetime import time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import DailyReportQuerySet, ReportPolicyQuerySet
from scheme.access import Anchor
from scheme.models import Staff, Unit


class ReportPolicy(models.Model):
    """Until when a report is on time, and how long it may be back-filled; in force from a day.

    Written when a rule book comes into force (its sheet 参数), so that filing and counting can
    never disagree. Rows are added, not changed.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    in_force_from = models.DateField(_("生效日期"))
    cutoff = models.TimeField(_("日报截止"), default=time(10, 0))
    backfill_days = models.PositiveSmallIntegerField(_("补报天数"), default=7)

    objects = ReportPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("日报时限")
        ordering = ["-in_force_from", "-pk"]

    def __str__(self):
        return f"{self.cutoff:%H:%M}, {self.backfill_days}"


class Grade(models.TextChoices):
    GOOD = "good", _("好")
    FAIR = "fair", _("较好")
    PLAIN = "plain", _("一般")
    POOR = "poor", _("较差")


class DailyReport(models.Model):
    """One person's one day. Frozen once accepted; what it said before stands in its events.

    `first_filed_at` decides whether it was in time: a report sent back and mended stays as
    punctual as it was.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待阅")
        RETURNED = "returned", _("退回补正")
        ACCEPTED = "accepted", _("已阅")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    author = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("报告人"))
    day = models.DateField(_("日期"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    open_matters = models.TextField(_("没做完、要协调的"), blank=True, max_length=1000)
    plan = models.TextField(_("明天做什么"), blank=True, max_length=1000)
    first_filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    filed_at = models.DateTimeField(_("最近报送"), null=True, blank=True)
    grade = models.CharField(_("等次"), max_length=5, choices=Grade.choices, blank=True)
    comment = models.CharField(_("评语"), max_length=200, blank=True)
    reviewed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批阅人")
    )
    reviewed_at = models.DateTimeField(_("批阅时间"), null=True, blank=True)
    # Brought in from a workbook, where the reviewer's name is not known, and not touched since by
    # its author: a later workbook may correct it.
    imported = models.BooleanField(_("导入"), default=False)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(_("草稿存于"))

    objects = DailyReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("日报")
        ordering = ["-day", "author"]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "day"],
                name="one_report_a_person_a_day",
                violation_error_message=_("这一天已经有日报了。"),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", filed_at=None, first_filed_at=None)
                | ~Q(state="draft") & Q(filed_at__isnull=False, first_filed_at__isnull=False),
                name="report_filed_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False) & (Q(reviewed_by__isnull=False) | Q(imported=True)),
                name="report_reviewed_at_and_by_in_a_pair",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("author")),
                name="report_not_reviewed_by_its_author",
                violation_error_message=_("不能批阅自己的日报。"),
            ),
            models.CheckConstraint(
                condition=Q(grade="") | Q(state="accepted"),
                name="report_graded_only_when_accepted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "day", "author"],
                include=["first_filed_at", "grade", "state"],
                name="report_by_unit_and_day",
            )
        ]

    def __str__(self):
        return f"{self.author} {self.day}"

    def anchor(self) -> Anchor:
        """Whose it is. The section is that of the report's day (annotated by `with_section`)."""
        section_id = getattr(self, "section_id", None)
        if section_id is None:
            found = DailyReport.objects.filter(pk=self.pk).with_section().values_list("section_id")
            section_id = found[0][0] if found else None
        return Anchor(self.unit_id, self.author_id, section_id, state=self.state)


class ReportLine(models.Model):
    """One thing done. Lines of a report that may still change are replaced, not edited."""

    report = models.ForeignKey(DailyReport, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("内容"), max_length=500)
    done = models.BooleanField(_("已完成"), default=True)
    # By name, not by class: the ledger of tasks links back to reports.
    task = models.ForeignKey(
        "ledgers.Task",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("任务"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("日报条目")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_line_in_its_place")
        ]

    def __str__(self):
        return self.text


class ReportEvent(models.Model):
    """What happened to a report: filed (with its full text), returned, accepted; corrected by a
    later workbook (with what it said before). Append-only."""

    class Kind(models.TextChoices):
        FILED = "filed", _("报送")
        RETURNED = "returned", _("退回补正")
        ACCEPTED = "accepted", _("评定")
        CORRECTED = "corrected", _("台账更正")
        UNLOCKED = "unlocked", _("解锁")

    report = models.ForeignKey(DailyReport, models.PROTECT, related_name="events")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # Whom a deputy acted for.
    on_behalf_of = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # The reviewer's reason or comment, or the author's answer to a return.
    text = models.CharField(max_length=200, blank=True)
    grade = models.CharField(max_length=5, choices=Grade.choices, blank=True)
    body = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("日报经过")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="report_event_in_order")
        ]

    def __str__(self):
        return f"{self.report} {self.kind}"
