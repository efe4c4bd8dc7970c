"""Catalogues of rules: edited here while a draft, windows ever after. Approving is done on the
rule book's own page, by the leader."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from scheme import audit
from scoring import rulechecks
from scoring.models import Rule, RuleBook, Scorecard, ScoreRun, Tier

SEEN_FINDINGS = 8


class OfUnit:
    """Rows of the reader's own unit; `unit_path` leads to it."""

    unit_path = "unit"

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.user.administrator:
            return rows
        return rows.filter(**{self.unit_path: request.user.unit_id})


class OfDraft(OfUnit, SimpleHistoryAdmin):
    """Editable only while the book is a draft; the database refuses it anyhow."""

    def book_of(self, obj) -> RuleBook:
        raise NotImplementedError

    def has_change_permission(self, request, obj=None):
        draft = obj is None or self.book_of(obj).state == RuleBook.State.DRAFT
        return draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        draft = obj is None or self.book_of(obj).state == RuleBook.State.DRAFT
        return draft and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        act = "rulebook.edit" if change else "rulebook.add_rule"
        audit.record(request.user, act, obj, after=after, unit=self.book_of(obj).unit)

    def delete_model(self, request, obj):
        audit.record(
            request.user, "rulebook.drop_rule", obj, before={"rule": str(obj)},
            unit=self.book_of(obj).unit,
        )  # fmt: skip
        super().delete_model(request, obj)


class RuleInline(admin.TabularInline):
    model = Rule
    fields = ["position", "code", "kind", "subject", "star", "title", "trigger", "tiers_shown"]
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    @admin.display(description=_("分值"))
    def tiers_shown(self, rule):
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
    list_display = ["__str__", "unit", "state", "in_force_from", "proposed_by", "approved_by"]
    list_filter = ["state"]
    search_fields = ["title", "digest"]
    inlines = [RuleInline]
    fields = [
        "title", "bonus_cap", "report_cutoff", "backfill_days", "talk_min_ratings",
        "talk_good_line", "unit", "version", "state", "proposed_by", "proposed_at", "approved_by",
        "approved_at", "in_force_from", "sealed_at", "digest", "page",
    ]  # fmt: skip
    readonly_fields = fields[6:]

    def book_of(self, obj):
        return obj

    def has_add_permission(self, request):
        # A draft is proposed or copied on the page of the rule books, never typed in from nothing.
        return False

    @admin.display(description=_("批准页"))
    def page(self, book):
        url = reverse("scoring:rulebook_detail", args=[book.pk])
        return format_html('<a href="{}">{}</a>', url, _("打开"))

    def render_change_form(self, request, context, *args, **kwargs):
        book = kwargs.get("obj")
        if request.method == "GET" and book and book.state == RuleBook.State.DRAFT:
            for finding in rulechecks.findings(book)[:SEEN_FINDINGS]:
                level = messages.ERROR if finding.blocking else messages.WARNING
                messages.add_message(request, level, f"{finding.code} {finding.text}")
        return super().render_change_form(request, context, *args, **kwargs)


class TierInline(admin.TabularInline):
    model = Tier
    fields = ["position", "level", "role", "points", "enabled", "clause"]
    extra = 0


@admin.register(Rule)
class RuleAdmin(OfDraft):
    unit_path = "book__unit"
    list_display = ["code", "title", "book", "subject", "star", "kind", "trigger"]
    list_filter = ["book", "subject", "star", "kind", "trigger"]
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
        tiers = list(form.instance.tiers.all())
        for finding in rulechecks.of_rule(form.instance, tiers):
            level = messages.ERROR if finding.blocking else messages.WARNING
            messages.add_message(request, level, f"{finding.code} {finding.text}")


class Window(OfUnit, admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ScoreRun)
class ScoreRunAdmin(Window):
    list_display = ["half", "book", "at", "asked_by", "output_hash"]
    list_filter = ["half"]
    search_fields = ["input_hash", "output_hash"]


@admin.register(Scorecard)
class ScorecardAdmin(Window):
    unit_path = "run__unit"
    list_display = ["run", "person", "section", "star", "base", "deduction", "bonus", "score"]
    list_filter = ["run", "star"]
    list_select_related = ["run", "person", "section", "star"]
    search_fields = ["person__name", "person__staff_no", "section__name"]
