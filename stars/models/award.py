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

    class Source(models.TextChoices):
        ONLINE = "online", _("本人提出")
        LETTER = "letter", _("来信")
        VISIT = "visit", _("来访来电")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("成立")
        DISMISSED = "dismissed", _("不成立")

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections")
    # The receipt's number; counted through the round.
    number = models.CharField(_("回执号"), max_length=30, blank=True)
    source = models.CharField(
        _("来源"), max_length=6, choices=Source.choices, default=Source.ONLINE
    )
    # Of the unit; empty when it came by letter or in person: then `informant` and `recorded_by`.
    raised_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    informant = models.CharField(_("反映人"), max_length=40, blank=True)
    contact = models.CharField(_("联系方式"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # Asks for a second look at the finding on that one, by somebody else. Once.
    reviews = models.OneToOneField("self", models.PROTECT, null=True, related_name="review")
    assigned_to = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
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
            models.CheckConstraint(
                condition=Q(source="online", raised_by__isnull=False, informant="")
                | Q(source__in=["letter", "visit"], raised_by=None, recorded_by__isnull=False)
                & ~Q(informant=""),
                name="objection_names_who_raised_it",
            ),
            models.UniqueConstraint(
                fields=["round", "number"],
                condition=~Q(number=""),
                name="objection_number_once",
            ),
        ]

    def __str__(self):
        return f"{self.nomination}"

    def anchor(self) -> Anchor:
        return Anchor(self.round.unit_id, self.raised_by_id, state=self.outcome or "open")


class ObjectionNote(models.Model):
    """A step in looking into an objection: whom was asked, what was found. Append-only."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="notes")
    text = models.CharField(max_length=500)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.objection}"


class Revocation(models.Model):
    """A star taken back: proposed by the office, approved by whoever chairs the committee.

    The award's own row stays; what is shown and printed asks here whether it stands.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待批准")
        APPROVED = "approved", _("已撤销")
        REFUSED = "refused", _("未批准")

    award = models.ForeignKey(Award, models.PROTECT, related_name="revocations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    # On whose decision (部务会 of that day, a letter of the discipline committee) and why.
    authority = models.CharField(_("依据"), max_length=100)
    reason = models.CharField(_("理由"), max_length=300)
    # Keys of the point entries that rested on the same wrong and are reversed with it.
    entries = models.JSONField(default=list)
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("撤销")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award"], condition=~Q(state="refused"), name="award_revoked_once"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | Q(
                    state__in=["approved", "refused"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="revocation_decided_has_its_decider",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("proposed_by")),
                name="revocation_by_two",
                violation_error_message=_("不能批准自己提出的撤销。"),
            ),
        ]

    def __str__(self):
        return f"{self.award}"

    def anchor(self) -> Anchor:
        return Anchor(self.award.unit_id, state=self.state)


class CertificatePrint(models.Model):
    """That a certificate was printed, by whom, and exactly which file. Append-only."""

    award = models.ForeignKey(Award, models.PROTECT, related_name="prints")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.award}"


class RoundArchive(models.Model):
    """A finished round as one sealed package. Append-only; a later edition stands beside."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="archives")
    edition = models.PositiveSmallIntegerField(_("版次"))
    # Name of the file under FILES_ROOT, hash of the file, and hash of its list of contents.
    file = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    root = models.CharField(_("清单校验值"), max_length=64)
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("封存档案")
        ordering = ["-edition"]
        constraints = [
            models.UniqueConstraint(fields=["round", "edition"], name="archive_edition_once")
        ]

    def __str__(self):
        return self.root[:8]

    def anchor(self) -> Anchor:
        return Anchor(self.round.unit_id, state=self.round.state)
