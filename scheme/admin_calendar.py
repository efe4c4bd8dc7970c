"""The working calendar in the admin: day by day, and a year's plan pasted in one go."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access, clock, workdays
from scheme.actions import calendars
from scheme.admin_base import OwnAdmin
from scheme.errors import Refused
from scheme.models import CalendarDay
from scheme.templatetags import look


class YearFilter(admin.SimpleListFilter):
    title = gettext_lazy("年份")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        return [(str(day.year), str(day.year)) for day in CalendarDay.objects.dates("day", "year")]

    def queryset(self, request, queryset):
        value = self.value() or ""
        if value.isdecimal() and len(value) == 4 and int(value):
            return queryset.filter(day__year=int(value))
        return queryset


class PlanForm(forms.Form):
    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=2000, max_value=2199)
    plan = forms.CharField(
        label=gettext_lazy("放假安排"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 16, "cols": 40}),
        help_text=gettext_lazy(
            "每行一天：日期,休或班,名称。只写与星期不同的日子和节日，例如“2027-01-01,休,元旦”。"
        ),
    )
    source = forms.CharField(label=gettext_lazy("依据"), max_length=60, required=False)


@admin.register(CalendarDay)
class CalendarDayAdmin(OwnAdmin):
    list_display = ("day", "weekday", "is_working", "name", "provisional", "source")
    list_filter = (YearFilter, "is_working", "provisional")
    date_hierarchy = "day"
    search_fields = ("name", "source")
    fields = ("day", "is_working", "name", "source", "provisional")
    change_list_template = "admin/scheme/calendarday/change_list.html"
    list_per_page = 100
    unit_path = None

    @admin.display(description=gettext_lazy("星期"))
    def weekday(self, row):
        return look.weekday(row.day)

    def get_readonly_fields(self, request, obj=None):
        return ("day",) if obj else ()

    def changelist_view(self, request, extra_context=None):
        """Deadlines count working days: a year that is only assumed is said aloud."""
        today = clock.today()
        if not workdays.is_known(today.year + 1):
            text = _("%(year)d年的放假安排还没有导入，暂按周一至周五上班计算。")
            messages.warning(request, text % {"year": today.year + 1})
        return super().changelist_view(request, extra_context)

    def get_urls(self):
        load = path(
            "plan/",
            self.admin_site.admin_view(self.load_plan),
            name="scheme_calendarday_plan",
        )
        return [load, *super().get_urls()]

    def load_plan(self, request):
        if not access.can(request.user, "calendar.load"):
            raise PermissionDenied
        form = PlanForm(request.POST or None, initial={"year": clock.today().year + 1})
        if form.is_valid():
            try:
                different = calendars.load_plan(
                    form.cleaned_data["year"],
                    form.cleaned_data["plan"],
                    source=form.cleaned_data["source"],
                    by=request.user,
                )
            except Refused as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                text = _("放假安排已导入，%(n)d天与原来不同。") % {"n": different}
                messages.success(request, text)
                return redirect("admin:scheme_calendarday_changelist")
        context = self.admin_site.each_context(request) | {
            "title": _("导入放假安排"),
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/scheme/calendarday/plan.html",
            context,
            status=422 if form.errors else 200,
        )
