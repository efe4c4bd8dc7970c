"""每周一学, 两周一讲."""

from django.urls import path

from ledgers.views import study, talks

urlpatterns = [
    path("study/", study.study_list, name="study_list"),
    path("study/new/", study.study_new, name="study_new"),
    path("study/mine/", study.study_mine, name="study_mine"),
    path("study/figures/", study.study_figures, name="study_figures"),
    path("study/<int:pk>/", study.study_detail, name="study_detail"),
    path("study/<int:pk>/edit/", study.study_edit, name="study_edit"),
    path("study/<int:pk>/attendance/", study.study_attendance, name="study_attendance"),
    path("study/<int:pk>/sheet/", study.study_sheet, name="study_sheet"),
    path("study/<int:pk>/act/", study.study_act, name="study_act"),
    path("talks/", talks.talk_list, name="talk_list"),
    path("talks/rota/", talks.talk_rota, name="talk_rota"),
    path("talks/plan/", talks.talk_plan, name="talk_plan"),
    path("talks/<int:pk>/", talks.talk_detail, name="talk_detail"),
    path("talks/<int:pk>/edit/", talks.talk_edit, name="talk_edit"),
    path("talks/<int:pk>/rate/", talks.talk_rate, name="talk_rate"),
    path("talks/<int:pk>/act/", talks.talk_act, name="talk_act"),
]
