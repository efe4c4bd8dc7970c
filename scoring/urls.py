from django.urls import path

from scoring import regulation_urls
from scoring.views import (
    comparison,
    declaration_edits,
    declaration_lines,
    declaration_queues,
    declaration_windows,
    declarations,
    facts,
    manual,
    points,
    quarters,
    rulebook_papers,
    rulebooks,
    sandbox,
)

app_name = "scoring"

urlpatterns = [
    path("points/", points.points_mine, name="points_mine"),
    path("points/<int:pk>/", points.points_of, name="points_of"),
    path("points/<int:pk>/print/", points.points_print, name="points_print"),
    path("points/section/<int:pk>/", points.points_section, name="points_section"),
    path(
        "points/section/<int:pk>/print/", points.points_section_print, name="points_section_print"
    ),
    path("declarations/", declarations.declaration_mine, name="declaration_mine"),
    path(
        "declarations/section/<int:pk>/",
        declarations.declaration_section,
        name="declaration_section",
    ),
    path("declarations/new/", declaration_edits.declaration_new, name="declaration_new"),
    path("declarations/worth/", declaration_edits.declaration_worth, name="declaration_worth"),
    path(
        "declarations/check/",
        declaration_queues.declaration_check_list,
        name="declaration_check_list",
    ),
    path(
        "declarations/verify/",
        declaration_queues.declaration_verify_list,
        name="declaration_verify_list",
    ),
    path(
        "declarations/windows/",
        declaration_windows.declaration_windows,
        name="declaration_windows",
    ),
    path("declarations/export/", declaration_windows.declaration_export, name="declaration_export"),
    path("declarations/proofs/<int:pk>/", declaration_lines.proof_download, name="proof_download"),
    path("declarations/<int:pk>/", declaration_lines.declaration_detail, name="declaration_detail"),
    path(
        "declarations/<int:pk>/edit/", declaration_edits.declaration_edit, name="declaration_edit"
    ),
    path(
        "declarations/<int:pk>/file/", declaration_edits.declaration_file, name="declaration_file"
    ),
    path(
        "declarations/<int:pk>/withdraw/",
        declaration_edits.declaration_withdraw,
        name="declaration_withdraw",
    ),
    path(
        "declarations/<int:pk>/decide/",
        declaration_lines.declaration_decide,
        name="declaration_decide",
    ),
    path("comparison/", comparison.circular_quarterly, name="circular_quarterly"),
    path(
        "comparison/<int:pk>/redraw/",
        comparison.circular_quarterly_redraw,
        name="circular_quarterly_redraw",
    ),
    path("facts/", facts.facts_list, name="facts_list"),
    path("facts/template/", facts.facts_template, name="facts_template"),
    path("facts/export/", facts.facts_export, name="facts_export"),
    path("facts/<int:pk>/", facts.facts_upload, name="facts_upload"),
    path("facts/<int:pk>/progress/", facts.facts_progress, name="facts_progress"),
    path("facts/<int:pk>/confirm/", facts.facts_confirm, name="facts_confirm"),
    path("facts/<int:pk>/drop/", facts.facts_drop, name="facts_drop"),
    path("facts/<int:pk>/errors/", facts.facts_errors, name="facts_errors"),
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
    path("rules/<int:pk>/sandbox/", sandbox.rulebook_sandbox, name="rulebook_sandbox"),
    path(
        "rules/<int:pk>/sandbox/export/",
        sandbox.rulebook_sandbox_export,
        name="rulebook_sandbox_export",
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
    *regulation_urls.urlpatterns,
]
