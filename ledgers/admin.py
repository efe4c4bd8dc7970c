"""Windows on the points book. Reports are nobody's business here: they have their own pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ledgers.models import (
    Circular,
    Innovation,
    MonthlyList,
    MonthlySummary,
    PlanPaper,
    PointEntry,
    Promotion,
    Quarter,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
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


class LedgerAdmin(WindowAdmin):
    """A work ledger as it feeds the points: looked at here, never written. Drafts are their
    writers' own business."""

    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if any(field.name == "state" for field in self.model._meta.get_fields()):
            rows = rows.exclude(state="draft")
        return rows


@admin.register(MonthlySummary)
class MonthlySummaryAdmin(LedgerAdmin):
    list_display = ["month", "section", "grade"]
    list_filter = ["grade"]
    list_select_related = ["section"]
    date_hierarchy = "month"


@admin.register(StudySession)
class StudySessionAdmin(LedgerAdmin):
    list_display = ["day", "topic"]
    search_fields = ["topic"]
    date_hierarchy = "day"


@admin.register(Talk)
class TalkAdmin(LedgerAdmin):
    list_display = ["day", "speaker", "title"]
    list_select_related = ["speaker"]
    search_fields = ["title", "speaker__name"]
    date_hierarchy = "day"
    # Too few ratings are shown to nobody, and a sorted list of many is not needed here either.
    exclude = ["ratings"]


@admin.register(WritingItem)
class WritingItemAdmin(LedgerAdmin):
    list_display = ["adopted_on", "title", "kind", "carrier", "issue_no", "level", "state"]
    list_filter = ["state", "kind", "level"]
    search_fields = ["title", "carrier"]
    date_hierarchy = "adopted_on"


@admin.register(Task)
class TaskAdmin(LedgerAdmin):
    list_display = [
        "number", "title", "lead", "state", "difficulty", "due_on", "extended_to", "closed_on",
    ]  # fmt: skip
    list_filter = ["state", "difficulty"]
    list_select_related = ["lead"]
    search_fields = ["number", "title"]


@admin.register(SupervisionNote)
class SupervisionNoteAdmin(LedgerAdmin):
    list_display = ["day", "kind", "task", "section", "text"]
    list_filter = ["kind"]
    list_select_related = ["task", "section"]
    search_fields = ["task__number", "text"]
    date_hierarchy = "day"


@admin.register(Promotion)
class PromotionAdmin(LedgerAdmin):
    list_display = ["promoted_on", "project", "level"]
    list_filter = ["level"]
    search_fields = ["project"]
    date_hierarchy = "promoted_on"


@admin.register(Innovation)
class InnovationAdmin(LedgerAdmin):
    list_display = ["number", "title", "section", "state", "effect_on"]
    list_filter = ["state"]
    list_select_related = ["section"]
    search_fields = ["number", "title"]


@admin.register(PlanPaper)
class PlanPaperAdmin(LedgerAdmin):
    list_display = ["year", "kind", "title", "state", "approved_by", "approved_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["approved_by"]
    search_fields = ["title"]


@admin.register(MonthlyList)
class MonthlyListAdmin(LedgerAdmin):
    list_display = ["month", "section", "state", "issued_at", "signed_by", "signed_at"]
    list_filter = ["state"]
    list_select_related = ["section", "signed_by"]
    date_hierarchy = "month"


@admin.register(Circular)
class CircularAdmin(LedgerAdmin):
    list_display = ["kind", "period", "title", "state", "issued_on"]
    list_filter = ["kind", "state"]
    search_fields = ["title"]
