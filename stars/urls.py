from django.urls import path

from stars.views import nominations, rounds

app_name = "stars"

round_urls = [
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/new/", rounds.round_prepare, name="round_prepare"),
    path("rounds/<int:pk>/", rounds.round_detail, name="round_detail"),
    path("rounds/<int:pk>/plan/", rounds.round_plan, name="round_plan"),
    path(
        "rounds/<int:pk>/participants/",
        rounds.round_participants,
        name="round_participants",
    ),
    path("rounds/<int:pk>/score/", rounds.round_score, name="round_score"),
    path("rounds/<int:pk>/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:pk>/cancel/", rounds.round_cancel, name="round_cancel"),
]

nomination_urls = [
    path("rounds/<int:pk>/nominations/", nominations.nomination_list, name="nomination_list"),
    path("rounds/<int:pk>/nominations/new/", nominations.nomination_new, name="nomination_new"),
    path("nominations/<int:pk>/", nominations.nomination_detail, name="nomination_detail"),
    path("nominations/<int:pk>/edit/", nominations.nomination_edit, name="nomination_edit"),
    path("nominations/<int:pk>/submit/", nominations.nomination_submit, name="nomination_submit"),
    path(
        "nominations/<int:pk>/withdraw/",
        nominations.nomination_withdraw,
        name="nomination_withdraw",
    ),
    path("nominations/<int:pk>/return/", nominations.nomination_return, name="nomination_return"),
]

# Branch, committee, publicity and results follow here, each a list of its own.

urlpatterns = [*round_urls, *nomination_urls]
