from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import UnitRowsQuerySet
from scheme.access import Anchor
from scheme.models import Staff, Unit

# What a cell of numbers may hold; see scheme/imports/cells.py.
PLACES = 8


class StudySession(models.Model):
    """One 每周一学. Who missed it is listed; who was excused is known from the absences. It counts
    once held, that is when attendance has been taken."""

    class State(models.TextChoices):
        PLANNED = "planned", _("已安排")
        HELD = "held", _("已学")
        VOID = "void", _("作废")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    topic = models.CharField(_("主题"), max_length=500)
    state = models.CharField(_("状态"), max_length=7, choices=State.choices, default=State.HELD)
    place = models.CharField(_("地点"), max_length=100, blank=True)
    host = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主持人")
    )
    contents = models.TextField(_("学习内容"), blank=True, max_length=4000)
    recorded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    version = models.PositiveIntegerField(default=0)
    missed_by = models.ManyToManyField(
        Staff, through="StudyMiss", related_name="+", verbose_name=_("缺席")
    )
    row = models.PositiveIntegerField(default=0)
    # Names the row of a workbook (see ledgers/imports/marks.py); empty when it was never one.
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("每周一学")
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"],
                condition=~models.Q(mark=""),
                name="study_session_read_once",
            )
        ]
        indexes = [models.Index(fields=["unit", "day"], name="study_by_unit_and_day")]

    def __str__(self):
        return self.topic

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state=self.state)


class StudyMiss(models.Model):
    session = models.ForeignKey(StudySession, models.CASCADE, related_name="misses")
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))

    class Meta:
        verbose_name = verbose_name_plural = _("学习缺席")
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="study_missed_once")
        ]

    def __str__(self):
        return f"{self.session} {self.person}"


class Talk(models.Model):
    """One 两周一讲 with its ratings, kept sorted: neither column nor order tells who gave which.

    While ratings come in, each is sealed with the talk's key (see RatingEnvelope); closing the
    talk opens all at once, keeps the sorted values here and destroys key and envelopes.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("已安排")
        OPEN = "open", _("评分中")
        HELD = "held", _("已讲")
        VOID = "void", _("作废")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    speaker = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("主讲人"))
    title = models.CharField(_("题目"), max_length=500)
    state = models.CharField(_("状态"), max_length=7, choices=State.choices, default=State.HELD)
    summary = models.TextField(_("内容提要"), blank=True, max_length=2000)
    rating_ends_at = models.DateTimeField(_("评分截止"), null=True, blank=True)
    # The private key, itself locked with the installation's; gone once the ratings are opened.
    locked_key = models.BinaryField(null=True, editable=False)
    recorded_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("登记人")
    )
    version = models.PositiveIntegerField(default=0)
    ratings = ArrayField(
        models.DecimalField(max_digits=11, decimal_places=PLACES),
        verbose_name=_("评分"),
        default=list,
        blank=True,
    )
    row = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = UnitRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("两周一讲")
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "mark"], condition=~models.Q(mark=""), name="talk_read_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="open", locked_key__isnull=False, rating_ends_at__isnull=False
                )
                | ~models.Q(state="open") & models.Q(locked_key=None),
                name="talk_has_a_key_only_while_rated",
            ),
        ]
        indexes = [models.Index(fields=["unit", "day"], name="talk_by_unit_and_day")]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.speaker_id, state=self.state)


class RatingEnvelope(models.Model):
    """That somebody rated a talk. What they gave is sealed; the envelope is emptied on closing."""

    talk = models.ForeignKey(Talk, models.PROTECT, related_name="envelopes")
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    sealed = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("讲课评分")
        constraints = [
            models.UniqueConstraint(fields=["talk", "person"], name="talk_rated_once_by_a_person")
        ]

    def __str__(self):
        return f"{self.talk}"
