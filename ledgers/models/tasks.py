from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .plans import PlanItem


class Task(models.Model):
    """A key task of the ledger (重点任务): who leads it, who handles it, and until when.

    Proposed, approved by the leader in charge, assigned, signed for, worked on, reported done,
    reviewed, closed with a leader's approval, struck off (handbook of supervision: 立项 交办 签收
    承办 反馈 审核 办结 销号). What a workbook brings is under way, or closed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待批")
        RETURNED = "returned", _("退回补正")
        APPROVED = "approved", _("已立项")
        ASSIGNED = "assigned", _("已交办")
        RECEIVED = "received", _("承办中")
        REPORTED = "reported", _("报结待审")
        REVIEWED = "reviewed", _("待批准办结")
        CLOSED = "closed", _("办结")
        STRUCK = "struck", _("销号")
        SUSPENDED = "suspended", _("暂停")
        CANCELLED = "cancelled", _("取消")

    # Not yet a task of the ledger, or no more: nothing of it counts.
    UNCOUNTED = (State.DRAFT, State.FILED, State.RETURNED, State.CANCELLED)
    # Somebody is at work on it.
    UNDER_WAY = (State.ASSIGNED, State.RECEIVED, State.REPORTED, State.REVIEWED)

    class Urgency(models.TextChoices):
        NORMAL = "normal", pgettext_lazy("紧急程度", "一般")
        IMPORTANT = "important", _("重要")
        URGENT = "urgent", _("紧急")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    number = models.CharField(_("编号"), max_length=60)
    title = models.CharField(_("任务"), max_length=500)
    lead = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("牵头科室"))
    supporting = models.ManyToManyField(
        Section, related_name="+", blank=True, verbose_name=_("配合科室")
    )
    difficulty = models.PositiveSmallIntegerField(
        _("难度"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    due_on = models.DateField(_("期限"))
    extended_to = models.DateField(_("延期至"), null=True, blank=True)
    extension_granted_on = models.DateField(_("延期批准日期"), null=True, blank=True)
    closed_on = models.DateField(_("办结日期"), null=True, blank=True)
    # A new date a leader set after the deadline had passed: for the work, not for the points.
    replanned_to = models.DateField(_("重新明确的时限"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.RECEIVED)
    item = models.ForeignKey(
        PlanItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("要点条目"),
    )
    source = models.CharField(_("任务来源（依据）"), max_length=200, blank=True)
    measures = models.TextField(_("具体举措"), blank=True, max_length=2000)
    leader = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("牵头领导")
    )
    urgency = models.CharField(
        _("紧急程度"), max_length=9, choices=Urgency.choices, default=Urgency.NORMAL
    )
    start_on = models.DateField(_("开始日期"), null=True, blank=True)
    # The latest of its progress rows, kept here for lists and lights.
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    progress_on = models.DateField(_("最近报进度"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提出人")
    )
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    approved_at = models.DateTimeField(_("立项时间"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("交办时间"), null=True, blank=True)
    received_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签收人")
    )
    received_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    reported_at = models.DateTimeField(_("报结时间"), null=True, blank=True)
    struck_at = models.DateTimeField(_("销号时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    row = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("重点任务")
        ordering = ["unit", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "number"],
                name="task_number_once_in_a_unit",
                violation_error_message=_("台账里已有这个编号。"),
            ),
            models.CheckConstraint(
                condition=Q(difficulty__range=(1, 5)),
                name="task_difficulty_from_one_to_five",
                violation_error_message=_("难度是1到5的整数。"),
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=models.F("due_on")),
                name="task_extended_beyond_its_deadline",
                violation_error_message=_("延期至要晚于期限。"),
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="task_progress_is_a_part_of_100"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=models.F("proposed_by")),
                name="task_not_approved_by_its_proposer",
                violation_error_message=_("不能批准自己提出的任务。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closed", "struck"]) | Q(closed_on__isnull=False),
                name="task_closed_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "closed_on"], name="task_by_unit_and_closing"),
            models.Index(fields=["unit", "state", "due_on"], name="task_by_unit_state_and_due"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, section_id=self.lead_id, state=self.state)

    @property
    def deadline(self):
        """The deadline as it stands: an extension counts only when granted before it."""
        granted = self.extension_granted_on
        if self.extended_to and granted and granted < self.due_on:
            return self.extended_to
        return self.due_on


class TaskHandler(models.Model):
    """Who handles a task, and their share of it in percent; the shares of a task make 100."""

    class Role(models.TextChoices):
        MAIN = "main", _("主办")
        JOINT = "joint", _("协办")

    task = models.ForeignKey(Task, models.CASCADE, related_name="handlers")
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    role = models.CharField(_("角色"), max_length=5, choices=Role.choices)
    share = models.DecimalField(_("份额"), max_digits=11, decimal_places=8)

    class Meta:
        verbose_name = verbose_name_plural = _("承办人")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "person"], name="task_handled_once_by_a_person"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=Decimal(100)), name="task_share_is_a_part"
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.share:f}%"


class Milestone(models.Model):
    """A step of a task with its day (时间节点), and how far the work should be by then."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("节点要求"), max_length=300)
    due_on = models.DateField(_("时限"))
    target = models.PositiveSmallIntegerField(
        _("应达进度"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    done_on = models.DateField(_("完成日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时间节点")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="milestone_in_its_place"),
            models.CheckConstraint(
                condition=Q(target__range=(1, 100)), name="milestone_target_is_a_part"
            ),
        ]

    def __str__(self):
        return self.text
