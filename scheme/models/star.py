from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

GIVEN_NAMES = {
    "xue": ("勤学", pgettext_lazy("star", "勤学")),
    "geng": ("笔耕", pgettext_lazy("star", "笔耕")),
    "ye": ("精业", pgettext_lazy("star", "精业")),
    "xiao": ("效能", pgettext_lazy("star", "效能")),
    "xin": ("创新", pgettext_lazy("star", "创新")),
}


def spoken(name, key):
    """A star's name in the reader's language, as long as it bears the name it was given."""
    given, said = GIVEN_NAMES.get(key, ("", ""))
    return str(said) if name and name == given else name


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
        return _("%(name)s之星") % {"name": spoken(self.name, self.key)}
