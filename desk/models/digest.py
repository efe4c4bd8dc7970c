from datetime import date, time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scheme.models import Staff, Unit

EARLIEST, LATEST = time(7), time(20)


class PolicyQuerySet(models.QuerySet):
    def holding(self, day: date):
        """Of each unit the setting of that day: the last that has begun."""
        rows = self.filter(in_force_from__lte=day)
        return rows.order_by("unit_id", "-in_force_from", "-pk").distinct("unit_id")


class DigestPolicy(models.Model):
    """A unit's hour and group robot from a day on. Rows are added; without one the default holds.

    The address of a robot carries its key: it is shown shortened and never written to the trail.
    """

    class Robot(models.TextChoices):
        NONE = "", _("不用")
        WECOM = "wecom", _("企业微信群机器人")
        DINGTALK = "dingtalk", _("钉钉群机器人")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    in_force_from = models.DateField(_("起"))
    enabled = models.BooleanField(_("发送每日提要"), default=True)
    send_at = models.TimeField(_("时间"), default=time(8, 30))
    robot = models.CharField(
        _("群机器人"), max_length=8, choices=Robot.choices, blank=True, default=""
    )
    robot_url = models.CharField(_("机器人地址"), max_length=500, blank=True)
    set_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("设定人"))
    set_at = models.DateTimeField(_("设定时间"))

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("每日提要设置")
        ordering = ["unit", "-in_force_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(send_at__gte=EARLIEST, send_at__lt=LATEST),
                name="digest_not_at_night",
                violation_error_message=_("只能在7:00到20:00之间。"),
            ),
            models.CheckConstraint(
                condition=Q(robot="", robot_url="") | ~Q(robot="") & ~Q(robot_url=""),
                name="digest_robot_has_its_address",
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.send_at:%H:%M}"


class DigestAddress(models.Model):
    """Where a person wants the digest besides the program itself; they gave it themselves."""

    person = models.OneToOneField(Staff, models.CASCADE, related_name="+", verbose_name=_("人员"))
    email = models.EmailField(_("邮箱"), max_length=120)
    language = models.CharField(_("语言"), max_length=10, choices=settings.LANGUAGES)
    set_at = models.DateTimeField(_("设定时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("提要邮箱")

    def __str__(self):
        return self.email


class DigestRun(models.Model):
    """A unit's day: how many batches of people there are, and how many are done."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    batches = models.PositiveIntegerField(_("批数"))
    done = models.PositiveIntegerField(_("已做"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("每日提要批次")
        ordering = ["-day", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="digest_run_once_a_day")
        ]

    def __str__(self):
        return f"{self.unit} {self.day}"


class Digest(models.Model):
    """What a person owed and what waited for them on the morning of a working day. Once a day.

    `body` holds the rows in every language: who reads may not read what the worker speaks.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(Staff, models.CASCADE, related_name="+", verbose_name=_("人员"))
    day = models.DateField(_("日期"))
    owed = models.PositiveSmallIntegerField(_("要报"))
    waiting = models.PositiveSmallIntegerField(_("等您办"))
    body = models.JSONField(_("内容"))
    made_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("每日提要")
        ordering = ["-day", "person"]
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="digest_once_a_day")]
        indexes = [models.Index(fields=["unit", "day"], name="digest_by_unit_and_day")]

    def __str__(self):
        return f"{self.person} {self.day}"

    @property
    def parts(self) -> dict:
        """`owed` and `waiting`, lists of rows in the reader's language."""
        return self.in_language(get_language())

    def in_language(self, code: str) -> dict:
        return self.body.get(code) or self.body[settings.LANGUAGE_CODE]


class Delivery(models.Model):
    """One message to the world outside.

    `sending` is written before the first byte goes out: whoever finds it so after a crash does not
    know whether it arrived, and does not send it again.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("邮件")
        ROBOT = "robot", _("群机器人")

    class State(models.TextChoices):
        WAITING = "waiting", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发")
        UNSURE = "unsure", _("可能已发")
        FAILED = "failed", _("没发成")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    channel = models.CharField(_("方式"), max_length=5, choices=Channel.choices)
    # Of an e-mail; a robot's message belongs to the whole unit.
    digest = models.ForeignKey(Digest, models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("次数"), default=0)
    error = models.CharField(_("原因"), max_length=200, blank=True)
    moved_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("提要外发")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="delivery_once_a_digest"),
            models.UniqueConstraint(
                fields=["unit", "day"],
                condition=Q(channel="robot"),
                name="delivery_to_the_robot_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(channel="email", digest__isnull=False)
                | Q(channel="robot", digest=None),
                name="delivery_of_an_email_has_its_digest",
            ),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} {self.day}"
