from django.urls import path

from stars.views import results

urlpatterns = [
    path("rounds/<int:pk>/result/", results.result, name="result"),
    path("rounds/<int:pk>/export/", results.export_start, name="export_start"),
]
