"""Writing and innovation."""

from django.urls import path

from ledgers.views import innovations, promotions, writing, writing_desk

urlpatterns = [
    path("writing/", writing.writing_list, name="writing_list"),
    path("writing/new/", writing.writing_new, name="writing_new"),
    path("writing/verify/", writing_desk.writing_verify_list, name="writing_verify_list"),
    path("writing/monthly/", writing_desk.writing_monthly, name="writing_monthly"),
    path("writing/export/", writing_desk.writing_export, name="writing_export"),
    path("writing/<int:pk>/", writing.writing_detail, name="writing_detail"),
    path("writing/<int:pk>/edit/", writing.writing_edit, name="writing_edit"),
    path("writing/<int:pk>/act/", writing.writing_act, name="writing_act"),
    path("writing/<int:pk>/decide/", writing.writing_decide, name="writing_decide"),
    path("credits/", writing.credit_find, name="credit_find"),
    path("innovations/", innovations.innovation_list, name="innovation_list"),
    path("innovations/new/", innovations.innovation_new, name="innovation_new"),
    path("innovations/export/", innovations.innovation_export, name="innovation_export"),
    path("innovations/<int:pk>/", innovations.innovation_detail, name="innovation_detail"),
    path("innovations/<int:pk>/edit/", innovations.innovation_edit, name="innovation_edit"),
    path("innovations/<int:pk>/act/", innovations.innovation_act, name="innovation_act"),
    path("innovations/<int:pk>/decide/", innovations.innovation_decide, name="innovation_decide"),
    path("innovations/<int:pk>/result/", innovations.innovation_result, name="innovation_result"),
    path(
        "innovations/<int:pk>/join/<int:promotion>/",
        innovations.innovation_join,
        name="innovation_join",
    ),
    path("innovations/<int:pk>/promote/", promotions.promotion_new, name="promotion_new"),
    path("promotions/", promotions.promotion_list, name="promotion_list"),
    path("promotions/<int:pk>/", promotions.promotion_detail, name="promotion_detail"),
    path("promotions/<int:pk>/edit/", promotions.promotion_edit, name="promotion_edit"),
    path("promotions/<int:pk>/act/", promotions.promotion_act, name="promotion_act"),
    path("promotions/<int:pk>/decide/", promotions.promotion_decide, name="promotion_decide"),
]
