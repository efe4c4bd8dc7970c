from django.contrib import admin

from scheme.admin_base import WindowAdmin
from stars.models import Award, Publication, Round


@admin.register(Round)
class RoundAdmin(WindowAdmin):
    list_display = ["half", "state", "nominate_until", "branch_until", "committee_until", "due_at"]
    list_filter = ["half", "state"]
    search_fields = ["half", "seal"]
    list_select_related = ["unit"]


@admin.register(Award)
class AwardAdmin(WindowAdmin):
    list_display = ["number", "round", "star", "person", "section", "awarded_on"]
    list_filter = ["star", "awarded_on"]
    search_fields = ["number", "person__name", "person__staff_no", "section__name"]
    list_select_related = ["round", "star", "person", "section"]


@admin.register(Publication)
class PublicationAdmin(WindowAdmin):
    list_display = ["round", "edition", "published_at", "published_by", "digest"]
    list_filter = ["edition"]
    search_fields = ["digest", "round__half"]
    list_select_related = ["round", "published_by"]
