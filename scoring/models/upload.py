from django.db import models
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.models import Job, Staff, Unit
from scoring.querysets import FactsUploadQuerySet


class FactsUpload(models.Model):
    """A facts workbook as it was uploaded: being read, what it would store, or why it cannot be.

    The file lies under FILES_ROOT until it is stored or dropped; with it, when rows are wrong, the
    workbook that says which.
    """

    class State(models.TextChoices):
        READING = "reading", _("读取中")
        PREVIEW = "preview", _("待确认")
        REFUSED = "refused", _("有错误")
        STORING = "storing", _("入库中")
        APPLIED = "applied", _("已入库")
        DROPPED = "dropped", _("已放弃")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file_name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("大小"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices)
    # What storing would do and what it did; see scoring/previews.py.
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    applied_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("入库时间"), null=True)

    objects = FactsUploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("台账导入")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state=self.state)

    @property
    def path(self) -> str:
        """Under FILES_ROOT."""
        return f"uploads/{self.unit_id}/{self.pk}.xlsx"

    @property
    def errors_path(self) -> str:
        return f"uploads/{self.unit_id}/{self.pk}-errors.xlsx"

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.READING, self.State.STORING)
