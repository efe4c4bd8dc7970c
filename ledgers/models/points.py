from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import PointEntryQuerySet, QuarterQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Star, Unit


class Quarter(models.Model):
    """A counting period of a unit. Closed, it takes no more entries (a trigger sees to it)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    code = models.CharField(_("季度"), max_length=6)
    starts_on = models.DateField(_("起"))
    ends_on = models.DateField(_("止（不含）"))
    closed_at = models.DateTimeField(_("关账时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("关账人")
    )

    objects = QuarterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("季度")
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "code"], name="quarter_once_in_a_unit"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="quarter_closed_at_and_by_in_a_pair",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="quarter_ends_after_start"
            ),
        ]

    def __str__(self):
        return self.code

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state="closed" if self.closed_at else "open")


class QuarterMove(models.Model):
    """A quarter closed by its signer, or opened again, and why. Append-only."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("关账")
        REOPENED = "reopened", _("重新开账")

    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="moves")
    kind = models.CharField(_("动作"), max_length=8, choices=Kind.choices)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("签署人"))
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    # What stood in the book at that moment: number of entries and their sum.
    entries = models.PositiveIntegerField(_("分录"), default=0)
    points = models.DecimalField(_("合计"), max_digits=16, decimal_places=2, default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("关账记录")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="reopened") | ~Q(reason=""),
                name="quarter_reopened_with_a_reason",
                violation_error_message=_("请写明重新开账的理由。"),
            )
        ]

    def __str__(self):
        return f"{self.quarter} {self.get_kind_display()}"


class PointEntry(models.Model):
    """One line of the points book, readable alone in ten years. Added, never changed.

    Points are as the rule's trigger gives them, before stacking and caps. A mistake is put right
    by an entry that reverses this one. `source` names the fact ("report:8:2026-03-05") and
    `posting` counts how often that fact has been posted (1, or more after a reversal).
    """

    class Kind(models.TextChoices):
        BASE = "base", _("基础分值")
        DEDUCTION = "deduction", _("扣分情形")
        BONUS = "bonus", _("加分事项")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, related_name="+", verbose_name=_("科室")
    )
    star = models.ForeignKey(Star, models.PROTECT, related_name="+", verbose_name=_("星级"))
    kind = models.CharField(_("类别"), max_length=9, choices=Kind.choices)
    rule_code = models.CharField(_("规则编号"), max_length=30)
    rule_title = models.CharField(_("事项"), max_length=100)
    book_version = models.PositiveIntegerField(_("细则版本"))
    points = models.DecimalField(_("分值"), max_digits=14, decimal_places=2)
    event_on = models.DateField(_("发生日期"))
    quarter = models.ForeignKey(
        Quarter, models.PROTECT, related_name="+", verbose_name=_("计入季度")
    )
    source = models.CharField(_("来源"), max_length=120)
    item = models.TextField(_("同一事项"))
    # Order within one event date: the row of the workbook, or 0.
    row = models.PositiveIntegerField(default=0)
    posting = models.PositiveSmallIntegerField(default=1)
    fact = models.JSONField(_("事实"), default=dict)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("冲销")
    )
    proposed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    checked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    posted_at = models.DateTimeField(_("入账时间"))

    objects = PointEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("积分明细")
        ordering = ["event_on", "row", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="entry_has_one_subject",
            ),
            models.CheckConstraint(condition=~Q(points=0), name="entry_points_not_zero"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=False)
                | Q(kind="deduction", points__lt=0)
                | Q(kind__in=["base", "bonus"], points__gt=0),
                name="entry_sign_fits_its_kind",
            ),
            # One fact, one rule, one subject: one entry, whatever is retried or run twice.
            models.UniqueConstraint(
                fields=["unit", "source", "rule_code", "person", "section", "posting"],
                condition=Q(reverses=None),
                nulls_distinct=False,
                name="entry_posted_once",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "event_on"], name="entry_by_unit_and_day"),
            models.Index(fields=["person", "event_on"], name="entry_by_person_and_day"),
            models.Index(fields=["section", "event_on"], name="entry_by_section_and_day"),
        ]

    def __str__(self):
        return f"{self.rule_code} {self.points}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.person_id, self.section_id)
