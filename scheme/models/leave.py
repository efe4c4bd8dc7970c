from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor
from scheme.leave_querysets import LeaveRequestQuerySet

from .organisation import Unit
from .staff import Absence, Staff


class LeaveRequest(models.Model):
    """Leave or travel as a person asks for it; granted, it makes an `Absence`.

    There is no field for a reason, neither of the asking nor of the answer: why somebody is ill is
    nobody's business here, and what is not stored cannot be read.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("待批")
        GRANTED = "granted", _("已批准")
        REFUSED = "refused", _("未批准")
        WITHDRAWN = "withdrawn", _("已撤回")

    KINDS = (Absence.Kind.LEAVE, Absence.Kind.TRAVEL)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    kind = models.CharField(_("类别"), max_length=12, choices=Absence.Kind.choices)
    start_on = models.DateField(_("开始日期"))
    end_on = models.DateField(_("结束日期（含）"))
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    # Whom a deputy decided for.
    on_behalf_of = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("批准时间"), null=True)
    # What came of it; empty again when the absence was cancelled.
    absence = models.OneToOneField(Absence, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("请假出差申请")
        ordering = ["-start_on", "-pk"]
        indexes = [models.Index(fields=["staff", "start_on"], name="leave_by_person_and_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["leave", "travel"]), name="leave_is_leave_or_travel"
            ),
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="leave_ends_after_start",
                violation_error_message=_("结束日期早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, state__in=["asked", "withdrawn"])
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    state__in=["granted", "refused"],
                ),
                name="leave_decided_at_and_by_in_a_pair",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("staff")),
                name="leave_not_granted_to_oneself",
                violation_error_message=_("不能批准自己的申请。"),
            ),
        ]

    def __str__(self):
        return f"{self.staff} {self.get_kind_display()} {self.start_on}"

    def anchor(self) -> Anchor:
        """Whose it is; the section is that of today (annotated by `with_decider`)."""
        section_id = getattr(self, "section_id", None)
        if section_id is None:
            found = LeaveRequest.objects.filter(pk=self.pk).with_decider()
            section_id = found.values_list("section_id", flat=True).first()
        return Anchor(self.unit_id, self.staff_id, section_id, state=self.state)
