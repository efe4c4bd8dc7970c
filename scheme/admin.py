"""Units, people and what they hold: the way in for what no roster says. No flow is edited here."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import admin_calendar, clock, names
from scheme.actions import accounts
from scheme.admin_base import OwnAdmin, OwnForm, OwnInline, WindowAdmin, scoped
from scheme.models import (
    Absence,
    Appointment,
    AuditEntry,
    Branch,
    BranchMembership,
    Job,
    Section,
    SectionMembership,
    Staff,
    Star,
    Unit,
)
from scheme.offices import Administrator

__all__ = ["admin_calendar"]


@admin.register(Unit)
class UnitAdmin(OwnAdmin):
    list_display = ("name", "short_name", "created_at")
    search_fields = ("name", "short_name")
    fields = ("name", "short_name")
    unit_path = None


@admin.register(Section, Branch)
class GroupAdmin(OwnAdmin):
    list_display = ("name", "position", "closed_on")
    list_filter = (("closed_on", admin.EmptyFieldListFilter),)
    search_fields = ("name",)
    fields = ("name", "position", "closed_on")


@admin.register(Star)
class StarAdmin(OwnAdmin):
    list_display = ("name", "sign", "focus", "evidence")
    fields = ("name", "focus", "evidence")
    unit_path = None


# --- People


class AppointmentForm(OwnForm):
    def clean(self):
        data = super().clean()
        owner = data.get("staff") or getattr(self.instance, "staff", None)
        if self.has_changed() and owner and self.person and owner.pk == self.person.pk:
            raise ValidationError(_("不能给自己任免职务，请由科室另一位同志办理。"))
        return data


class SectionMembershipInline(OwnInline):
    model = SectionMembership


class BranchMembershipInline(OwnInline):
    model = BranchMembership


class AppointmentInline(OwnInline):
    model = Appointment
    form = AppointmentForm


class SectionFilter(admin.SimpleListFilter):
    title = gettext_lazy("科室")
    parameter_name = "section"

    def lookups(self, request, model_admin):
        sections = scoped(Section, request.user) if request.user.unit_id else Section.objects.none()
        return [(str(pk), name) for pk, name in sections.values_list("pk", "name")]

    def queryset(self, request, queryset):
        value = self.value() or ""
        if value.isdecimal() and len(value) < 18:
            return queryset.of_section(int(value), clock.today())
        return queryset


class StaffForm(OwnForm):
    """Entered by the personnel office: a person of its unit."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "joined_on" in self.fields:
            self.fields["joined_on"].required = True

    def clean_staff_no(self):
        number = self.cleaned_data["staff_no"].strip()
        taken = Staff.objects.filter(unit_id=self.instance.unit_id, staff_no__iexact=number)
        if taken.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("本单位已有这个工号。"))
        return number


class AdministratorForm(OwnForm):
    """Entered by the system administrator: one of the three administrators."""

    administrator = forms.ChoiceField(
        label=gettext_lazy("管理员"), choices=Administrator.choices[1:]
    )

    def clean_staff_no(self):
        number = self.cleaned_data["staff_no"].strip()
        if Staff.objects.filter(login__iexact=number).exists():
            raise ValidationError(_("登录名 %(login)s 已有人用。") % {"login": number})
        return number


