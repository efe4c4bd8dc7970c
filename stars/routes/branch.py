from django.urls import path

from stars.views import branch, branch_records, recusals

urlpatterns = [
    path("rounds/<int:pk>/branch/", branch.branch, name="branch"),
    path("rounds/<int:pk>/branch/opinions/", branch.opinion_give, name="opinion_give"),
    path("rounds/<int:pk>/records/", branch_records.branch_record_list, name="branch_record_list"),
    path(
        "rounds/<int:pk>/records/<int:branch>/", branch_records.branch_record, name="branch_record"
    ),
    path(
        "rounds/<int:pk>/records/<int:branch>/edit/",
        branch_records.branch_record_edit,
        name="branch_record_edit",
    ),
    path(
        "rounds/<int:pk>/records/<int:branch>/word/",
        branch_records.branch_record_word,
        name="branch_record_word",
    ),
    path("rounds/<int:pk>/recusals/", recusals.recusal_list, name="recusal_list"),
    path("rounds/<int:pk>/recusals/order/", recusals.recusal_order, name="recusal_order"),
    path("recusals/<int:pk>/lift/", recusals.recusal_lift, name="recusal_lift"),
    path("nominations/<int:pk>/recuse/", recusals.recusal_declare, name="recusal_declare"),
]
