from django.urls import path

from stars.views import rounds, stage

urlpatterns = [
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
    path("rounds/<int:pk>/advance/", stage.round_advance, name="round_advance"),
]
