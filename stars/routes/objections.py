from django.urls import path

from stars.views import objections, publicity

urlpatterns = [
    path("rounds/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("rounds/<int:pk>/objections/", objections.objection_list, name="objection_list"),
    path("rounds/<int:pk>/objections/new/", publicity.objection_raise, name="objection_raise"),
    path(
        "rounds/<int:pk>/objections/record/", objections.objection_record, name="objection_record"
    ),
    path("objections/<int:pk>/", objections.objection_detail, name="objection_detail"),
    path("objections/<int:pk>/receipt/", objections.objection_receipt, name="objection_receipt"),
    path("objections/<int:pk>/assign/", objections.objection_assign, name="objection_assign"),
    path("objections/<int:pk>/notes/", objections.objection_note, name="objection_note"),
    path("objections/<int:pk>/handle/", objections.objection_handle, name="objection_handle"),
    path("objections/<int:pk>/review/", publicity.objection_review, name="objection_review"),
]
