from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import FiledRowsQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit


class Level(models.TextChoices):
    """Who adopted, praised or promoted; the highest first."""

    NATION = "nation", _("国家")
    PROVINCE = "province", _("省")
    CITY = "city", _("市")
    OWN = "own", _("本级")


class CreditRole(models.TextChoices):
    MAIN = "main", _("主报")
    JOINT = "joint", _("协报")


class WritingItem(models.Model):
    """An item of information or publicity that was adopted (信息宣传采用). Filed by one of those
    credited, verified against the carrier by somebody else; only then it counts."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待核")
        RETURNED = "returned", _("退回补正")
        VERIFIED = "verified", _("已核")
        VOID = "void", _("作废")

    class Kind(models.TextChoices):
        INFORMATION = "information", _("信息")
        PUBLICITY = "publicity", _("宣传")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    adopted_on = models.DateField(_("采用日期"))
    title = models.CharField(_("标题"), max_length=500)
    # The title reduced to letters and digits: the same item in several bulletins.
    title_key = models.TextField(editable=False, blank=True)
    kind = models.CharField(_("类型"), max_length=11, choices=Kind.choices)
    carrier = models.CharField(_("载体"), max_length=200, blank=True)
    issue_no = models.CharField(_("期号"), max_length=50, blank=True)
    # The carrier reduced likewise, for finding the same proof filed twice.
    carrier_key = models.TextField(editable=False, blank=True)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.VERIFIED)
    note = models.CharField(_("备注"), max_length=300, blank=True)
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
        verbose_name = verbose_name_plural = _("信息宣传采用")
        ordering = ["-adopted_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~Q(mark=""), name="writing_item_read_once"
            ),
            # What people file; a workbook may have come first, and says for itself what it holds.
            models.UniqueConstraint(
                fields=["unit", "title_key", "carrier_key", "adopted_on"],
                condition=Q(filed_by__isnull=False) & ~Q(state="void"),
                name="writing_proof_credited_once",
                violation_error_message=_("同一标题、载体和日期的采用已经填报过。"),
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=models.F("filed_by")),
                name="writing_verified_by_another",
                violation_error_message=_("不能核实自己填报的采用。"),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "adopted_on"], name="writing_by_unit_and_day"),
            models.Index(fields=["unit", "title_key"], name="writing_by_unit_and_title"),
        ]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.filed_by_id, state=self.state)


class WritingCredit(models.Model):
    """Whom an item is credited to: persons and sections, each in one role and each in full."""

    item = models.ForeignKey(WritingItem, models.CASCADE, related_name="credits")
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    role = models.CharField(_("角色"), max_length=5, choices=CreditRole.choices)

    class Meta:
        verbose_name = verbose_name_plural = _("署名")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="writing_credit_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["item", "person", "section"],
                nulls_distinct=False,
                name="writing_credited_once",
            ),
        ]

    def __str__(self):
        return f"{self.person or self.section} {self.get_role_display()}"
