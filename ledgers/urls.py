from datetime import date

from django.urls import path, register_converter

from ledgers.views import reports, review

app_name = "ledgers"


class DayConverter:
    """A day as 2026-07-10. Other years are no page: arithmetic beyond them overflows."""

    regex = r"2[01]\d\d-\d\d-\d\d"

    def to_python(self, value):
        return date.fromisoformat(value)

    def to_url(self, value):
        return str(value)


register_converter(DayConverter, "day")

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
