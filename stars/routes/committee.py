from django.urls import path

from stars.views import committee

urlpatterns = [
    path("rounds/<int:pk>/committee/", committee.committee, name="committee"),
    path("rounds/<int:pk>/committee/votes/", committee.vote_cast, name="vote_cast"),
    path("rounds/<int:pk>/sitting/", committee.sitting, name="sitting"),
    path("rounds/<int:pk>/attendance/", committee.attendance, name="attendance"),
    path("rounds/<int:pk>/tie/", committee.tie, name="tie"),
]
