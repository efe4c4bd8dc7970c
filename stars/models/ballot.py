from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.models import Branch, Staff, Star

from .nomination import Nomination
from .round import NomineeKind, Round


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
    # Attendance of the sitting; empty until it is taken. Branches keep none in this form.
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


class Opinion(models.Model):
    """A branch member's judgement of one nomination. Given once, never changed."""

    class Mark(models.TextChoices):
        FOR = "for", _("赞成")
        AGAINST = "against", _("不赞成")
        ABSTAIN = "abstain", _("弃权")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="opinions")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    mark = models.CharField(max_length=7, choices=Mark.choices)
    comment = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["nomination", "by"], name="opinion_once")]

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
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    at = models.DateTimeField()

    def __str__(self):
        return self.outcome


class Vote(models.Model):
    """A committee member's open vote on one nomination. Cast once, never changed; no sums are
    shown before the sitting is closed."""

    class Choice(models.TextChoices):
        FOR = "for", _("同意")
        AGAINST = "against", _("不同意")
        ABSTAIN = "abstain", _("弃权")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="votes")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["nomination", "by"], name="vote_once")]

    def __str__(self):
        return f"{self.nomination}"


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
    passed = models.BooleanField()
    placed = models.BooleanField()
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
        ]

    def __str__(self):
        return f"{self.nomination} {self.votes_for}/{self.entitled}"


class Settlement(models.Model):
    """Who gets the last places of a star where the count is equal: the chair's word, given after
    the last vote and before the sitting is closed. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="settlements")
    star = models.ForeignKey(Star, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=NomineeKind.choices)
    # Keys of the nominations that get the places.
    winners = models.JSONField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "star", "kind"], name="tie_settled_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="settlement_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.star_id} {self.kind}"
