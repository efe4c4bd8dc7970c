from django.urls import path

from stars.views import committee, meetings, minutes

urlpatterns = [
    path("rounds/<int:pk>/committee/", committee.committee, name="committee"),
    path("rounds/<int:pk>/sitting/", committee.sitting, name="sitting"),
    path("rounds/<int:pk>/tie/", committee.tie, name="tie"),
    path("rounds/<int:pk>/meeting/", meetings.meeting, name="meeting"),
    path("rounds/<int:pk>/meetings/", meetings.meeting_call, name="meeting_call"),
    path("rounds/<int:pk>/attendance/", meetings.attendance, name="attendance"),
    path("sittings/<int:pk>/arrange/", meetings.meeting_arrange, name="meeting_arrange"),
    path("sittings/<int:pk>/begin/", meetings.meeting_begin, name="meeting_begin"),
    path("sittings/<int:pk>/adjourn/", meetings.meeting_adjourn, name="meeting_adjourn"),
    path("sittings/<int:pk>/close/", meetings.meeting_close, name="meeting_close"),
    path("sittings/<int:pk>/written/", meetings.written_record, name="written_record"),
    path("nominations/<int:pk>/ballot/", meetings.box_open, name="box_open"),
    path("nominations/<int:pk>/reconsider/", meetings.box_reconsider, name="box_reconsider"),
    path("boxes/<int:pk>/vote/", committee.vote_cast, name="vote_cast"),
    path("boxes/<int:pk>/close/", meetings.box_close, name="box_close"),
    path("boxes/<int:pk>/void/", meetings.box_void, name="box_void"),
    path("sittings/<int:pk>/minutes/", minutes.minutes_detail, name="minutes_detail"),
    path("sittings/<int:pk>/minutes/draft/", minutes.minutes_draft, name="minutes_draft"),
    path("sittings/<int:pk>/minutes/text/", minutes.minutes_word, name="minutes_word"),
    path("sittings/<int:pk>/minutes/confirm/", minutes.minutes_confirm, name="minutes_confirm"),
    path("sittings/<int:pk>/minutes/file/", minutes.minutes_file, name="minutes_file"),
]
