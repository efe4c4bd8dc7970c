from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Star(models.Model):
    """One of the five. `key` ties it to its colour and sign: xue, geng, ye, xiao, xin."""

    key = models.SlugField(_("代码"), max_length=10, primary_key=True)
    name = models.CharField(_("名称"), max_length=10, unique=True)
    sign = models.CharField(_("印字"), max_length=1)
    focus = models.CharField(_("评什么"), max_length=60, blank=True)
    evidence = models.CharField(_("凭什么"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("排序"), unique=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("星级")
        ordering = ["position"]

    def __str__(self):
        return self.name

    @property
    def title(self):
        return _("%(name)s之星") % {"name": self.name}
