from django.urls import path

from stars.views import publicity

urlpatterns = [
    path("rounds/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("rounds/<int:pk>/objections/", publicity.objection_raise, name="objection_raise"),
    path("objections/<int:pk>/handle/", publicity.objection_handle, name="objection_handle"),
]
