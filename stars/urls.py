from django.urls import path

from stars.views import branch, committee, nominations, publicity, results, rounds, stage

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

stage_urls = [
    path("rounds/<int:pk>/advance/", stage.round_advance, name="round_advance"),
    path("rounds/<int:pk>/branch/", branch.branch, name="branch"),
    path("rounds/<int:pk>/branch/opinions/", branch.opinion_give, name="opinion_give"),
    path("rounds/<int:pk>/committee/", committee.committee, name="committee"),
    path("rounds/<int:pk>/committee/votes/", committee.vote_cast, name="vote_cast"),
    path("rounds/<int:pk>/sitting/", committee.sitting, name="sitting"),
    path("rounds/<int:pk>/attendance/", committee.attendance, name="attendance"),
    path("rounds/<int:pk>/tie/", committee.tie, name="tie"),
    path("rounds/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("rounds/<int:pk>/objections/", publicity.objection_raise, name="objection_raise"),
    path("objections/<int:pk>/handle/", publicity.objection_handle, name="objection_handle"),
]

result_urls = [
    path("rounds/<int:pk>/result/", results.result, name="result"),
    path("rounds/<int:pk>/export/", results.export_start, name="export_start"),
    path("wall/", results.wall, name="wall"),
    path("wall/<int:pk>/", results.wall_round, name="wall_round"),
]

urlpatterns = [*round_urls, *nomination_urls, *stage_urls, *result_urls]
