"""The points book and its quarters, to be looked at: entries come from posting and are never
touched, quarters are closed by their own action."""

from django.contrib import admin

from ledgers.models import PointEntry, Quarter
from scheme.admin_base import WindowAdmin


@admin.register(Quarter)
class QuarterAdmin(WindowAdmin):
    list_display = ["code", "starts_on", "closed_at", "closed_by"]
    list_select_related = ["closed_by"]


@admin.register(PointEntry)
class PointEntryAdmin(WindowAdmin):
    list_display = [
        "pk", "event_on", "person", "section", "star", "rule_code", "rule_title", "points",
        "quarter", "reverses",
    ]  # fmt: skip
    list_filter = ["star", "kind", "quarter"]
    list_select_related = ["person", "section", "star", "quarter", "reverses"]
    search_fields = ["person__name", "person__staff_no", "section__name", "rule_code", "source"]
    date_hierarchy = "event_on"
