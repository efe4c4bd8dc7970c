from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .organisation import Unit
from .staff import Staff


class Job(models.Model):
    """Work to be done once. The row is the truth; the broker only carries its number.

    A worker holds the row by a lease; `fence` grows with each taking, and only the holder of the
    newest fence may finish (a worker that slept through its lease finds its fence outdated).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        PARKED = "parked", _("已搁置")

    kind = models.CharField(_("类型"), max_length=60)
    dedupe_key = models.CharField(_("去重键"), max_length=160)
    args = models.JSONField(_("参数"), default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("发起人")
    )
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    run_after = models.DateTimeField(_("不早于"))
    lease_until = models.DateTimeField(_("租约至"), null=True)
    fence = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(_("已做"), default=0)
    total_count = models.PositiveIntegerField(_("共"), default=0)
    result = models.JSONField(_("结果"), default=dict)
    error = models.TextField(_("错误"), blank=True)
    created_at = models.DateTimeField(_("登记时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("后台任务")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "dedupe_key"], name="job_registered_once"),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False)
                | ~Q(state="done") & Q(finished_at=None),
                name="job_done_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run_after"],
                condition=Q(state__in=["waiting", "running"]),
                name="job_open_by_time",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.dedupe_key}"

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done_count * 100 // self.total_count) if self.total_count else 0


class RequestKey(models.Model):
    """One form as it was rendered. Sent twice, it acts once; sent changed, it is refused."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    key = models.UUIDField()
    route = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "key"], name="request_key_acts_once")
        ]

    def __str__(self):
        return str(self.key)
