from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.models import Branch, Staff, Star
from stars.querysets import BranchRecordQuerySet

from .nomination import Nomination
from .round import NomineeKind, RecusalKind, Round


class Seat(models.Model):
    """Who is entitled to evaluate or to vote, as it stood when the stage began."""

    class Body(models.TextChoices):
        BRANCH = "branch", _("党支部")
        COMMITTEE = "committee", _("部务会")

    round = models.ForeignKey(Round, models.PROTECT, related_name="seats")
    body = models.CharField(max_length=9, choices=Body.choices)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    chairs = models.BooleanField(default=False)
    # Of a branch: leads a section, the branch or the department; for the weights of marks.
    leads = models.BooleanField(default=False)
    # Attendance as it is now; empty until it is taken. How it came about: `AttendanceMove`.
    present = models.BooleanField(null=True)
    absence = models.CharField(_("未到会原因"), max_length=60, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "body", "staff"], name="seat_once"),
            models.CheckConstraint(
                condition=Q(body="branch", branch__isnull=False) | Q(body="committee", branch=None),
                name="seat_names_its_body",
            ),
        ]

    def __str__(self):
        return f"{self.body} {self.staff}"


class Recusal(models.Model):
    """A member stands back from one nomination, in one body: sees, speaks and votes nothing on it.

    Laid by the rules of the round when the stage begins, declared by the member, or ordered.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="recusals_of")
    body = models.CharField(max_length=9, choices=Seat.Body.choices)
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="recusals")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=RecusalKind.choices)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    # Empty when the rules did it.
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    # One that was declared or ordered in error, before the item was opened.
    lifted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("回避")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "body", "staff"],
                condition=Q(lifted_at=None),
                name="recused_once",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(
                    lifted_at__isnull=False,
                    lifted_by__isnull=False,
                    kind__in=["declared", "ordered"],
                ),
                name="recusal_lifted_only_if_not_by_rule",
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.staff}"


class Opinion(models.Model):
    """A branch member's judgement of one nomination: a mark of words, or points from 0 to 100, as
    the round's rules say. Given once, never changed."""

    class Mark(models.TextChoices):
        FOR = "for", _("赞成")
        AGAINST = "against", _("不赞成")
        ABSTAIN = "abstain", _("弃权")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="opinions")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    mark = models.CharField(max_length=7, choices=Mark.choices, blank=True)
    points = models.PositiveSmallIntegerField(_("分数"), null=True)
    comment = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["nomination", "by"], name="opinion_once"),
            models.CheckConstraint(
                condition=(~Q(mark="") & Q(points=None)) | Q(mark="", points__lte=100),
                name="opinion_is_a_word_or_points",
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.mark}"


class BranchOutcome(models.Model):
    """What the branch's opinions came to, counted when its stage ended. Append-only."""

    class Outcome(models.TextChoices):
        AGREED = "agreed", _("赞成")
        SPLIT = "split", _("有分歧")
        AGAINST = "against", _("不赞成")

    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="branch_outcome")
    entitled = models.PositiveSmallIntegerField()
    recused = models.PositiveSmallIntegerField()
    votes_for = models.PositiveSmallIntegerField()
    votes_against = models.PositiveSmallIntegerField()
    votes_abstain = models.PositiveSmallIntegerField()
    # Where points were given: their mean by the round's rules (weights, trimming) and how many.
    mean = models.DecimalField(_("平均分"), max_digits=6, decimal_places=3, null=True)
    given = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    at = models.DateTimeField()

    def __str__(self):
        return self.outcome


class BranchRecord(models.Model):
    """The record of the branch's meeting (支部会议记录): when, where, who came, what was said.
    Written by the secretary; may be put right until the round is decided."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="branch_records")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    held_on = models.DateField(_("会议日期"))
    place = models.CharField(_("地点"), max_length=60)
    host = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("主持人"))
    recorder = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    # Keys of the people present, of the branch's seats.
    present = models.JSONField(_("到会"), default=list)
    text = models.TextField(_("会议情况"), max_length=5000)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    objects = BranchRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("支部会议记录")
        ordering = ["branch__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "branch"], name="branch_record_once")
        ]

    def __str__(self):
        return f"{self.round} {self.branch}"

    def anchor(self) -> Anchor:
        return Anchor(self.round.unit_id, branch_id=self.branch_id, state=self.round.state)


class Decision(models.Model):
    """The committee's outcome on one nomination: the count, the line it had to pass, and whether
    it also won one of the places. Append-only."""

    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="decision")
    entitled = models.PositiveSmallIntegerField()
    present = models.PositiveSmallIntegerField()
    recused = models.PositiveSmallIntegerField()
    votes_for = models.PositiveSmallIntegerField()
    votes_against = models.PositiveSmallIntegerField()
    votes_abstain = models.PositiveSmallIntegerField()
    votes_defer = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField()
    # More than half of the entitled would rather decide later (缓议), and nobody did since.
    deferred = models.BooleanField(default=False)
    placed = models.BooleanField()
    # Placed on one of the floating places.
    floating = models.BooleanField(default=False)
    # The ballot that counts; none of rounds from before there were any.
    box = models.ForeignKey("stars.Box", models.PROTECT, null=True, related_name="+")
    # How a tie for the last place was settled, by whom.
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    settled_reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(placed=False) | Q(passed=True), name="decision_placed_only_if_passed"
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | ~Q(settled_reason=""),
                name="decision_settled_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(deferred=False) | Q(passed=False), name="decision_deferred_not_passed"
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.votes_for}/{self.entitled}"


class Settlement(models.Model):
    """Who gets the last places of a star where the count is equal: the chair's word, given after
    the last vote and before the sitting is closed. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="settlements")
    # Empty: the floating places.
    star = models.ForeignKey(Star, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=NomineeKind.choices)
    # Keys of the nominations that get the places.
    winners = models.JSONField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "star", "kind"], nulls_distinct=False, name="tie_settled_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="settlement_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.star_id} {self.kind}"
