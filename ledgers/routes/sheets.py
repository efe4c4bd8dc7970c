"""周例会, 一月一结, 年终述职."""

from django.urls import path

from ledgers.views import summaries, weekly, work_reports

urlpatterns = [
    path("weekly/", weekly.weekly_list, name="weekly_list"),
    path("weekly/draft/", weekly.weekly_draft, name="weekly_draft"),
    path("weekly/<int:pk>/", weekly.weekly_detail, name="weekly_detail"),
    path("weekly/<int:pk>/edit/", weekly.weekly_edit, name="weekly_edit"),
    path("weekly/<int:pk>/redraft/", weekly.weekly_redraft, name="weekly_redraft"),
    path("weekly/<int:pk>/file/", weekly.weekly_file, name="weekly_file"),
    path("weekly/<int:pk>/withdraw/", weekly.weekly_withdraw, name="weekly_withdraw"),
    path("weekly/meeting/<day:week>/", weekly.weekly_meeting, name="weekly_meeting"),
    path("weekly/meeting/<day:week>/screen/", weekly.weekly_screen, name="weekly_screen"),
    path("weekly/meeting/<day:week>/export/", weekly.weekly_export, name="weekly_export"),
    path("summaries/", summaries.summary_list, name="summary_list"),
    path("summaries/matrix/", summaries.summary_matrix, name="summary_matrix"),
    path("summaries/draft/", summaries.summary_draft, name="summary_draft"),
    path("summaries/<int:pk>/", summaries.summary_detail, name="summary_detail"),
    path("summaries/<int:pk>/edit/", summaries.summary_edit, name="summary_edit"),
    path("summaries/<int:pk>/redraft/", summaries.summary_redraft, name="summary_redraft"),
    path("summaries/<int:pk>/file/", summaries.summary_file, name="summary_file"),
    path("summaries/<int:pk>/grade/", summaries.summary_grade, name="summary_grade"),
    path("summaries/<int:pk>/return/", summaries.summary_return, name="summary_return"),
    path("summaries/<int:pk>/regrade/", summaries.summary_regrade, name="summary_regrade"),
    path("work-reports/", work_reports.work_report_list, name="work_report_list"),
    path("work-reports/reading/", work_reports.work_report_reading, name="work_report_reading"),
    path("work-reports/draft/", work_reports.work_report_draft, name="work_report_draft"),
    path("work-reports/<int:pk>/", work_reports.work_report_detail, name="work_report_detail"),
    path("work-reports/<int:pk>/edit/", work_reports.work_report_edit, name="work_report_edit"),
    path(
        "work-reports/<int:pk>/redraft/",
        work_reports.work_report_redraft,
        name="work_report_redraft",
    ),
    path("work-reports/<int:pk>/file/", work_reports.work_report_file, name="work_report_file"),
    path(
        "work-reports/<int:pk>/receive/",
        work_reports.work_report_receive,
        name="work_report_receive",
    ),
    path(
        "work-reports/<int:pk>/return/",
        work_reports.work_report_return,
        name="work_report_return",
    ),
    path("work-reports/<int:pk>/print/", work_reports.work_report_print, name="work_report_print"),
]
