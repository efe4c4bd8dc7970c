"""Catalogues of rules: edited here while a draft, windows ever after. Approving is done on the
rule book's own page, by the leader."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheme import audit
from scheme.admin_base import OwnAdmin, OwnForm, OwnInline, WindowAdmin
from scheme.imports import cells
from scheme.templatetags.look import points, together
from scoring import (
    admin_declarations,  # noqa: F401  (registers its windows)
    rulechecks,
)
from scoring.models import Rule, RuleBook, Scorecard, ScoreRun, Tier

# Findings said at once above a form.
SHOWN = 8


def written(form: forms.ModelForm, name: str) -> str:
    """A text as the workbook would give it back."""
    value = rulechecks.as_written(form.cleaned_data[name])
    if not value and form.fields[name].required:
        raise forms.ValidationError(gettext("这里要写明，不能只写“无”。"))
    return value


class BookForm(OwnForm):
    def clean_title(self):
        return written(self, "title")

    def clean_report_cutoff(self):
        return self.cleaned_data["report_cutoff"].replace(microsecond=0)


class RuleForm(OwnForm):
    def clean_code(self):
        code = cells.tight(self.cleaned_data["code"])
        if why := rulechecks.code_is_wrong(code):
            raise forms.ValidationError(why)
        return code

    def clean_title(self):
        return written(self, "title")


class TierForm(OwnForm):
    def clean_clause(self):
        return written(self, "clause")


class OfDraft(OwnAdmin):
    """Editable only while the book is a draft; the database refuses it anyhow."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The book is held while a form is saved: whoever approves it meanwhile waits, and one
        approved already is met as what it is."""
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.get_object(request, object_id)
            if row is not None:
                RuleBook.objects.select_for_update().get(pk=self.book_of(row).pk)
            return super().changeform_view(request, object_id, form_url, extra_context)

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
            together(tier.get_level_display(), tier.get_role_display(), points(tier.points))
            + ("" if tier.enabled else gettext("（停用）"))
            for tier in rule.tiers.all()
        )

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("star").prefetch_related("tiers")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(RuleBook)
class RuleBookAdmin(OfDraft):
    form = BookForm
    list_display = ["__str__", "state", "in_force_from", "proposed_by", "approved_by"]
    list_filter = ["state"]
    list_select_related = ["proposed_by", "approved_by"]
    search_fields = ["title", "digest"]
    inlines = [RuleInline]
    fields = [
        "title", "bonus_cap", "report_cutoff", "backfill_days", "talk_min_ratings",
        "talk_good_line", "new_rule", "version", "state", "proposed_by", "proposed_at",
        "return_reason", "approved_by", "approved_at", "in_force_from", "sealed_at", "digest",
        "retired_by", "retired_at", "retire_reason", "page",
    ]  # fmt: skip
    readonly_fields = fields[6:]

    def book_of(self, obj):
        return obj

    def has_add_permission(self, request):
        # A draft is read from a workbook or copied on the page of the rule books.
        return False

    @admin.display(description=_("增加"))
    def new_rule(self, book):
        if book.state != RuleBook.State.DRAFT:
            return "—"
        url = f"{reverse('admin:scoring_rule_add')}?book={book.pk}"
        return format_html('<a href="{}">{}</a>', url, _("增加一条规则"))

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
    form = TierForm
    unit_path = "rule__book__unit"
    fields = ["position", "level", "role", "points", "enabled", "clause"]


@admin.register(Rule)
class RuleAdmin(OfDraft):
    form = RuleForm
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

    def save_formset(self, request, form, formset, change):
        """A new rule that provisions ask to be careful with starts switched off."""
        tiers = [one for one in formset.forms if one.has_changed()]
        careful = None if change else rulechecks.caution(form.instance, [t.instance for t in tiers])
        if careful:
            for tier in tiers:
                tier.instance.enabled = tier.cleaned_data["enabled"] = False
            said = _("“%(rule)s”属于审慎项（%(what)s），先停用：%(reason)s")
            values = {
                "rule": form.instance.title,
                "what": careful.label,
                "reason": careful.reason,
            }
            messages.warning(request, said % values)
        super().save_formset(request, form, formset, change)
        if careful:
            after = {"enabled": False, "tiers": len(tiers)}
            audit.record(request.user, "rule.switch", form.instance, after=after)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        own = [f for f in rulechecks.findings(form.instance.book) if f.code == form.instance.code]
        self.tell(request, own)


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
