from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.models import EvidenceFile, Level
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit
from scoring.querysets import DeclarationQuerySet, WindowQuerySet


class DeclarationWindow(models.Model):
    """From when until when a quarter's declarations are taken (一季一申报); both days included."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    quarter = models.CharField(_("季度"), max_length=6)
    opens_on = models.DateField(_("开始"))
    closes_on = models.DateField(_("截止"))
    set_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("设定人"))
    set_at = models.DateTimeField(_("设定时间"))

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("申报窗口")
        ordering = ["-quarter"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "quarter"], name="one_window_a_quarter"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="declaration_window_closes_after_opening",
                violation_error_message=_("截止日期早于开始日期。"),
            ),
        ]

    def __str__(self):
        return self.quarter

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id)


class Declaration(models.Model):
    """One line declared for a rule (申报): what was achieved, and the document that proves it.

    Confirmed, it is a fact that posting prices; nobody but posting writes its entry. Lines of a
    workbook carry the outcome of the checks but not who made them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待初核")
        CHECKED = "checked", _("待核验")
        RETURNED = "returned", _("退回补正")
        CONFIRMED = "confirmed", _("核验通过")
        REFUSED = "refused", _("不予认定")
        WITHDRAWN = "withdrawn", _("已撤回")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    quarter = models.CharField(_("申报季度"), max_length=6)
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    rule_code = models.CharField(_("规则编号"), max_length=30)
    level = models.CharField(_("级别"), max_length=8, choices=Level.choices, blank=True)
    quantity = models.DecimalField(_("数量"), max_digits=20, decimal_places=8, default=Decimal(1))
    matter = models.CharField(_("事项"), max_length=500)
    # The matter reduced to letters and digits: the same one declared again.
    matter_key = models.TextField(editable=False, blank=True)
    document_no = models.CharField(_("文件号"), max_length=100, blank=True)
    document_on = models.DateField(_("文件日期"), null=True, blank=True)
    note = models.CharField(_("补充说明"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.DRAFT)
    filed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("申报人")
    )
    filed_at = models.DateTimeField(_("申报时间"), null=True, blank=True)
    checked_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("初核人")
    )
    checked_at = models.DateTimeField(_("初核时间"), null=True, blank=True)
    verified_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核验人")
    )
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    imported = models.BooleanField(_("导入"), default=False)
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("申报")
        ordering = ["-quarter", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="declaration_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="declaration_quantity_is_positive",
                violation_error_message=_("数量要大于0。"),
            ),
            models.CheckConstraint(
                condition=Q(imported=True)
                | Q(state__in=["draft", "withdrawn"])
                | Q(filed_by__isnull=False, filed_at__isnull=False)
                & ~Q(document_no="")
                & Q(document_on__isnull=False),
                name="declaration_filed_names_its_document",
            ),
            models.CheckConstraint(
                condition=Q(imported=True)
                | ~Q(state__in=["checked", "confirmed"])
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="declaration_checked_has_its_checker",
            ),
            models.CheckConstraint(
                condition=Q(imported=True)
                | ~Q(state="confirmed")
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="declaration_confirmed_has_its_verifier",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None)
                | ~Q(checked_by=F("filed_by")) & (Q(person=None) | ~Q(checked_by=F("person"))),
                name="declaration_checked_by_another",
                violation_error_message=_("不能初核自己的申报。"),
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None)
                | ~Q(verified_by=F("filed_by"))
                & (Q(checked_by=None) | ~Q(verified_by=F("checked_by")))
                & (Q(person=None) | ~Q(verified_by=F("person"))),
                name="declaration_verified_by_a_third",
                violation_error_message=_("核验人不能是申报人、本人或初核人。"),
            ),
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~Q(mark=""), name="declaration_read_once"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "document_on"], name="declaration_by_document_day"),
            models.Index(fields=["unit", "state"], name="declaration_by_state"),
            models.Index(fields=["person", "quarter"], name="declaration_by_person"),
        ]

    def __str__(self):
        return f"{self.rule_code} {self.matter}"

    def anchor(self, section_id: int | None = None) -> Anchor:
        """`section_id`: the person's section, whose chief (or leader) checks first."""
        return Anchor(self.unit_id, self.person_id, section_id or self.section_id, state=self.state)


class DeclarationProof(models.Model):
    """A file that proves a declaration, under the name it was given."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="proofs")
    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="+")
    name = models.CharField(_("文件名"), max_length=120)
    added_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("佐证材料")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "file"], name="proof_attached_once")
        ]

    def __str__(self):
        return self.name


class DeclarationMove(models.Model):
    """A step of a declaration: who, when, and why. Append-only; `body` is what the line said."""

    class Kind(models.TextChoices):
        FILED = "filed", _("申报")
        CHECKED = "checked", _("初核通过")
        CONFIRMED = "confirmed", _("核验通过")
        RETURNED = "returned", _("退回补正")
        REFUSED = "refused", _("不予认定")
        WITHDRAWN = "withdrawn", _("撤回")
        REVOKED = "revoked", _("撤销认定")

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="moves")
    version = models.PositiveIntegerField()
    kind = models.CharField(_("动作"), max_length=9, choices=Kind.choices)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("经办人"))
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    body = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("申报经过")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "version"], name="declaration_move_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["returned", "refused", "revoked"]) | ~Q(reason=""),
                name="declaration_turned_down_with_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.declaration_id} {self.kind}"
