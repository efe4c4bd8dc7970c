"""Daily reports, absences, deputies, filing figures."""

from django.urls import path

from ledgers.views import absences, deputations, filing, reports, review

urlpatterns = [
    path("reports/", reports.report_today, name="report_today"),
    path("reports/mine/", reports.report_mine, name="report_mine"),
    path("reports/by/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<day:day>/", reports.report_edit, name="report_edit"),
    path("reports/<day:day>/draft/", reports.report_draft, name="report_draft"),
    path("reports/by/<int:pk>/unlock/", reports.report_unlock, name="report_unlock"),
    path("reports/filing/", filing.filing, name="filing"),
    path("reports/filing/export/", filing.filing_export, name="filing_export"),
    path("review/", review.review, name="review"),
    path("review/rest/", review.review_rest, name="review_rest"),
    path("review/remind/<int:pk>/", review.review_remind, name="review_remind"),
    path("review/<int:pk>/accept/", review.review_accept, name="review_accept"),
    path("review/<int:pk>/return/", review.review_return, name="review_return"),
    path("absences/", absences.absence_list, name="absence_list"),
    path("absences/ask/", absences.absence_ask, name="absence_ask"),
    path("absences/keep/", absences.absence_keep, name="absence_keep"),
    path("absences/<int:pk>/end/", absences.absence_end, name="absence_end"),
    path("absences/<int:pk>/cancel/", absences.absence_cancel, name="absence_cancel"),
    path("absences/asked/<int:pk>/withdraw/", absences.leave_withdraw, name="leave_withdraw"),
    path("absences/asked/<int:pk>/grant/", absences.leave_grant, name="leave_grant"),
    path("absences/asked/<int:pk>/refuse/", absences.leave_refuse, name="leave_refuse"),
    path("deputies/", deputations.deputation_list, name="deputation_list"),
    path("deputies/name/", deputations.deputation_name, name="deputation_name"),
    path("deputies/<int:pk>/end/", deputations.deputation_end, name="deputation_end"),
]
