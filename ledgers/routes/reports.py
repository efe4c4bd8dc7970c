"""Daily reports, absences, deputies, filing figures."""

from django.urls import path

from ledgers.views import reports, review

urlpatterns = [
    path("reports/", reports.report_today, name="report_today"),
    path("reports/mine/", reports.report_mine, name="report_mine"),
    path("reports/by/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<day:day>/", reports.report_edit, name="report_edit"),
    path("reports/<day:day>/draft/", reports.report_draft, name="report_draft"),
    path("review/", review.review, name="review"),
    path("review/rest/", review.review_rest, name="review_rest"),
    path("review/<int:pk>/accept/", review.review_accept, name="review_accept"),
    path("review/<int:pk>/return/", review.review_return, name="review_return"),
]
