from django.db import models
from django.utils.translation import gettext_lazy as _

from .organisation import Unit
from .staff import Staff


class RosterUpload(models.Model):
    """A roster as it was uploaded: what it would change, or why it cannot be read."""

    class State(models.TextChoices):
        PREVIEW = "preview", _("待确认")
        REFUSED = "refused", _("有错误")
        APPLIED = "applied", _("已生效")
        DROPPED = "dropped", _("已放弃")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    file_name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices)
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    applied_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("生效时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("花名册导入")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name
