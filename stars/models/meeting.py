from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.models import Staff

from .nomination import Nomination
from .round import Round


class Meeting(models.Model):
    """A sitting of the committee (部务会). Adjourned with items left, another one is called."""

    class State(models.TextChoices):
        CALLED = "called", _("待开")
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已散会")

    round = models.ForeignKey(Round, models.PROTECT, related_name="meetings")
    number = models.PositiveSmallIntegerField(_("第几次"))
    state = models.CharField(max_length=6, choices=State.choices, default=State.CALLED)
    version = models.PositiveIntegerField(default=0)
    held_on = models.DateField(_("会议日期"), null=True)
    place = models.CharField(_("地点"), max_length=60, blank=True)
    # Who presides; one of the members. Speaks and votes last.
    chair = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("主持人")
    )
    recorder = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("记录人")
    )
    scrutineer = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("监票人")
    )
    teller = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("计票人")
    )
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # Why it ended with items left.
    adjourned_why = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("部务会会议")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="meeting_number_once"),
            models.UniqueConstraint(
                fields=["round"], condition=~Q(state="closed"), name="one_meeting_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.round} {self.number}"

    def anchor(self) -> Anchor:
        return Anchor(self.round.unit_id, state=self.round.state)


class AttendanceMove(models.Model):
    """Somebody came, did not, left, or came back. Append-only; what holds now is on the seat."""

    class Kind(models.TextChoices):
        CAME = "came", _("到会")
        ABSENT = "absent", _("未到会")
        LEFT = "left", _("离会")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    reason = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.staff} {self.kind}"


class Box(models.Model):
    """One ballot on one nomination. Nothing of what is in it is known before it is closed.

    Secret: every ballot lies in an envelope sealed with the box's key; closing opens them all at
    once, lays the choices down in their own order and destroys key and envelopes.
    """

    class State(models.TextChoices):
        OPEN = "open", _("表决中")
        CLOSED = "closed", _("已表决")
        VOID = "void", _("无效")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="boxes")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="boxes")
    # More than 1 after a deferral, a void ballot or a reconsideration.
    turn = models.PositiveSmallIntegerField(default=1)
    secret = models.BooleanField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # The key of a secret box, locked (scheme.sealing); destroyed when it is closed or void.
    key = models.BinaryField(null=True, editable=False)
    # What was counted, once closed.
    entitled = models.PositiveSmallIntegerField(null=True)
    present = models.PositiveSmallIntegerField(null=True)
    recused = models.PositiveSmallIntegerField(null=True)
    votes_for = models.PositiveSmallIntegerField(null=True)
    votes_against = models.PositiveSmallIntegerField(null=True)
    votes_abstain = models.PositiveSmallIntegerField(null=True)
    votes_defer = models.PositiveSmallIntegerField(null=True)
    # Hash of the ballots as laid down.
    digest = models.CharField(max_length=64, blank=True)
    void_why = models.CharField(max_length=200, blank=True)
    # 复议: which ballot it sets aside, why, and which members wanted it.
    reconsiders = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    reconsidered_why = models.CharField(max_length=200, blank=True)
    supporters = models.JSONField(default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("表决")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["nomination", "turn"], name="box_turn_once"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state="open"), name="one_item_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, votes_for=None)
                | Q(state="void", votes_for=None, key=None, closed_at__isnull=False)
                & ~Q(void_why="")
                | Q(
                    state="closed",
                    key=None,
                    closed_at__isnull=False,
                    entitled__isnull=False,
                    present__isnull=False,
                    recused__isnull=False,
                    votes_for__isnull=False,
                    votes_against__isnull=False,
                    votes_abstain__isnull=False,
                    votes_defer__isnull=False,
                ),
                name="box_is_counted_when_closed",
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.turn}"

    def anchor(self) -> Anchor:
        return Anchor(self.meeting.round.unit_id, state=self.meeting.round.state)


class Elector(models.Model):
    """Who was entitled to this ballot, as frozen when it was opened, and whether they voted."""

    class Standing(models.TextChoices):
        DUE = "due", _("应投票")
        ABSENT = "absent", _("未到会")
        RECUSED = "recused", _("回避")
        LEFT = "left", _("中途离会")

    box = models.ForeignKey(Box, models.PROTECT, related_name="electors")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    standing = models.CharField(max_length=7, choices=Standing.choices)
    presides = models.BooleanField(default=False)
    has_voted = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["box", "staff"], name="elector_once"),
            models.CheckConstraint(
                condition=Q(has_voted=False) | Q(standing="due"), name="elector_votes_if_due"
            ),
        ]

    def __str__(self):
        return f"{self.staff} {self.standing}"


class Envelope(models.Model):
    """A member's ballot, sealed. Gone once the box is closed."""

    box = models.ForeignKey(Box, models.PROTECT, related_name="envelopes")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    sealed = models.BinaryField(editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["box", "staff"], name="envelope_once")]

    def __str__(self):
        return f"{self.box}"


class Ballot(models.Model):
    """One opened secret ballot: what, never whose. Laid down in the order of the choices.
    Append-only."""

    box = models.ForeignKey(Box, models.PROTECT, related_name="ballots")
    number = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=7)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["box", "number"], name="ballot_number_once")]

    def __str__(self):
        return f"{self.number}"


class Vote(models.Model):
    """A committee member's open vote. Cast once, never changed; no sums are shown before the box
    is closed. `box` is empty in rounds from before there were boxes."""

    class Choice(models.TextChoices):
        FOR = "for", _("同意")
        AGAINST = "against", _("不同意")
        ABSTAIN = "abstain", _("弃权")
        DEFER = "defer", _("缓议")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="votes")
    box = models.ForeignKey(Box, models.PROTECT, null=True, related_name="votes")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "box", "by"], nulls_distinct=False, name="vote_once_a_ballot"
            )
        ]

    def __str__(self):
        return f"{self.nomination}"


class WrittenOpinion(models.Model):
    """What an absent member sent in writing. Read out and recorded, never counted. Append-only."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="written")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    # Empty: on the whole list.
    nomination = models.ForeignKey(Nomination, models.PROTECT, null=True, related_name="+")
    text = models.CharField(_("书面意见"), max_length=500)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("书面意见")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.staff}"


class Minutes(models.Model):
    """The minutes of a meeting (会议纪要), drafted from what happened; the recorder may word them,
    whoever presided confirms them, and from then on they stand."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    # What happened, by value: attendance, items, counts.
    body = models.JSONField()
    # What the recorder adds in words.
    text = models.TextField(_("议定事项以外的记录"), max_length=5000, blank=True)
    version = models.PositiveIntegerField(default=0)
    drafted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会议纪要")
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, digest="")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(digest=""),
                name="minutes_confirmed_have_their_hash",
            )
        ]

    def __str__(self):
        return f"{self.meeting}"