@admin.register(Staff)
class StaffAdmin(OwnAdmin):
    list_display = (
        "staff_no", "name", "section_today", "post", "staffing", "joined_on", "left_on",
        "is_active",
    )  # fmt: skip
    list_display_links = ("staff_no", "name")
    list_filter = (
        SectionFilter,
        "staffing",
        ("left_on", admin.EmptyFieldListFilter),
        "probation",
        "is_active",
    )
    search_fields = ("staff_no", "name", "name_key")
    ordering = ("sort_weight", "staff_no")
    inlines = (SectionMembershipInline, BranchMembershipInline, AppointmentInline)
    actions = ("give_first_passwords",)
    readonly_fields = ("login", "last_login")
    own_fieldsets = (
        (None, {"fields": ("staff_no", "name", "staffing", "post", "rank", "post_since")}),
        (
            gettext_lazy("在册"),
            {"fields": ("joined_on", "left_on", "leaving", "probation", "sort_weight", "remark")},
        ),
        (gettext_lazy("登录"), {"fields": ("login", "last_login", "is_active")}),
    )
    system_fields = ("staff_no", "name", "administrator", "login", "last_login", "is_active")

    def get_queryset(self, request):
        return super().get_queryset(request).with_section(clock.today())

    @admin.display(description=gettext_lazy("科室"))
    def section_today(self, person):
        return person.section_name or "—"

    def get_fieldsets(self, request, obj=None):
        if not request.user.administrator:
            return self.own_fieldsets
        fields = self.system_fields if obj else self.system_fields[:3]
        return ((None, {"fields": fields}),)

    def get_readonly_fields(self, request, obj=None):
        if not request.user.administrator:
            return self.readonly_fields
        if obj is None:
            return ()
        # Whether an account may sign in is all there is to change; and not one's own.
        fixed = set(self.system_fields) - {"is_active"}
        return tuple(fixed | {"is_active"}) if obj.pk == request.user.pk else tuple(fixed)

    def get_inlines(self, request, obj):
        return () if request.user.administrator else self.inlines

    def get_form(self, request, obj=None, change=False, **kwargs):
        if request.user.administrator:
            kwargs["form"] = OwnForm if obj else AdministratorForm
        else:
            kwargs["form"] = StaffForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.name_key = names.search_key(obj.name)
        if not change:
            obj.administrator = form.cleaned_data.get("administrator", "")
            obj.login = accounts.free_login(obj)
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def has_give_password_permission(self, request):
        return accounts.may_give_passwords(request.user)

    @admin.action(description=gettext_lazy("发放初始密码"), permissions=("give_password",))
    def give_first_passwords(self, request, queryset):
        """Asks once, then shows the slips once: the passwords are stored nowhere."""
        people = list(queryset.select_related("unit")[: accounts.AT_ONCE + 1])
        if len(people) > accounts.AT_ONCE:
            text = _("一次最多发放%(n)d人，请分批办理。") % {"n": accounts.AT_ONCE}
            self.message_user(request, text, messages.ERROR)
            return None
        slips = None
        if request.POST.get("confirmed"):
            slips = accounts.give_first_passwords(people, by=request.user)
        context = self.admin_site.each_context(request) | {
            "title": _("发放初始密码"),
            "opts": self.opts,
            "people": people,
            "slips": slips,
            "made_on": clock.today(),
        }
        return TemplateResponse(request, "admin/scheme/staff/first_passwords.html", context)


class HeldAdmin(OwnAdmin):
    """What a person holds from a day on, until the day before another."""

    autocomplete_fields = ("staff",)
    date_hierarchy = "start_on"
    search_fields = ("staff__name", "staff__staff_no", "staff__name_key")
    list_filter = (("end_on", admin.EmptyFieldListFilter),)


@admin.register(SectionMembership)
class SectionMembershipAdmin(HeldAdmin):
    list_display = ("staff", "section", "start_on", "end_on")
    list_select_related = ("staff", "section")


@admin.register(BranchMembership)
class BranchMembershipAdmin(HeldAdmin):
    list_display = ("staff", "branch", "start_on", "end_on")
    list_select_related = ("staff", "branch")


@admin.register(Appointment)
class AppointmentAdmin(HeldAdmin):
    form = AppointmentForm
    list_display = ("staff", "office", "section", "branch", "title", "start_on", "end_on")
    list_filter = ("office", ("end_on", admin.EmptyFieldListFilter))
    list_select_related = ("staff", "section", "branch")


@admin.register(Absence)
class AbsenceAdmin(HeldAdmin):
    list_display = ("staff", "kind", "start_on", "end_on", "note")
    list_filter = ("kind", ("end_on", admin.EmptyFieldListFilter))
    list_select_related = ("staff",)


# --- Windows


@admin.register(AuditEntry)
class AuditEntryAdmin(WindowAdmin):
    list_display = (
        *("at", "actor", "on_behalf_of", "act", "object_type", "object_id", "unit", "reason", "ip"),
    )
    list_select_related = ("actor", "on_behalf_of", "unit")
    list_filter = ("object_type", "unit")
    search_fields = ("act", "object_id", "actor__name", "actor__staff_no", "request_id")
    date_hierarchy = "at"


@admin.register(Job)
class JobAdmin(WindowAdmin):
    list_display = ("kind", "dedupe_key", "state", "attempts", "run_after", "finished_at", "error")
    list_filter = ("state", "kind")
    search_fields = ("kind", "dedupe_key")
    date_hierarchy = "created_at"
    exclude = ("args", "result")
