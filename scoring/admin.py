"""Catalogues of rules: edited here while a draft, windows ever after. Approving is done on the
rule book's own page, by the leader."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from scheme.admin_base import OwnAdmin, OwnInline, WindowAdmin
from scoring import rulechecks
from scoring.models import Rule, RuleBook, Scorecard, ScoreRun, Tier

# Findings said at once above a form.
SHOWN = 8


class OfDraft(OwnAdmin):
    """Editable only while the book is a draft; the database refuses it anyhow."""

    def book_of(self, obj) -> RuleBook:
        raise NotImplementedError

    def _is_draft(self, obj) -> bool:
        return obj is None or self.book_of(obj).state == RuleBook.State.DRAFT

    def has_change_permission(self, request, obj=None):
        return self._is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._is_draft(obj) and super().has_delete_permission(request, obj)

    def tell(self, request, findings):
        for finding in findings[:SHOWN]:
            level = messages.ERROR if finding.blocking else messages.WARNING
            messages.add_message(request, level, f"{finding.code} {finding.text}".strip())


class RuleInline(OwnInline):
    """The rules at a glance; each is changed on a page of its own."""

    model = Rule
    unit_path = "book__unit"
    fields = ["position", "code", "kind", "subject", "star", "title", "trigger", "points_shown"]
    readonly_fields = fields
    max_num = 0
    can_delete = False
    show_change_link = True

    @admin.display(description=_("分值"))
    def points_shown(self, rule):
        return "；".join(
            f"{tier.get_level_display()}{tier.get_role_display()}{tier.points}"
            for tier in rule.tiers.all()
        )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("star").prefetch_related("tiers")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(RuleBook)
class RuleBookAdmin(OfDraft):
    list_display = ["__str__", "state", "in_force_from", "proposed_by", "approved_by"]
    list_filter = ["state"]
    list_select_related = ["proposed_by", "approved_by"]
    search_fields = ["title", "digest"]
    inlines = [RuleInline]
    fields = [
        "title", "bonus_cap", "report_cutoff", "backfill_days", "talk_min_ratings",
        "talk_good_line", "version", "state", "proposed_by", "proposed_at", "approved_by",
        "approved_at", "in_force_from", "sealed_at", "digest", "page",
    ]  # fmt: skip
    readonly_fields = fields[6:]

    def book_of(self, obj):
        return obj

    def has_add_permission(self, request):
        # A draft is read from a workbook or copied on the page of the rule books.
        return False

    @admin.display(description=_("批准页"))
    def page(self, book):
        url = reverse("scoring:rulebook_detail", args=[book.pk])
        return format_html('<a href="{}">{}</a>', url, _("打开"))

    def render_change_form(self, request, context, *args, **kwargs):
        book = kwargs.get("obj")
        if request.method == "GET" and book and book.state == RuleBook.State.DRAFT:
            self.tell(request, rulechecks.findings(book))
        return super().render_change_form(request, context, *args, **kwargs)


class TierInline(OwnInline):
    model = Tier
    unit_path = "rule__book__unit"
    fields = ["position", "level", "role", "points", "enabled", "clause"]


@admin.register(Rule)
class RuleAdmin(OfDraft):
    unit_path = "book__unit"
    list_display = ["code", "title", "book", "subject", "star", "kind", "trigger"]
    list_filter = ["subject", "star", "kind", "trigger"]
    list_select_related = ["book", "star"]
    search_fields = ["code", "title"]
    inlines = [TierInline]

    def book_of(self, obj):
        return obj.book

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "book":
            drafts = RuleBook.objects.visible_to(request.user)
            kwargs["queryset"] = drafts.filter(state=RuleBook.State.DRAFT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.tell(request, list(rulechecks.of_rule(form.instance, list(form.instance.tiers.all()))))


@admin.register(ScoreRun)
class ScoreRunAdmin(WindowAdmin):
    list_display = ["half", "book", "at", "asked_by", "output_hash"]
    list_filter = ["half"]
    list_select_related = ["book", "asked_by"]
    search_fields = ["input_hash", "output_hash"]


@admin.register(Scorecard)
class ScorecardAdmin(WindowAdmin):
    unit_path = "run__unit"
    list_display = ["run", "person", "section", "star", "base", "deduction", "bonus", "score"]
    list_filter = ["star"]
    list_select_related = ["run", "person", "section", "star"]
    search_fields = ["person__name", "person__staff_no", "section__name"]
