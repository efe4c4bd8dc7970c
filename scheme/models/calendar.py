from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class CalendarDay(models.Model):
    """Every day of the known years, worked or not. Deadlines and rates count its working days.

    `provisional`: Monday to Friday assumed, because the year's holiday plan is not out yet.
    """

    day = models.DateField(_("日期"), primary_key=True)
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=40, blank=True)
    source = models.CharField(_("依据"), max_length=60, blank=True)
    provisional = models.BooleanField(_("暂定"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("工作日历")
        ordering = ["day"]

    def __str__(self):
        return self.day.isoformat()
