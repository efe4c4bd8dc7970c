from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.models import PointEntry
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit
from scoring.querysets import ManualEntryQuerySet


class ManualEntry(models.Model):
    """An entry that no ledger yields, or the reversal of such a one: proposed by one person and
    approved by another. The entry itself is written to the points book at approval."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待批准")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")
        WITHDRAWN = "withdrawn", _("已撤回")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("科室")
    )
    rule_code = models.CharField(_("规则编号"), max_length=30)
    points = models.DecimalField(_("分值"), max_digits=9, decimal_places=2)
    event_on = models.DateField(_("发生日期"))
    matter = models.CharField(_("事项"), max_length=200)
    reason = models.CharField(_("理由"), max_length=200)
    basis = models.CharField(_("依据"), max_length=100)
    # Set when this takes back an earlier manual entry: its exact opposite.
    reverses = models.ForeignKey(
        PointEntry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("冲销")
    )
    entry = models.OneToOneField(
        PointEntry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("分录")
    )
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    decided_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    answer = models.CharField(_("意见"), max_length=200, blank=True)

    objects = ManualEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("手工记分")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="manual_entry_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="manual_entry_decided_by_another",
                violation_error_message=_("提出人不能批准自己提出的手工记分。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | Q(person=None)
                | ~Q(decided_by=F("person")) & ~Q(proposed_by=F("person")),
                name="manual_entry_is_about_somebody_else",
                violation_error_message=_("不能给自己记分。"),
            ),
            models.CheckConstraint(
                condition=Q(state="approved", entry__isnull=False, decided_by__isnull=False)
                | ~Q(state="approved") & Q(entry=None),
                name="manual_entry_approved_has_its_entry",
            ),
            models.CheckConstraint(condition=~Q(points=0), name="manual_entry_points_not_zero"),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(state__in=["proposed", "approved"]),
                name="manual_entry_reversed_once",
            ),
        ]

    def __str__(self):
        return f"{self.rule_code} {self.points}"

    def anchor(self, section_id: int | None = None) -> Anchor:
        """`section_id`: the personnel office's own section, whose leader in charge approves."""
        return Anchor(self.unit_id, self.person_id, section_id or self.section_id, state=self.state)
