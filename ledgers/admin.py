"""Windows on the points book. Reports are nobody's business here: they have their own pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ledgers.models import PointEntry, Quarter
from scheme.admin_base import WindowAdmin
from scheme.templatetags.look import signed


@admin.register(Quarter)
class QuarterAdmin(WindowAdmin):
    list_display = ["code", "starts_on", "ends_on", "closed_at", "closed_by"]
    list_select_related = ["closed_by"]


@admin.register(PointEntry)
class PointEntryAdmin(WindowAdmin):
    list_display = [
        "event_on", "subject", "star", "rule_code", "rule_title", "points_shown", "quarter",
        "reverses",
    ]  # fmt: skip
    list_display_links = ["rule_title"]
    list_select_related = ["person", "section", "star", "quarter", "reverses"]
    list_filter = ["kind", "star", "quarter__code"]
    search_fields = [
        "person__name", "person__staff_no", "section__name", "rule_code", "rule_title", "source",
    ]  # fmt: skip
    date_hierarchy = "event_on"

    @admin.display(description=_("主体"))
    def subject(self, entry):
        return entry.person or entry.section

    @admin.display(description=_("分值"), ordering="points")
    def points_shown(self, entry):
        return signed(entry.points)
