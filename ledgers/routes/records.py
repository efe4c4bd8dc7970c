"""The hub, papers, workbooks in and out."""

from django.urls import path

from ledgers.views import hub, papers, workbooks

urlpatterns = [
    path("ledgers/", hub.hub, name="hub"),
    path("ledgers/<slug:ledger>/workbook/", workbooks.ledger_export, name="ledger_export"),
    path("papers/<int:pk>/", papers.paper, name="paper"),
    path("papers/<int:pk>/remove/", papers.paper_remove, name="paper_remove"),
    path("papers/<slug:ledger>/<int:row>/add/", papers.paper_add, name="paper_add"),
]
