"""一报告一要点: the papers from which key tasks come, and the meeting that feeds them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit


class PlanPaper(models.Model):
    """An annual work report (一报告) or the key points of a year (一要点), item by item."""

    class Kind(models.TextChoices):
        REPORT = "report", _("年度工作报告")
        POINTS = "points", _("工作要点")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待批")
        RETURNED = "returned", _("退回补正")
        APPROVED = "approved", _("已批准")
        REPLACED = "replaced", _("已被取代")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    kind = models.CharField(_("类型"), max_length=6, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("名称"), max_length=200)
    intro = models.TextField(_("引言"), blank=True, max_length=4000)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    # Key points come from a report; a new edition names the one it replaces.
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("依据")
    )
    written_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("拟订人")
    )
    filed_at = models.DateTimeField(_("报批时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("报告和要点")
        ordering = ["-year", "kind", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "year"],
                condition=Q(state="approved"),
                name="one_paper_in_force_a_year",
                violation_error_message=_("这一年已有批准的文稿，请先取代它。"),
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("written_by")),
                name="paper_not_approved_by_its_writer",
                violation_error_message=_("不能批准自己拟订的文稿。"),
            ),
        ]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.written_by_id, state=self.state)


class PlanItem(models.Model):
    """One item of a paper. An item of the key points becomes key tasks (`Task.item`)."""

    paper = models.ForeignKey(PlanPaper, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    number = models.CharField(_("序号"), max_length=30)
    heading = models.CharField(_("板块"), max_length=100, blank=True)
    text = models.TextField(_("内容"), max_length=2000)
    lead = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("牵头科室")
    )
    leader = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("牵头领导")
    )
    # The item of the report it carries out.
    source = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carried",
        verbose_name=_("来源"),
    )
    # The item of the edition before that it goes on with: its tasks move over with approval.
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("承接")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("报告和要点的条目")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="plan_item_in_its_place"),
        ]

    def __str__(self):
        return f"{self.number} {self.text[:40]}"


class Meeting(models.Model):
    """A meeting the ledgers need: 半年务虚会 (suggestions, no decisions), 年终述职会."""

    class Kind(models.TextChoices):
        DISCUSSION = "discussion", _("半年务虚会")
        REPORTING = "reporting", _("年终述职会")

    class State(models.TextChoices):
        OPEN = "open", _("征集意见")
        HELD = "held", _("已开")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    day = models.DateField(_("日期"))
    place = models.CharField(_("地点"), max_length=100, blank=True)
    title = models.CharField(_("名称"), max_length=200)
    chaired_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主持人")
    )
    state = models.CharField(_("状态"), max_length=4, choices=State.choices, default=State.OPEN)
    record = models.TextField(_("记录"), blank=True, max_length=20000)
    kept_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("会议")
        ordering = ["-day", "-pk"]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state=self.state)


class Suggestion(models.Model):
    """What somebody put forward; it feeds the next key points or is answered why not."""

    class State(models.TextChoices):
        OPEN = "open", _("待研究")
        TAKEN = "taken", _("列入要点")
        ASIDE = "aside", _("暂不列入")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="suggestions")
    raised_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("提出人")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    text = models.TextField(_("意见建议"), max_length=2000)
    state = models.CharField(_("状态"), max_length=5, choices=State.choices, default=State.OPEN)
    answer = models.CharField(_("答复"), max_length=500, blank=True)
    # The item of the key points it went into.
    item = models.ForeignKey(
        PlanItem, models.PROTECT, null=True, blank=True, related_name="suggestions"
    )
    version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(_("提出时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("意见建议")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="taken", item__isnull=False) | ~Q(state="taken") & Q(item=None),
                name="suggestion_taken_names_its_item",
            )
        ]

    def __str__(self):
        return self.text[:40]

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.raised_by_id, self.section_id, state=self.state)
