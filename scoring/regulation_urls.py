from django.urls import path

from scoring.views import regulation_drafts as drafts
from scoring.views import regulations

urlpatterns = [
    path("regulations/", regulations.regulation_list, name="regulation_list"),
    path("regulations/export/", regulations.regulation_export, name="regulation_export"),
    path("regulations/citations/", regulations.regulation_citations, name="regulation_citations"),
    path("regulations/new/", drafts.regulation_new, name="regulation_new"),
    path("regulations/areas/", drafts.regulation_areas, name="regulation_areas"),
    path("regulations/<int:pk>/", regulations.regulation_detail, name="regulation_detail"),
    path(
        "regulations/<int:pk>/compare/", regulations.regulation_compare, name="regulation_compare"
    ),
    path("regulations/<int:pk>/place/", drafts.regulation_describe, name="regulation_describe"),
    path("regulations/<int:pk>/revise/", drafts.regulation_revise, name="regulation_revise"),
    path("regulations/<int:pk>/abolish/", drafts.regulation_abolish, name="regulation_abolish"),
    path(
        "regulations/versions/<int:pk>/", regulations.regulation_version, name="regulation_version"
    ),
    path(
        "regulations/versions/<int:pk>/read/", regulations.regulation_read, name="regulation_read"
    ),
    path(
        "regulations/versions/<int:pk>/readers/",
        drafts.regulation_readers,
        name="regulation_readers",
    ),
    path("regulations/versions/<int:pk>/write/", drafts.regulation_write, name="regulation_write"),
    path(
        "regulations/versions/<int:pk>/hand-in/",
        drafts.regulation_hand_in,
        name="regulation_hand_in",
    ),
    path(
        "regulations/versions/<int:pk>/take-back/",
        drafts.regulation_take_back,
        name="regulation_take_back",
    ),
    path(
        "regulations/versions/<int:pk>/approve/",
        drafts.regulation_approve,
        name="regulation_approve",
    ),
    path(
        "regulations/versions/<int:pk>/return/", drafts.regulation_return, name="regulation_return"
    ),
    path(
        "regulations/versions/<int:pk>/discard/",
        drafts.regulation_discard,
        name="regulation_discard",
    ),
]
