from django.urls import path

from stars.views import awards, results

urlpatterns = [
    path("rounds/<int:pk>/result/", results.result, name="result"),
    path("rounds/<int:pk>/export/", results.export_start, name="export_start"),
    path("rounds/<int:pk>/certificates/", awards.certificates_print, name="certificates_print"),
    path("awards/<int:pk>/", awards.award_detail, name="award_detail"),
    path("awards/<int:pk>/certificate/", awards.award_print, name="award_print"),
    path("awards/<int:pk>/revocation/", awards.revocation_new, name="revocation_new"),
    path("revocations/<int:pk>/decide/", awards.revocation_decide, name="revocation_decide"),
]
