from django.urls import path

from stars.views import runs

urlpatterns = [
    path("rounds/<int:pk>/run/", runs.round_run, name="round_run"),
    path("rounds/<int:pk>/remind/", runs.round_remind, name="round_remind"),
    path("rounds/<int:pk>/archive/", runs.round_archive, name="round_archive"),
    path("rounds/<int:pk>/archive/new/", runs.round_archive_make, name="round_archive_make"),
    path("archives/<int:pk>/", runs.archive_file, name="archive_file"),
]
