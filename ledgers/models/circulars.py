from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledgers.querysets import CircularQuerySet
from scheme.access import Anchor
from scheme.models import Section, Staff, Unit

from .supervision import SupervisionNote
from .tasks import Task


class Circular(models.Model):
    """月通报, 季评比 or 信息采用通报: drafted from ledgers, edited, approved, numbered, issued."""

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("月通报")
        QUARTERLY = "quarterly", _("季评比")
        ADOPTION = "adoption", _("信息采用通报")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("待签")
        RETURNED = "returned", _("退回补正")
        APPROVED = "approved", _("已签")
        ISSUED = "issued", _("已印发")
        DROPPED = "dropped", _("不发")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    kind = models.CharField(_("类型"), max_length=9, choices=Kind.choices)
    # "2026-05" or "2026Q2"
    period = models.CharField(_("期间"), max_length=7)
    title = models.CharField(_("标题"), max_length=200)
    addressed_to = models.CharField(_("主送"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    # 文号: mark〔year〕serial号, given when issued.
    mark = models.CharField(_("机关代字"), max_length=20, blank=True)
    year = models.PositiveSmallIntegerField(_("年份"), null=True, blank=True)
    serial = models.PositiveIntegerField(_("顺序号"), null=True, blank=True)
    signed_as = models.CharField(_("落款"), max_length=100, blank=True)
    written_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", verbose_name=_("拟稿人")
    )
    filed_at = models.DateTimeField(_("送签时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签发人")
    )
    approved_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    issued_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("印发人")
    )
    issued_on = models.DateField(_("印发日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(_("起草时间"))

    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("通报")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "period"],
                condition=~Q(state="dropped"),
                name="one_circular_a_kind_and_period",
                violation_error_message=_("这一期已经起草。"),
            ),
            models.UniqueConstraint(
                fields=["unit", "mark", "year", "serial"],
                condition=Q(serial__isnull=False),
                name="circular_numbered_once",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("written_by")),
                name="circular_not_signed_by_its_writer",
                violation_error_message=_("不能签发自己拟的稿。"),
            ),
            models.CheckConstraint(
                condition=Q(state="issued", serial__isnull=False, issued_on__isnull=False)
                | ~Q(state="issued") & Q(serial=None, issued_on=None),
                name="circular_issued_has_its_number",
            ),
        ]

    def __str__(self):
        return self.title

    def anchor(self) -> Anchor:
        return Anchor(self.unit_id, self.written_by_id, state=self.state)


class CircularPart(models.Model):
    """A piece of the text: a heading, a paragraph, or a table as it stood when drafted."""

    class Kind(models.TextChoices):
        HEADING = "heading", _("标题")
        TEXT = "text", _("段落")
        TABLE = "table", _("表")

    circular = models.ForeignKey(Circular, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    text = models.TextField(_("内容"), blank=True, max_length=4000)
    # What drafting set it down as, to find it again when the figures are drawn anew: its key, and
    # of a text the wording it was drafted in (other words are somebody's own and stay).
    key = models.CharField(max_length=30, blank=True)
    drafted = models.TextField(blank=True)
    # {"head": [[…]], "rows": [[…]], "align": "lr…", "caption": "…"}; figures are not typed over.
    table = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("通报的段落")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["circular", "position"], name="circular_part_in_its_place"
            )
        ]

    def __str__(self):
        return self.text[:40]


class Naming(models.Model):
    """A section named in a circular. A naming of a problem becomes a supervision note (通报点名)
    on the day of issue; a good one does not count."""

    class Kind(models.TextChoices):
        GOOD = "good", _("表扬")
        PROBLEM = "problem", _("点名")

    circular = models.ForeignKey(Circular, models.CASCADE, related_name="namings")
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))
    kind = models.CharField(_("性质"), max_length=7, choices=Kind.choices)
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(_("事项及原因"), max_length=300)
    note = models.OneToOneField(
        SupervisionNote, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("通报点名")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["circular", "section", "task", "kind"],
                nulls_distinct=False,
                name="named_once_in_a_circular",
                violation_error_message=_("这个科室已因这件事列入本期通报。"),
            )
        ]

    def __str__(self):
        return f"{self.section} {self.get_kind_display()}"
