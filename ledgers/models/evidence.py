from django.db import models
from django.utils.translation import gettext_lazy as _

from scheme.models import Staff, Unit


class EvidenceFile(models.Model):
    """The bytes of a proof (佐证材料), kept once in a unit whoever files them and how often.

    What they are called, and what they prove, stands with the thing they prove.
    """

    class Kind(models.TextChoices):
        """Told by content, never by name."""

        PDF = "pdf", "PDF"
        JPEG = "jpg", "JPEG"
        PNG = "png", "PNG"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        OFD = "ofd", "OFD"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("大小"))
    kind = models.CharField(_("类型"), max_length=4, choices=Kind.choices)
    added_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("佐证文件")
        constraints = [
            models.UniqueConstraint(fields=["unit", "sha256"], name="evidence_kept_once")
        ]

    def __str__(self):
        return f"{self.sha256[:12]}.{self.kind}"

    @property
    def path(self) -> str:
        """Under FILES_ROOT. Units share nothing, not even a file that both have."""
        return f"evidence/{self.unit_id}/{self.sha256[:2]}/{self.sha256}"
