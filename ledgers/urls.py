from ledgers.routes import (
    circulars,
    plans,
    records,
    reports,
    sheets,
    study,
    supervision,
    writing,
)

app_name = "ledgers"

urlpatterns = [
    *reports.urlpatterns,
    *sheets.urlpatterns,
    *plans.urlpatterns,
    *supervision.urlpatterns,
    *study.urlpatterns,
    *writing.urlpatterns,
    *circulars.urlpatterns,
    *records.urlpatterns,
]
