from django.db import models
from django.utils.translation import gettext_lazy as _

from .organisation import Unit
from .staff import Staff


class AuditEntry(models.Model):
    """Who did what to which thing, when and why. Written with the act, never changed."""

    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人")
    )
    # The absent holder of the office, when a deputy acted.
    on_behalf_of = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("代谁办理")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单位")
    )
    act = models.CharField(_("动作"), max_length=60)
    object_type = models.CharField(_("对象"), max_length=60)
    object_id = models.CharField(_("对象编号"), max_length=40)
    before = models.JSONField(_("之前"), default=dict)
    after = models.JSONField(_("之后"), default=dict)
    reason = models.TextField(_("理由"), blank=True)
    request_id = models.CharField(_("请求号"), max_length=36, blank=True)
    ip = models.GenericIPAddressField(_("地址"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]

    def __str__(self):
        return f"{self.act} {self.object_type} {self.object_id}"
