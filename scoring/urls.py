from django.urls import path

from scoring.views import manual, points, quarters, rulebook_papers, rulebooks

app_name = "scoring"

urlpatterns = [
    path("points/", points.points_mine, name="points_mine"),
    path("points/<int:pk>/", points.points_of, name="points_of"),
    path("points/section/<int:pk>/", points.points_section, name="points_section"),
    path("rules/", rulebooks.rulebook_list, name="rulebook_list"),
    path("rules/import/", rulebooks.rulebook_import, name="rulebook_import"),
    path("rules/template/", rulebook_papers.rulebook_template, name="rulebook_template"),
    path("rules/rule/<int:pk>/switch/", rulebooks.rule_switch, name="rule_switch"),
    path("rules/<int:pk>/", rulebooks.rulebook_detail, name="rulebook_detail"),
    path("rules/<int:pk>/approve/", rulebooks.rulebook_approve, name="rulebook_approve"),
    path("rules/<int:pk>/copy/", rulebooks.rulebook_copy, name="rulebook_copy"),
    path("rules/<int:pk>/retire/", rulebooks.rulebook_retire, name="rulebook_retire"),
    path("rules/<int:pk>/return/", rulebooks.rulebook_return, name="rulebook_return"),
    path("rules/<int:pk>/hand-in/", rulebooks.rulebook_hand_in, name="rulebook_hand_in"),
    path("rules/<int:pk>/discard/", rulebooks.rulebook_discard, name="rulebook_discard"),
    path("rules/<int:pk>/workbook/", rulebook_papers.rulebook_export, name="rulebook_export"),
    path(
        "rules/<int:pk>/difference/",
        rulebook_papers.rulebook_difference,
        name="rulebook_difference",
    ),
    path("quarters/", quarters.quarter_list, name="quarter_list"),
    path("quarters/<int:pk>/close/", quarters.quarter_close, name="quarter_close"),
    path("quarters/<int:pk>/reopen/", quarters.quarter_reopen, name="quarter_reopen"),
    path("manual/", manual.manual_list, name="manual_list"),
    path("manual/new/", manual.manual_new, name="manual_new"),
    path("manual/<int:pk>/", manual.manual_detail, name="manual_detail"),
    path("manual/<int:pk>/approve/", manual.manual_approve, name="manual_approve"),
    path("manual/<int:pk>/refuse/", manual.manual_refuse, name="manual_refuse"),
    path("manual/<int:pk>/withdraw/", manual.manual_withdraw, name="manual_withdraw"),
    path("manual/<int:pk>/reverse/", manual.manual_reverse, name="manual_reverse"),
]
