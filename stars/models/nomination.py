from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.models import Branch, Section, Staff, Star, Unit
from stars.querysets import NominationQuerySet

from .round import NomineeKind, Round


class Nomination(models.Model):
    """A section puts a person, or itself, forward for a star. `state` is where it lies."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("已推荐")
        RETURNED = "returned", _("退回补正")
        WITHDRAWN = "withdrawn", _("已撤回")
        AT_BRANCH = "at_branch", _("支部评星")
        AT_COMMITTEE = "at_committee", _("部务会定星")
        CLOSED = "closed", _("已有结论")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.PROTECT, related_name="nominations")
    star = models.ForeignKey(Star, models.PROTECT, related_name="+", verbose_name=_("星级"))
    kind = models.CharField(_("对象"), max_length=7, choices=NomineeKind.choices)
    person = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员")
    )
    # The section that nominates; with kind "section" it is the nominee as well.
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    # Which branch evaluates it: set when submitted.
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+")
    statement = models.TextField(_("推荐理由"), max_length=2000, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("提名")
        ordering = ["star__position", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False) | Q(kind="section", person=None),
                name="nomination_names_its_nominee",
            ),
            # One person, one star a round; a section one star each.
            models.UniqueConstraint(
                fields=["round", "person"],
                condition=Q(kind="person") & ~Q(state="withdrawn"),
                name="person_nominated_once_a_round",
                violation_error_message=_("本轮已有对此人的提名，一人一轮只推一颗星。"),
            ),
            models.UniqueConstraint(
                fields=["round", "section", "star"],
                condition=Q(kind="section") & ~Q(state="withdrawn"),
                name="section_nominated_once_for_a_star",
                violation_error_message=_("本科室已推过这颗星。"),
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="nomination_submitted_at_and_by_in_a_pair",
            ),
        ]

    def __str__(self):
        return f"{self.nominee} {self.star}"

    @property
    def nominee(self):
        return self.person or self.section

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.person_id, self.section_id, self.branch_id, self.state)


class NominationMove(models.Model):
    """A step of a nomination. Append-only; unique on the version: no step is taken twice."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="moves")
    version = models.PositiveIntegerField()
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # Whom a deputy acted for.
    on_behalf_of = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "version"], name="nomination_move_in_order"
            )
        ]

    def __str__(self):
        return f"{self.from_state} → {self.to_state}"


class Dossier(models.Model):
    """What the nomination rested on, copied at the moment it was submitted. Append-only."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="dossiers")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["nomination", "version"], name="dossier_once")
        ]

    def __str__(self):
        return self.digest[:8]


class Clearance(models.Model):
    """What the personnel office and the discipline committee say of a nominee before the
    committee sits (审核意见、廉政意见); the newest of a body stands. Append-only."""

    class Body(models.TextChoices):
        PERSONNEL = "personnel", _("机关人事科")
        DISCIPLINE = "discipline", _("机关纪委")

    class Word(models.TextChoices):
        CLEAR = "clear", _("无不同意见")
        RESERVED = "reserved", _("有保留意见")
        AGAINST = "against", _("不宜参评")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="clearances")
    body = models.CharField(_("出具单位"), max_length=10, choices=Body.choices)
    word = models.CharField(_("意见"), max_length=8, choices=Word.choices)
    text = models.CharField(_("说明"), max_length=300, blank=True)
    # The letter it came in.
    document = models.CharField(_("文号"), max_length=60, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("审核意见")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(word="clear") | ~Q(text=""), name="clearance_says_why_not"
            )
        ]

    def __str__(self):
        return f"{self.nomination} {self.word}"
