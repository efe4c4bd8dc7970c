"""Circulars."""

from django.urls import path

from ledgers.views import circulars

urlpatterns = [
    path("circulars/", circulars.circular_list, name="circular_list"),
    path("circulars/new/", circulars.circular_new, name="circular_new"),
    path("circulars/<int:pk>/", circulars.circular_detail, name="circular_detail"),
    path("circulars/<int:pk>/edit/", circulars.circular_edit, name="circular_edit"),
    path("circulars/<int:pk>/name/", circulars.circular_name, name="circular_name"),
    path("circulars/<int:pk>/redraw/", circulars.circular_redraw, name="circular_redraw"),
    path("circulars/<int:pk>/file/", circulars.circular_file, name="circular_file"),
    path("circulars/<int:pk>/withdraw/", circulars.circular_withdraw, name="circular_withdraw"),
    path("circulars/<int:pk>/sign/", circulars.circular_sign, name="circular_sign"),
    path("circulars/<int:pk>/return/", circulars.circular_return, name="circular_return"),
    path("circulars/<int:pk>/issue/", circulars.circular_issue, name="circular_issue"),
    path("circulars/<int:pk>/drop/", circulars.circular_drop, name="circular_drop"),
    path("circulars/<int:pk>/word/", circulars.circular_word, name="circular_word"),
    path("circulars/<int:pk>/tables/", circulars.circular_tables, name="circular_tables"),
]
