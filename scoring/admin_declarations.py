"""Windows on declarations and manual entries; both are worked on their own pages."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from scheme.admin_base import WindowAdmin
from scoring.models import Declaration, ManualEntry


@admin.register(Declaration)
class DeclarationAdmin(WindowAdmin):
    list_display = ["matter", "quarter", "rule_code", "person", "section", "state", "document_no"]
    list_filter = ["state", "quarter"]
    list_select_related = ["person", "section"]
    search_fields = ["matter", "document_no", "rule_code", "person__name", "person__staff_no"]
    date_hierarchy = "document_on"
    readonly_fields = ["page"]

    @admin.display(description=_("经过和材料"))
    def page(self, line):
        url = reverse("scoring:declaration_detail", args=[line.pk])
        return format_html('<a href="{}">{}</a>', url, _("打开"))


@admin.register(ManualEntry)
class ManualEntryAdmin(WindowAdmin):
    list_display = ["matter", "rule_code", "person", "section", "points", "event_on", "state"]
    list_filter = ["state"]
    list_select_related = ["person", "section"]
    search_fields = ["matter", "basis", "rule_code", "person__name", "person__staff_no"]
