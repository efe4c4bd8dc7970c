from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import FiledRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .writing import Level


class Innovation(models.Model):
    """A project registered as new (创新项目): what is new, then what came of it (成效)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待核")
        RETURNED = "returned", _("退回补正")
        VERIFIED = "verified", _("已登记")
        VOID = "void", _("作废")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    number = models.CharField(_("编号"), max_length=30, blank=True)
    title = models.CharField(_("项目"), max_length=500)
    title_key = models.TextField(editable=False, blank=True)
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    people = models.ManyToManyField(Staff, related_name="+", blank=True, verbose_name=_("参与人员"))
    novelty = models.TextField(_("创新点"), max_length=2000)
    effect = models.TextField(_("成效"), blank=True, max_length=3000)
    effect_on = models.DateField(_("见效日期"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    filed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("填报人"))
    filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    verified_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核实人")
    )
    verified_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("起草时间"))

    objects = FiledRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("创新项目")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "title_key"],
                condition=~Q(state="void"),
                name="innovation_registered_once",
                violation_error_message=_("同名项目已经登记。"),
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=models.F("filed_by")),
                name="innovation_verified_by_another",
            ),
        ]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.filed_by_id, self.section_id, state=self.state)


class Promotion(models.Model):
    """An innovation taken up elsewhere (创新推广), and at which level. Filed by those concerned,
    verified against its document by somebody else; only then it counts."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待核")
        RETURNED = "returned", _("退回补正")
        VERIFIED = "verified", _("已核")
        VOID = "void", _("作废")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    promoted_on = models.DateField(_("推广日期"))
    project = models.CharField(_("项目"), max_length=500)
    # The project reduced to letters and digits: the same one promoted again.
    project_key = models.TextField(editable=False, blank=True)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices)
    innovation = models.ForeignKey(
        Innovation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promotions",
        verbose_name=_("创新项目"),
    )
    where = models.CharField(_("推广单位"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.VERIFIED)
    filed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("填报人")
    )
    filed_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    verified_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核实人")
    )
    verified_at = models.DateTimeField(_("核实时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = FiledRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("创新推广")
        ordering = ["-promoted_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~Q(mark=""), name="promotion_read_once"
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=models.F("filed_by")),
                name="promotion_verified_by_another",
                violation_error_message=_("不能核实自己填报的推广。"),
            ),
        ]
        indexes = [models.Index(fields=["unit", "promoted_on"], name="promotion_by_unit_and_day")]

    def __str__(self):
        return self.project

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.filed_by_id, state=self.state)


class PromotionCredit(models.Model):
    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="credits")
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("署名")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="promotion_credit_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["promotion", "person", "section"],
                nulls_distinct=False,
                name="promotion_credited_once",
            ),
        ]

    def __str__(self):
        return str(self.person or self.section)
