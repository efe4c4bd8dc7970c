from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from scheme.access import Anchor, can, places
from scheme.querysets import UnitScopedQuerySet
from scheme.roles import Role

from .organisation import Section, Unit
from .staff import Staff

AREAS = 7


class RegulationArea(models.Model):
    """A unit's own name for one of the seven areas; without a row the usual name stands."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    number = models.PositiveSmallIntegerField(_("序号"))
    name = models.CharField(_("名称"), max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = _("制度方面")
        ordering = ["unit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="area_named_once"),
            models.CheckConstraint(
                condition=Q(number__range=(1, AREAS)) & ~Q(name=""), name="area_is_one_of_seven"
            ),
        ]

    def __str__(self):
        return self.name


class Regulation(models.Model):
    """A regulation of a unit through all its versions. What it says stands in the versions."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    area = models.PositiveSmallIntegerField(_("方面"))
    number = models.PositiveSmallIntegerField(_("编号"))
    title = models.CharField(_("名称"), max_length=100)
    owner = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("负责科室"))
    review_on = models.DateField(_("复审日期"), null=True, blank=True)
    # A scoring rule that cites "第十条" and names no regulation means this one.
    cited_bare = models.BooleanField(_("积分细则默认引用"), default=False)
    version = models.PositiveIntegerField(default=0)

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("制度")
        ordering = ["unit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="regulation_number_once"),
            models.UniqueConstraint(fields=["unit", "title"], name="regulation_title_once"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(cited_bare=True), name="regulation_cited_bare_once"
            ),
            models.CheckConstraint(
                condition=Q(area__range=(1, AREAS)), name="regulation_in_one_of_seven"
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="regulation_number_positive"),
        ]

    def __str__(self):
        return _now("《%(title)s》") % {"title": self.title}

    def anchor(self, state: str = "", section_id: int | None = None) -> Anchor:
        """`section_id`: another section whose leader has a say, the personnel office's."""
        return Anchor(self.unit_id, section_id=section_id or self.owner_id, state=state)


class VersionQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Approved versions to everybody of the unit, drafts to those who have a hand in them."""
        if not person.unit_id:
            return self.none()
        found = self.filter(regulation__unit_id=person.unit_id)
        if can(person, "regulation.manage", Anchor(person.unit_id)):
            return found
        mine = places(person, Role.CHIEF) + places(person, Role.LEADER)
        return found.filter(
            Q(state=RegulationVersion.State.APPROVED)
            | Q(regulation__owner__in=mine)
            # The leader in charge of the personnel office may approve any.
            | Q(drafted_by=person)
            | Q(regulation__unit_id__in=_approves_everywhere(person))
        )

    def approved(self):
        return self.filter(state=RegulationVersion.State.APPROVED)

    def holding(self, day: date):
        """Of each regulation the version that counts on the day: the newest that has begun. One
        that abolishes is among them."""
        newest = (
            RegulationVersion.objects.approved()
            .filter(regulation=OuterRef("regulation"), effective_on__lte=day)
            .order_by("-effective_on", "-number")
        )
        return self.approved().filter(pk=Subquery(newest.values("pk")[:1]))

    def in_force(self, day: date):
        return self.holding(day).filter(abolishes=False)

    def newest(self):
        """Of each regulation the last approved version, begun or not."""
        last = (
            RegulationVersion.objects.approved()
            .filter(regulation=OuterRef("regulation"))
            .order_by("-effective_on", "-number")
        )
        return self.approved().filter(pk=Subquery(last.values("pk")[:1]))


def _approves_everywhere(person) -> list[int]:
    """The person's unit, if they are in charge of its personnel office's section."""
    from scheme.regulations import office_sections

    charge = set(places(person, Role.LEADER))
    return [person.unit_id] if charge and charge & set(office_sections(person.unit)) else []


class RegulationVersion(models.Model):
    """One text of a regulation, or the act that abolishes it (`abolishes`, with no text).

    Drafted, handed in, put in force by a second person. Which of the approved ones counts is asked
    of the day (`VersionQuerySet.holding`), so nothing needs to be flipped when a day comes.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        APPROVED = "approved", _("已批准")

    class Readers(models.TextChoices):
        NOBODY = "", _("不要求")
        EVERYBODY = "everybody", _("全体人员")
        SECTIONS = "sections", _("指定科室")

    regulation = models.ForeignKey(
        Regulation, models.PROTECT, related_name="versions", verbose_name=_("制度")
    )
    number = models.PositiveSmallIntegerField(_("版次"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    abolishes = models.BooleanField(_("废止"), default=False)
    text = models.TextField(_("全文"), blank=True)
    document_no = models.CharField(_("文号"), max_length=60, blank=True)
    reason = models.CharField(_("说明"), max_length=500, blank=True)
    issued_on = models.DateField(_("印发日期"), null=True, blank=True)
    effective_on = models.DateField(_("施行日期"), null=True, blank=True)
    readers = models.CharField(
        _("须阅读的人"), max_length=9, choices=Readers.choices, blank=True, default=""
    )
    read_by = models.DateField(_("阅读期限"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("起草人")
    )
    drafted_at = models.DateTimeField(_("起草时间"))
    handed_in_at = models.DateTimeField(_("送审时间"), null=True, blank=True)
    return_reason = models.CharField(_("退回理由"), max_length=500, blank=True)
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("批准人")
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("制度版本")
        ordering = ["regulation", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["regulation", "number"], name="regulation_version_once"
            ),
            models.UniqueConstraint(
                fields=["regulation"],
                condition=Q(state="draft"),
                name="regulation_has_one_draft",
                violation_error_message=_("这项制度已有一份草稿。"),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_by=None, approved_at=None)
                | Q(state="approved", approved_by__isnull=False, approved_at__isnull=False)
                & Q(issued_on__isnull=False, effective_on__isnull=False)
                & Q(handed_in_at__isnull=False, effective_on__gte=F("issued_on")),
                name="regulation_approved_has_its_signature",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="regulation_approved_by_another",
                violation_error_message=_("起草人不能批准自己起草的制度。"),
            ),
            models.CheckConstraint(
                condition=Q(abolishes=True, text="", readers="") & ~Q(reason="")
                | Q(abolishes=False),
                name="regulation_abolished_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(readers="", read_by=None) | ~Q(readers="") & Q(read_by__isnull=False),
                name="regulation_read_by_a_day",
            ),
        ]

    def __str__(self):
        return _now("%(title)s第%(number)s版") % {
            "title": self.regulation,
            "number": self.number,
        }

    @property
    def unit(self) -> Unit:
        return self.regulation.unit

    @property
    def unit_id(self) -> int:
        return self.regulation.unit_id

    def anchor(self, section_id: int | None = None) -> Anchor:
        return self.regulation.anchor(self.state, section_id)


class Clause(models.Model):
    """A piece of a version's text in its order: a chapter's heading, a clause, or what stands
    before the first of them. `grams` are what is searched: single characters and pairs."""

    class Kind(models.TextChoices):
        HEADING = "heading", _("章节")
        CLAUSE = "clause", _("条")
        PLAIN = "plain", _("正文")

    regulation_version = models.ForeignKey(
        RegulationVersion, models.CASCADE, related_name="clauses", verbose_name=_("版本")
    )
    position = models.PositiveSmallIntegerField(_("顺序"))
    kind = models.CharField(_("类别"), max_length=7, choices=Kind.choices)
    label = models.CharField(_("条号"), max_length=20, blank=True)
    number = models.PositiveSmallIntegerField(default=0)
    sub = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(_("正文"))
    grams = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("条款")
        ordering = ["regulation_version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["regulation_version", "position"], name="clause_position_once"
            ),
            models.UniqueConstraint(
                fields=["regulation_version", "number", "sub"],
                condition=Q(kind="clause"),
                name="clause_number_once",
            ),
        ]
        indexes = [GinIndex(fields=["grams"], name="clause_by_grams")]

    def __str__(self):
        return self.label or self.text[:20]

    @property
    def anchor_id(self) -> str:
        """The name of its place on the page: c12, c12-1 for 第十二条之一."""
        if self.kind != self.Kind.CLAUSE:
            return f"p{self.position}"
        return f"c{self.number}" + (f"-{self.sub}" if self.sub else "")


class ReadingSection(models.Model):
    """A section whose people must read a version."""

    regulation_version = models.ForeignKey(
        RegulationVersion, models.CASCADE, related_name="reading_sections"
    )
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["regulation_version", "section"], name="reading_section_once"
            )
        ]

    def __str__(self):
        return str(self.section)


class ReadReceipt(models.Model):
    """A person says they have read a version. Once, and for good."""

    regulation_version = models.ForeignKey(RegulationVersion, models.PROTECT, related_name="+")
    person = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("阅读回执")
        constraints = [
            models.UniqueConstraint(
                fields=["regulation_version", "person"], name="read_receipt_once"
            )
        ]

    def __str__(self):
        return f"{self.regulation_version} {self.person}"
