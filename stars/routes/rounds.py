from django.urls import path

from stars.views import confirming, rehearsals, rounds, stage

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
    path("rounds/<int:pk>/confirm/", confirming.round_confirm, name="round_confirm"),
    path(
        "rounds/<int:pk>/confirm-in-stead/",
        confirming.round_confirm_stead,
        name="round_confirm_stead",
    ),
    path("rounds/<int:pk>/ask/", confirming.round_ask, name="round_ask"),
    path("rounds/<int:pk>/rehearse/", rehearsals.round_rehearse, name="round_rehearse"),
    path(
        "rounds/<int:pk>/rehearsals/<int:job>/",
        rehearsals.round_rehearsal,
        name="round_rehearsal",
    ),
    path(
        "rounds/<int:pk>/rehearsals/<int:job>/progress/",
        rehearsals.round_rehearsal_progress,
        name="round_rehearsal_progress",
    ),
    path("rounds/<int:pk>/extend/", stage.round_extend, name="round_extend"),
    path("rounds/<int:pk>/advance/", stage.round_advance, name="round_advance"),
]
