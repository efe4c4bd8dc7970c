from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.models import Section, Staff, Star, Unit
from stars.querysets import AwardQuerySet, ObjectionQuerySet, PublicationQuerySet

from .nomination import Nomination
from .round import Round


class Award(models.Model):
    """A star won. Append-only."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    round = models.ForeignKey(Round, models.PROTECT, related_name="awards", verbose_name=_("轮次"))
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="award")
    star = models.ForeignKey(Star, models.PROTECT, related_name="+", verbose_name=_("星级"))
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )
    # The winner, or the winner's section when the nomination was submitted.
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    number = models.CharField(_("编号"), max_length=30)
    awarded_on = models.DateField(_("评定日期"))

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("亮星")
        ordering = ["star__position", "person_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="award_number_once"),
            models.UniqueConstraint(
                fields=["round", "star", "person", "section"],
                nulls_distinct=False,
                name="award_once",
            ),
        ]

    def __str__(self):
        return self.number


class Publication(models.Model):
    """An edition of the result as it was published. Append-only; later editions stand beside."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    round = models.ForeignKey(
        Round, models.PROTECT, related_name="publications", verbose_name=_("轮次")
    )
    edition = models.PositiveSmallIntegerField(_("版次"), default=1)
    body = models.JSONField()
    digest = models.CharField(_("校验值"), max_length=64)
    published_at = models.DateTimeField(_("公布时间"))
    published_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("公布结果")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "edition"], name="publication_edition_once")
        ]

    def __str__(self):
        return f"{self.round} {self.edition}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state="published")


class Objection(models.Model):
    """Raised during publicity, seen by the person and the office. Open, it stops the result."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("成立")
        DISMISSED = "dismissed", _("不成立")

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="+")
    raised_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    text = models.TextField(_("异议内容"), max_length=1000)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    finding = models.TextField(_("核实情况"), max_length=1000, blank=True)
    handled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("异议")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", handled_by=None, handled_at=None)
                | ~Q(outcome="") & Q(handled_by__isnull=False) & Q(handled_at__isnull=False),
                name="objection_handled_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(handled_by=models.F("raised_by")),
                name="objection_not_handled_by_its_raiser",
                violation_error_message=_("不能处理自己提出的异议。"),
            ),
        ]

    def __str__(self):
        return f"{self.nomination}"

    def anchor(self) -> Anchor:
        return Anchor(self.round.unit_id, self.raised_by_id, state=self.outcome or "open")
