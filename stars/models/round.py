from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheme import periods
from scheme.access import Anchor
from scheme.models import Section, Staff, Star, Unit
from scoring.models import RuleBook, ScoreRun
from stars.querysets import ParticipantQuerySet, RoundQuerySet


class BranchMethod(models.TextChoices):
    VOTES = "votes", _("表决")
    MARKS = "marks", _("打分")


class RecusalKind(models.TextChoices):
    """What ties a member to a nominee. Own matters and kin stand back always; the rest as the
    round's rules say; declared and ordered ones come up on the way."""

    OWN = "own", _("本人是提名对象")
    KIN = "kin", _("与提名对象有亲属关系")
    HEAD = "head", _("本人负责这个科室")
    MEMBER = "member", _("本人在这个科室")
    SAME_SECTION = "same_section", _("与提名对象同一科室")
    CHARGE = "charge", _("本人分管推荐的科室")
    NOMINATOR = "nominator", _("推荐由本人提交")
    DECLARED = "declared", _("本人申请回避")
    ORDERED = "ordered", _("组织决定回避")


class TieLast(models.TextChoices):
    CHAIR = "chair", _("由主持人裁定")
    EMPTY = "empty", _("名额空缺")


# Always applied, whatever the rules say.
ALWAYS_RECUSED = (RecusalKind.OWN, RecusalKind.KIN)
CHOOSABLE_RECUSALS = (
    RecusalKind.HEAD,
    RecusalKind.MEMBER,
    RecusalKind.SAME_SECTION,
    RecusalKind.CHARGE,
    RecusalKind.NOMINATOR,
)
TIE_CRITERIA = {
    "branch": _("支部赞成比例（或平均分）高者"),
    "tasks": _("办结重点任务多者"),
    "deductions": _("扣分少者"),
    "score": _("该星积分高者"),
}


def usual_recusals() -> list[str]:
    return ["head", "member", "nominator"]


def usual_tie_order() -> list[str]:
    return ["branch"]


def usual_vetoes() -> list[str]:
    return ["sanction", "admonition", "investigation", "criticism", "secrets", "error", "fraud"]


