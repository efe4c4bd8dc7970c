from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.models import Section, Staff, Star, Unit
from scoring.querysets import ScoreRunQuerySet

from .rulebook import RuleBook


class ScoreRun(models.Model):
    """The scorecards of a unit's half-year from given inputs. Same inputs, same run: the input
    hash is unique, and a different output for the same inputs is an alarm, never an overwrite."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    half = models.CharField(_("半年"), max_length=6)
    book = models.ForeignKey(RuleBook, models.PROTECT, related_name="+", verbose_name=_("细则"))
    input_hash = models.CharField(_("输入校验值"), max_length=64)
    output_hash = models.CharField(_("结果校验值"), max_length=64)
    asked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("计算时间"))

    objects = ScoreRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("计分")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "half", "input_hash"], name="score_run_once_for_its_inputs"
            )
        ]

    def __str__(self):
        return f"{self.half} {self.output_hash[:8]}"


class Scorecard(models.Model):
    """One subject's one star (or, with `star` empty, the total) in a run. A star without any rule
    switched on has no row: absent is not zero."""

    run = models.ForeignKey(ScoreRun, models.PROTECT, related_name="cards")
    person = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    section = models.ForeignKey(Section, models.PROTECT, null=True, related_name="+")
    star = models.ForeignKey(Star, models.PROTECT, null=True, related_name="+")
    base = models.DecimalField(_("基础"), max_digits=16, decimal_places=2)
    deduction = models.DecimalField(_("扣分"), max_digits=16, decimal_places=2)
    bonus = models.DecimalField(_("加分"), max_digits=16, decimal_places=2)
    score = models.DecimalField(_("得分"), max_digits=16, decimal_places=2)
    place = models.PositiveIntegerField(_("名次"))
    # The explanation, as counted: rule by rule its entries with what each stage left of them; see
    # scoring/counting.py. Empty on the total.
    tree = models.JSONField(_("明细"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("计分卡")
        ordering = ["run", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="scorecard_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["run", "person", "section", "star"],
                nulls_distinct=False,
                name="scorecard_once_in_a_run",
            ),
        ]

    def __str__(self):
        return f"{self.person or self.section} {self.star or ''} {self.score}"
