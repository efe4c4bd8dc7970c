from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit


class Task(models.Model):
    """A key task of the ledger (重点任务): who leads it, who handles it, and until when."""

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
        ]
        indexes = [
            models.Index(fields=["unit", "closed_on"], name="task_by_unit_and_closing"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, section_id=self.lead_id)

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


class SupervisionNote(models.Model):
    """A line of the supervision ledger (督办): a result returned, a task pressed, a section named
    in a circular."""

    class Kind(models.TextChoices):
        RETURNED = "returned", _("退回")
        PRESSED = "pressed", _("催办")
        NAMED = "named", _("通报点名")

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
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

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
        return Anchor(self.unit_id, section_id=self.section_id)