class Round(models.Model):
    """One half-year's stars of a unit. Its rules are fixed and sealed when it opens.

    Dates are last days of a stage, in working hours of Shanghai; `due_at` is the moment at which
    the present stage ends by itself. Shares (quorum, majority) are of the entitled.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("筹备")
        NOMINATING = "nominating", _("科室推星")
        AT_BRANCH = "at_branch", _("支部评星")
        AT_COMMITTEE = "at_committee", _("部务会定星")
        PUBLICITY = "publicity", _("公示")
        PUBLISHED = "published", _("展示亮星")
        CANCELLED = "cancelled", _("已取消")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    half = models.CharField(_("半年"), max_length=6)
    state = models.CharField(
        _("阶段"), max_length=12, choices=State.choices, default=State.PREPARING
    )
    version = models.PositiveIntegerField(default=0)
    nominate_until = models.DateField(_("推星截止"))
    branch_until = models.DateField(_("评星截止"))
    committee_until = models.DateField(_("定星截止"))
    publicity_days = models.PositiveSmallIntegerField(_("公示工作日"), default=5)
    # Demo only (settings.DEMO): publicity measured in seconds, and said so on the page.
    publicity_seconds = models.PositiveIntegerField(null=True, blank=True)
    quorum_num = models.PositiveSmallIntegerField(_("法定人数（分子）"), default=2)
    quorum_den = models.PositiveSmallIntegerField(_("法定人数（分母）"), default=3)
    majority_num = models.PositiveSmallIntegerField(_("通过须过（分子）"), default=1)
    majority_den = models.PositiveSmallIntegerField(_("通过须过（分母）"), default=2)
    recused_count_as_entitled = models.BooleanField(_("回避者计入应到"), default=True)
    # 机动名额: for whoever passed and found the star's own places taken, across all stars.
    floating_sections = models.PositiveSmallIntegerField(_("科室机动名额"), default=0)
    floating_persons = models.PositiveSmallIntegerField(_("个人机动名额"), default=0)
    # How a branch evaluates. Marks run from 0 to 100.
    branch_method = models.CharField(
        _("支部评星方式"), max_length=5, choices=BranchMethod.choices, default=BranchMethod.VOTES
    )
    trimmed = models.BooleanField(_("去掉一个最高分和一个最低分"), default=False)
    # Weight, in percent, of the marks of those who lead (Seat.leads); 0: every mark is equal.
    leaders_weight = models.PositiveSmallIntegerField(_("领导和科室负责人权重"), default=0)
    agreed_from = models.PositiveSmallIntegerField(_("平均分达到为赞成"), default=80)
    against_below = models.PositiveSmallIntegerField(_("平均分低于为不赞成"), default=60)
    secret = models.BooleanField(_("部务会无记名投票"), default=False)
    recusals = models.JSONField(_("回避情形"), default=usual_recusals)
    tie_order = models.JSONField(_("同票时依次比较"), default=usual_tie_order)
    tie_last = models.CharField(
        _("仍相同时"), max_length=5, choices=TieLast.choices, default=TieLast.CHAIR
    )
    # What bars a person or a section (Restriction.Kind), and for persons besides.
    vetoes = models.JSONField(_("不能参评的情形"), default=usual_vetoes)
    bar_probation = models.BooleanField(_("试用期人员不参评"), default=True)
    # Working days of leave in the half-year beyond which nobody is put forward; empty: no limit.
    absence_limit = models.PositiveSmallIntegerField(_("缺勤工作日上限"), null=True, blank=True)
    statement_fewest = models.PositiveSmallIntegerField(_("推荐理由至少"), default=20)
    statement_most = models.PositiveSmallIntegerField(_("推荐理由至多"), default=500)
    most_returns = models.PositiveSmallIntegerField(_("最多退回次数"), default=2)
    book = models.ForeignKey(RuleBook, models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(ScoreRun, models.PROTECT, null=True, related_name="+")
    seal = models.CharField(_("规则校验值"), max_length=64, blank=True)
    # What the seal was taken of, by value: a section renamed since does not break it. Empty in
    # rounds opened before it was kept.
    sealed = models.JSONField(null=True, editable=False)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    stage_since = models.DateTimeField(_("本阶段始于"))
    due_at = models.DateTimeField(_("本阶段止于"), null=True)
    publicity_from = models.DateField(_("公示起"), null=True)
    publicity_until = models.DateField(_("公示止"), null=True)
    # Where, how and at what hours to object, for the notice; no rule, so never sealed.
    contact = models.CharField(_("异议受理方式"), max_length=200, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("评星轮次")
        ordering = ["-half", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "half"],
                condition=~Q(state="cancelled"),
                name="one_round_a_half_year",
                violation_error_message=_("这个半年已经有一轮了。"),
            ),
            models.CheckConstraint(
                condition=Q(nominate_until__lt=F("branch_until"))
                & Q(branch_until__lt=F("committee_until")),
                name="round_stages_follow_each_other",
                violation_error_message=_("各阶段的截止日须一个比一个晚。"),
            ),
            models.CheckConstraint(
                condition=Q(quorum_num__gt=0)
                & Q(quorum_num__lte=F("quorum_den"))
                & Q(majority_num__gt=0)
                & Q(majority_num__lt=F("majority_den")),
                name="round_shares_are_shares",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by=None, seal="")
                | Q(opened_at__isnull=False, opened_by__isnull=False) & ~Q(seal=""),
                name="round_opened_has_its_seal",
            ),
            models.CheckConstraint(
                condition=Q(leaders_weight__lt=100)
                & Q(agreed_from__lte=100)
                & Q(against_below__lte=F("agreed_from")),
                name="round_marks_are_marks",
            ),
            models.CheckConstraint(
                condition=Q(statement_fewest__lte=F("statement_most"))
                & Q(statement_most__lte=2000),
                name="round_statement_has_a_length",
            ),
        ]

    def __str__(self):
        return _("%(half)s评星") % {"half": periods.half_name(self.half)}

    @property
    def span(self) -> periods.Span:
        return periods.half_span(self.half)

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, state=self.state)


class RoundMove(models.Model):
    """A step of the round: by the clock (`by` empty) or by hand with a reason. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="moves")
    version = models.PositiveIntegerField()
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["round", "version"], name="round_move_in_order"),
            models.CheckConstraint(
                condition=Q(by=None) | ~Q(reason=""), name="round_move_by_hand_has_a_reason"
            ),
        ]

    def __str__(self):
        return f"{self.from_state} → {self.to_state}"


class NomineeKind(models.TextChoices):
    SECTION = "section", _("科室")
    PERSON = "person", _("个人")


class Quota(models.Model):
    """Places of a star for one kind of nominee, and how many each section may put forward."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="quotas")
    star = models.ForeignKey(Star, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=NomineeKind.choices)
    places = models.PositiveSmallIntegerField(_("名额"), default=1)
    per_section = models.PositiveSmallIntegerField(_("每科室可推"), default=1)

    class Meta:
        ordering = ["star__position", "kind"]
        constraints = [models.UniqueConstraint(fields=["round", "star", "kind"], name="quota_once")]

    def __str__(self):
        return f"{self.star_id} {self.kind} {self.places}"


class Participant(models.Model):
    """Who takes part in the round, person or section; whoever does not has a reason."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="participants")
    person = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    section = models.ForeignKey(Section, models.PROTECT, null=True, related_name="+")
    takes_part = models.BooleanField(_("参加"), default=True)
    reason = models.CharField(_("不参加的原因"), max_length=100, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, section=None)
                | Q(person=None, section__isnull=False),
                name="participant_is_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(takes_part=True) | ~Q(reason=""),
                name="participant_absent_has_a_reason",
                violation_error_message=_("不参加的须写明原因。"),
            ),
            models.UniqueConstraint(
                fields=["round", "person", "section"],
                nulls_distinct=False,
                name="participant_once",
            ),
        ]

    def __str__(self):
        return str(self.person or self.section)


class SectionConfirmation(models.Model):
    """A section stands by its part of the list: its chief, or the office with a reason. Dropped
    when the section's rows change."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="confirmations")
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    # Why the office confirmed in the section's stead; empty when its chief did.
    reason = models.CharField(_("代为确认的理由"), max_length=100, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["section__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "section"], name="section_confirmed_once")
        ]

    def __str__(self):
        return str(self.section)
