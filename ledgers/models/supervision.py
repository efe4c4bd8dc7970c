"""What the supervision office and the section do to a task under way (督查督办)."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import SupervisionNoteQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .tasks import Task


class SupervisionNote(models.Model):
    """A line of the supervision ledger (督办): a result returned, a task pressed, a section named
    in a circular."""

    class Kind(models.TextChoices):
        RETURNED = "returned", _("退回")
        PRESSED = "pressed", _("催办")
        NAMED = "named", _("通报点名")

    class State(models.TextChoices):
        STANDS = "stands", _("有效")
        VOID = "void", _("作废")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    kind = models.CharField(_("事项"), max_length=8, choices=Kind.choices)
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="notes", verbose_name=_("任务")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    text = models.CharField(_("说明"), max_length=500, blank=True)
    state = models.CharField(_("状态"), max_length=6, choices=State.choices, default=State.STANDS)
    written_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    # What the section answered to a press (反馈).
    answer = models.CharField(_("反馈"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("反馈人")
    )
    answered_at = models.DateTimeField(_("反馈时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = SupervisionNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("督办")
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~Q(mark=""), name="supervision_note_read_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="returned") | Q(task__isnull=False),
                name="supervision_return_names_its_task",
                violation_error_message=_("退回要写明任务。"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="named") | Q(section__isnull=False),
                name="supervision_naming_has_its_section",
                violation_error_message=_("通报点名要写明科室。"),
            ),
        ]
        indexes = [models.Index(fields=["unit", "day"], name="supervision_by_unit_and_day")]

    def __str__(self):
        return f"{self.day} {self.get_kind_display()}"

    def anchor(self) -> Anchor:
        """Of the section it concerns: the one named, else the task's lead."""
        section = self.section_id or (self.task and self.task.lead_id)
        return Anchor(self.unit_id, section_id=section, state=self.state)


class Progress(models.Model):
    """One report on a task under way (进展): how far, what is in the way, what comes next.
    Append-only."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports")
    percent = models.PositiveSmallIntegerField(_("进度"), validators=[MaxValueValidator(100)])
    text = models.CharField(_("当前进展"), max_length=1000)
    problems = models.CharField(_("存在问题"), max_length=500, blank=True)
    following = models.CharField(_("下步打算"), max_length=500, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("填报人"))
    at = models.DateTimeField(_("填报时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("进展")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="progress_is_a_part_of_100")
        ]

    def __str__(self):
        return f"{self.percent}%"


class Extension(models.Model):
    """An extension asked for (延期), and what became of it. It moves the deadline only when it was
    granted before the deadline."""

    class State(models.TextChoices):
        ASKED = "asked", _("待批")
        GRANTED = "granted", _("已批准")
        REFUSED = "refused", _("未批准")

    task = models.ForeignKey(Task, models.PROTECT, related_name="extensions")
    to = models.DateField(_("延期至"))
    reason = models.CharField(_("理由"), max_length=500)
    state = models.CharField(_("状态"), max_length=7, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    decided_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    answer = models.CharField(_("意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("延期申请")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="asked"), name="one_extension_asked_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("asked_by")),
                name="extension_not_decided_by_its_asker",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None)
                | ~Q(state="asked") & Q(decided_at__isnull=False),
                name="extension_decided_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.task} {self.to}"


class PassingOn(models.Model):
    """A section asking that another take the task over (转办), and what became of it."""

    class State(models.TextChoices):
        ASKED = "asked", _("待定")
        DONE = "done", _("已转办")
        REFUSED = "refused", _("不转办")

    task = models.ForeignKey(Task, models.PROTECT, related_name="passings")
    origin = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("原科室"))
    to = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("转给"))
    reason = models.CharField(_("理由"), max_length=500)
    state = models.CharField(_("状态"), max_length=7, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理人")
    )
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    answer = models.CharField(_("意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("转办")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(state="asked"), name="one_passing_on_asked_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("asked_by")),
                name="passing_on_not_decided_by_its_asker",
            ),
            models.CheckConstraint(
                condition=~Q(to=models.F("origin")), name="passed_on_to_another_section"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None)
                | ~Q(state="asked") & Q(decided_at__isnull=False),
                name="passing_on_decided_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.task} {self.to}"


class Closing(models.Model):
    """The package with which a task is reported done (报结): request, report, handling record; the
    documents hang on the task. A returned one stays and a new one follows."""

    class State(models.TextChoices):
        FILED = "filed", _("待审核")
        RETURNED = "returned", _("退回")
        REVIEWED = "reviewed", _("待批准")
        APPROVED = "approved", _("已办结")

    task = models.ForeignKey(Task, models.PROTECT, related_name="closings")
    done_on = models.DateField(_("完成日期"))
    result = models.TextField(_("办理结果"), max_length=2000)
    handling = models.TextField(_("办理经过"), max_length=2000)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.FILED)
    filed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("报结人"))
    filed_at = models.DateTimeField(_("报结时间"))
    reviewed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审核人")
    )
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    reason = models.CharField(_("退回原因"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("报结")
        ordering = ["-filed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(state__in=["filed", "reviewed", "approved"]),
                name="one_closing_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=models.F("filed_by"))
                & ~Q(approved_by=models.F("filed_by")),
                name="closing_judged_by_another",
            ),
        ]

    def __str__(self):
        return f"{self.task} {self.get_state_display()}"


class Escalation(models.Model):
    """A task brought before the next level up, one level at a time. Append-only."""

    class Level(models.IntegerChoices):
        CHIEF = 1, _("科长")
        LEADER = 2, _("分管领导")
        CHAIR = 3, _("部务会主持人")

    task = models.ForeignKey(Task, models.PROTECT, related_name="escalations")
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level.choices)
    # The deadline it was about: a new deadline starts from the bottom again.
    about = models.DateField(_("时限"))
    reason = models.CharField(_("缘由"), max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("提级督办")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "about", "level"], name="escalated_once_to_a_level"
            )
        ]

    def __str__(self):
        return f"{self.task} {self.level}"


class LightPolicy(models.Model):
    """From when a task shows yellow or red; in force from a day. Rows are added, not changed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    in_force_from = models.DateField(_("生效日期"))
    near_days = models.PositiveSmallIntegerField(_("临期（工作日）"), default=3)
    yellow_behind = models.PositiveSmallIntegerField(_("黄灯：落后百分点"), default=10)
    red_behind = models.PositiveSmallIntegerField(_("红灯：落后百分点"), default=30)
    # Working days a press or a red light may stand unanswered before the next level hears of it.
    escalate_after = models.PositiveSmallIntegerField(_("提级间隔（工作日）"), default=3)
    set_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("亮灯规则")
        ordering = ["-in_force_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(red_behind__gt=models.F("yellow_behind")),
                name="red_is_beyond_yellow",
                violation_error_message=_("红灯的百分点要大于黄灯。"),
            )
        ]

    def __str__(self):
        return f"{self.in_force_from}"
