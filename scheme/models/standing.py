"""What stands in the way of a person (or a section) being honoured, and who is kin to whom.

Both are confidential: the person concerned and the personnel office read them, nobody else, and
every reading by the office is recorded.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheme import access
from scheme.access import Anchor
from scheme.roles import Role

from .organisation import Section, Unit
from .staff import Staff


class RestrictionQuerySet(models.QuerySet):
    def visible_to(self, person):
        """One's own; all of the unit to the personnel office. What bars a section only the office
        reads: it is nobody's own."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        if access.has_role(person, Role.PERSONNEL):
            return rows
        return rows.filter(staff=person)

    def on(self, day):
        """Those in effect that day."""
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gt=day))


class Restriction(models.Model):
    """A sanction with its effect period, an inquiry, a criticism … From `since` until the day
    before `until`; without `until`, until it is lifted (which sets it)."""

    class Kind(models.TextChoices):
        SANCTION = "sanction", _("处分影响期")
        ADMONITION = "admonition", _("诫勉影响期")
        INVESTIGATION = "investigation", _("接受审查调查")
        CRITICISM = "criticism", _("被通报批评")
        SECRETS = "secrets", _("违反保密规定")
        ERROR = "error", _("工作失误造成后果")
        FRAUD = "fraud", _("申报弄虚作假")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    staff = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, related_name="+", verbose_name=_("科室")
    )
    kind = models.CharField(_("情形"), max_length=13, choices=Kind.choices)
    since = models.DateField(_("起"))
    until = models.DateField(_("止（不含）"), null=True)
    # By which document of which office.
    authority = models.CharField(_("依据"), max_length=100)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(_("解除的依据"), max_length=200, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("不得参评情形")
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(staff__isnull=False, section=None)
                | Q(staff=None, section__isnull=False),
                name="restriction_is_of_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="restriction_ends_after_start",
                violation_error_message=_("止日须晚于起日。"),
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="restriction_lifted_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.staff or self.section}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.staff_id, self.section_id)


class KinshipQuerySet(models.QuerySet):
    def visible_to(self, person):
        """One's own, whoever of the two said it; all of the unit to the personnel office."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        if access.has_role(person, Role.PERSONNEL):
            return rows
        return rows.filter(Q(person=person) | Q(relative=person))


class Kinship(models.Model):
    """Two people of the unit are related. Declared by either, or entered by the office; kept when
    it ends, for past rounds."""

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("夫妻")
        LINEAL = "lineal", _("直系血亲")
        COLLATERAL = "collateral", _("三代以内旁系血亲")
        IN_LAW = "in_law", _("近姻亲")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    relative = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("亲属"))
    relation = models.CharField(_("关系"), max_length=10, choices=Relation.choices)
    declared_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = KinshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("亲属关系")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(person=F("relative")),
                name="kin_of_somebody_else",
                violation_error_message=_("不能填本人。"),
            ),
            models.UniqueConstraint(
                fields=["person", "relative"],
                condition=Q(ended_at=None),
                name="kin_declared_once",
                violation_error_message=_("这层关系已经报告过。"),
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.relative}"

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.person_id)
