from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .staff import Staff


class Notice(models.Model):
    """Something that happened to a person's own matter. The key keeps it from being told twice."""

    to = models.ForeignKey(Staff, models.CASCADE, related_name="+", verbose_name=_("收件人"))
    key = models.CharField(max_length=120)
    text = models.CharField(_("内容"), max_length=300)
    # The same in the other languages, by code: who reads may not read what the actor reads.
    spoken = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("提醒")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["to", "key"], name="notice_told_once")]
        indexes = [models.Index(fields=["to", "-at"], name="notice_by_person")]

    def __str__(self):
        return self.text

    @property
    def words(self) -> str:
        """The text in the language of whoever is reading."""
        return self.spoken.get(get_language(), self.text)
