from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from scheme.leave_querysets import AbsenceQuerySet
from scheme.offices import Administrator, Staffing
from scheme.querysets import DatedQuerySet, StaffQuerySet

from .organisation import Branch, Section, Unit


class StaffManager(BaseUserManager.from_queryset(StaffQuerySet)):
    pass


class Staff(AbstractBaseUser):
    """A person of a unit, or one of the three administrators of the installation (no unit)."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位")
    )
    staff_no = models.CharField(_("工号"), max_length=30)
    # The staff number, with the unit appended only where two units use the same one.
    login = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    name_key = models.CharField(_("拼音检索码"), max_length=80, blank=True, editable=False)
    staffing = models.CharField(
        _("编制类型"), max_length=12, choices=Staffing.choices, default=Staffing.CIVIL
    )
    post = models.CharField(_("职务"), max_length=60, blank=True)
    rank = models.CharField(_("职级"), max_length=60, blank=True)
    post_since = models.DateField(_("任职日期"), null=True, blank=True)
    sort_weight = models.PositiveIntegerField(_("排序"), default=0)
    probation = models.BooleanField(_("试用期"), default=False)
    joined_on = models.DateField(_("入职时间"), null=True, blank=True)
    left_on = models.DateField(_("离开日期"), null=True, blank=True)
    leaving = models.CharField(_("离开原因"), max_length=20, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    administrator = models.CharField(
        _("管理员"), max_length=10, choices=Administrator.choices, blank=True, default=""
    )
    is_active = models.BooleanField(_("可登录"), default=True)
    must_change_password = models.BooleanField(_("须改密码"), default=True)

    objects = StaffManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login", "name_key"])

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        ordering = ["sort_weight", "staff_no"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "staff_no"],
                name="staff_no_once_in_a_unit",
                violation_error_message=_("本单位已有这个工号。"),
            ),
            models.CheckConstraint(
                condition=Q(unit=None, joined_on=None) & ~Q(administrator="")
                | Q(administrator="", unit__isnull=False, joined_on__isnull=False),
                name="staff_is_of_a_unit_or_an_administrator",
                violation_error_message=_("管理员不属于任何单位；其他人员须有单位和入职时间。"),
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                name="staff_leaves_after_joining",
                violation_error_message=_("离开日期早于入职时间。"),
            ),
        ]

    def __str__(self):
        return self.name

    def get_short_name(self):
        return self.name

    # What Django's admin asks of a user. The answers come from the table in roles.py.
    @property
    def is_staff(self):
        from scheme import access

        return access.may_enter_admin(self)

    def has_perm(self, perm, obj=None):
        from scheme import access

        return access.has_admin_permission(self, perm)

    def has_module_perms(self, app_label):
        from scheme import access

        return access.has_admin_module(self, app_label)


def _span():
    return Func(
        F("start_on"), F("end_on"), Value("[)"), function="daterange", output_field=DateRangeField()
    )


class DatedMembership(models.Model):
    """Holds from `start_on` until the day before `end_on`; open when empty."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    start_on = models.DateField(_("起"))
    end_on = models.DateField(_("止（不含）"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True


class SectionMembership(DatedMembership):
    section = models.ForeignKey(Section, models.PROTECT, related_name="+", verbose_name=_("科室"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("科室归属")
        ordering = ["staff", "start_on"]
        constraints = [
            ExclusionConstraint(
                name="one_section_at_a_time",
                expressions=[("staff", RangeOperators.EQUAL), (_span(), RangeOperators.OVERLAPS)],
                violation_error_message=_("同一天只能属于一个科室。"),
            ),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gt=F("start_on")),
                name="section_membership_ends_after_start",
                violation_error_message=_("止日须晚于起日。"),
            ),
        ]
        indexes = [models.Index(fields=["section", "start_on"], name="section_members_by_day")]

    def __str__(self):
        return f"{self.staff} {self.section}"


class BranchMembership(DatedMembership):
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+", verbose_name=_("党支部"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("支部归属")
        ordering = ["staff", "start_on"]
        constraints = [
            ExclusionConstraint(
                name="one_branch_at_a_time",
                expressions=[("staff", RangeOperators.EQUAL), (_span(), RangeOperators.OVERLAPS)],
                violation_error_message=_("同一天只能属于一个党支部。"),
            ),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gt=F("start_on")),
                name="branch_membership_ends_after_start",
                violation_error_message=_("止日须晚于起日。"),
            ),
        ]

    def __str__(self):
        return f"{self.staff} {self.branch}"


class Absence(models.Model):
    """Excuses reports from `start_on` to `end_on`, both included; open means until further notice.

    Why somebody is ill is nobody's business here: there is no field for it.
    """

    class Kind(models.TextChoices):
        LEAVE = "leave", _("请假")
        TRAVEL = "travel", _("出差")
        SECONDMENT = "secondment", _("借调")

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("人员"))
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    start_on = models.DateField(_("开始日期"))
    end_on = models.DateField(_("结束日期（含）"), null=True, blank=True)
    # The place a secondment goes to, or the row of the workbook it came from.
    note = models.CharField(_("说明"), max_length=100, blank=True)

    objects = AbsenceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("请假出差借调")
        ordering = ["-start_on", "staff"]
        indexes = [models.Index(fields=["staff", "start_on"], name="absence_by_person_and_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")),
                name="absence_ends_after_start",
                violation_error_message=_("结束日期早于开始日期。"),
            ),
            models.UniqueConstraint(
                fields=["staff", "kind", "start_on", "end_on"],
                nulls_distinct=False,
                name="absence_recorded_once",
                violation_error_message=_("这一条已经登记过。"),
            ),
        ]

    def __str__(self):
        return f"{self.staff} {self.get_kind_display()} {self.start_on}"
