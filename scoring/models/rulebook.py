from datetime import time
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from ledgers.models import CreditRole, Level, PointEntry
from scheme.access import Anchor
from scheme.models import Staff, Star, Unit
from scoring.querysets import RuleBookQuerySet


class RuleBook(models.Model):
    """A version of a unit's rules: draft → approved by a second person → sealed by its first use
    → retired. Retired unused it prices nothing; retired after use it goes on pricing its own days
    (`RuleBookQuerySet.holding`).

    `digest` is the SHA-256 of its canonical text, taken at approval; it stands on every scorecard.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草案")
        APPROVED = "approved", _("已批准")
        RETIRED = "retired", _("已停用")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    version = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("名称"), max_length=100)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    bonus_cap = models.DecimalField(
        _("加分总上限"), max_digits=7, decimal_places=2, default=Decimal(20)
    )
    report_cutoff = models.TimeField(_("日报截止"), default=time(10, 0))
    backfill_days = models.PositiveSmallIntegerField(_("补报天数"), default=7)
    talk_min_ratings = models.PositiveSmallIntegerField(_("讲课最少评分人数"), default=5)
    talk_good_line = models.DecimalField(
        _("讲课良好线"), max_digits=5, decimal_places=2, default=Decimal(90)
    )
    proposed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("拟订人")
    )
    proposed_at = models.DateTimeField(_("拟订时间"))
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    in_force_from = models.DateField(_("施行日期"), null=True, blank=True)
    sealed_at = models.DateTimeField(_("封存时间"), null=True, blank=True)
    digest = models.CharField(_("校验值"), max_length=64, blank=True)
    # A draft sent back stays a draft; it cannot be approved before it is handed in again.
    returned_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("退回人")
    )
    returned_at = models.DateTimeField(_("退回时间"), null=True, blank=True)
    return_reason = models.CharField(_("退回理由"), max_length=500, blank=True)
    retired_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("停用人")
    )
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    retire_reason = models.CharField(_("停用理由"), max_length=500, blank=True)

    objects = RuleBookQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("积分细则")
        ordering = ["unit", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "version"], name="rule_book_version_once"),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at=None, approved_by=None, in_force_from=None)
                | ~Q(state="draft")
                & Q(approved_at__isnull=False, approved_by__isnull=False)
                & Q(in_force_from__isnull=False)
                & ~Q(digest=""),
                name="rule_book_approved_has_its_signature",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="rule_book_approved_by_another",
                violation_error_message=_("拟订人不能批准自己拟订的细则。"),
            ),
            models.CheckConstraint(
                condition=Q(sealed_at=None) | ~Q(state="draft"),
                name="rule_book_draft_is_not_sealed",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_by=None, return_reason="")
                | Q(returned_at__isnull=False, returned_by__isnull=False, state="draft")
                & ~Q(return_reason=""),
                name="rule_book_returned_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="retired")
                & Q(retired_at=None, retired_by=None, retire_reason="")
                | Q(state="retired", retired_at__isnull=False, retired_by__isnull=False)
                & ~Q(retire_reason=""),
                name="rule_book_retired_with_a_reason",
            ),
        ]

    def __str__(self):
        return _("%(title)s 第%(version)s版") % {"title": self.title, "version": self.version}

    def anchor(self, section_id: int | None = None) -> Anchor:
        """`section_id`: the personnel office's own section, whose leader in charge approves."""
        return Anchor(self.unit_id, section_id=section_id, state=self.state)


class SubjectKind(models.TextChoices):
    PERSON = "person", _("个人")
    SECTION = "section", _("科室")


class Trigger(models.TextChoices):
    """What kind of work fact a rule prices."""

    BASE = "base", _("基础")
    REPORT_MISSING = "report_missing", _("日报缺报")
    REPORT_LATE = "report_late", _("日报迟报")
    REPORT_GOOD = "report_good", _("日报评好")
    REPORT_POOR = "report_poor", _("日报评差")
    SUMMARY_GOOD = "summary_good", _("月结评好")
    STUDY_MISSED = "study_missed", _("学习缺席")
    TALK_GOOD = "talk_good", _("讲课良好")
    ADOPTED = "adopted", _("信息采用")
    TASK_DONE = "task_done", _("任务办结")
    TASK_OVERDUE = "task_overdue", _("任务逾期")
    TASK_RETURNED = "task_returned", _("任务退回")
    NAMED = "named", _("通报点名")
    PROMOTED = "promoted", _("创新推广")
    DECLARED = "declared", _("申报")


class Stacking(models.TextChoices):
    ALL = "all", _("累加")
    HIGHEST = "highest", _("取最高")
    FIRST_FULL = "first_full", _("首次减半")


class Rule(models.Model):
    """One rule (编号): what it prices and how its entries are stacked and capped. Caps bound the
    absolute value; empty means unbounded."""

    book = models.ForeignKey(RuleBook, models.CASCADE, related_name="rules", verbose_name=_("细则"))
    code = models.CharField(_("编号"), max_length=30)
    kind = models.CharField(_("类别"), max_length=9, choices=PointEntry.Kind.choices)
    subject = models.CharField(_("对象"), max_length=7, choices=SubjectKind.choices)
    star = models.ForeignKey(Star, models.PROTECT, related_name="+", verbose_name=_("星级"))
    title = models.CharField(_("事项"), max_length=100)
    trigger = models.CharField(_("触发"), max_length=14, choices=Trigger.choices)
    cap_item = models.DecimalField(
        _("单项上限"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    cap_quarter = models.DecimalField(
        _("每季上限"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    cap_half = models.DecimalField(
        _("每期上限"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    stacking = models.CharField(
        _("叠加"), max_length=10, choices=Stacking.choices, default=Stacking.ALL
    )
    position = models.PositiveSmallIntegerField(_("顺序"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("规则")
        ordering = ["book", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="rule_code_once_in_a_book"),
            models.CheckConstraint(
                condition=(Q(cap_item=None) | Q(cap_item__gt=0))
                & (Q(cap_quarter=None) | Q(cap_quarter__gt=0))
                & (Q(cap_half=None) | Q(cap_half__gt=0)),
                name="rule_caps_are_positive",
                violation_error_message=_("上限按绝对值填，须大于零；不设上限就空着。"),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"


class Tier(models.Model):
    """One row of the table: the points of a rule for a level and a role. Empty fits any."""

    Level = Level
    Part = CreditRole

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="tiers", verbose_name=_("规则"))
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices, blank=True)
    role = models.CharField(_("角色"), max_length=5, choices=Part.choices, blank=True)
    points = models.DecimalField(_("分值"), max_digits=7, decimal_places=2)
    enabled = models.BooleanField(_("启用"), default=True)
    clause = models.CharField(_("依据"), max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(_("顺序"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("分值档")
        ordering = ["rule", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(points=0),
                name="tier_points_not_zero",
                violation_error_message=_("零分等于没有这一条。"),
            )
        ]

    def __str__(self):
        return f"{self.rule.code} {self.get_level_display()}{self.get_role_display()} {self.points}"
