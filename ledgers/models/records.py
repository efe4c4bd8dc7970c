from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.models import Staff, Unit

from .evidence import EvidenceFile


class LedgerMove(models.Model):
    """What happened to a row of a work ledger, for all ledgers alike. Append-only.

    `ledger` and `row_id` name the row (ledgers/records.py knows the ledgers). `by` is empty when
    the clock did it; `on_behalf_of` is the absent holder of the office when a deputy acted.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    ledger = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    text = models.CharField(_("说明"), max_length=500, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("台账经过")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "row_id", "version"], name="ledger_move_in_order"
            )
        ]

    def __str__(self):
        return f"{self.ledger} {self.row_id} {self.kind}"


class Paper(models.Model):
    """A document that belongs to a row of a ledger (附件). Removed papers stay, struck."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    ledger = models.CharField(max_length=20)
    row_id = models.BigIntegerField()
    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="+")
    name = models.CharField(_("名称"), max_length=200)
    added_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("上传时间"))
    removed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("附件")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "row_id", "file"],
                condition=Q(removed_at=None),
                name="paper_attached_once",
                violation_error_message=_("这份材料已经附上了。"),
            )
        ]
        indexes = [models.Index(fields=["ledger", "row_id"], name="paper_by_row")]

    def __str__(self):
        return self.name
