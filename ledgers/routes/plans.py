"""Papers, key tasks, monthly lists, meetings."""

from django.urls import path

from ledgers.views import lists, meetings, plans, task_lists, tasks

urlpatterns = [
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/new/", plans.plan_new, name="plan_new"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/edit/", plans.plan_edit, name="plan_edit"),
    path("plans/<int:pk>/act/", plans.plan_act, name="plan_act"),
    path("tasks/", task_lists.task_list, name="task_list"),
    path("tasks/print/", task_lists.task_print, name="task_print"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/", tasks.task_detail, name="task_detail"),
    path("tasks/<int:pk>/edit/", tasks.task_edit, name="task_edit"),
    path("tasks/<int:pk>/act/", tasks.task_act, name="task_act"),
    path("tasks/<int:pk>/hands/", tasks.task_hands, name="task_hands"),
    path("lists/", lists.list_list, name="list_list"),
    path("lists/<int:pk>/", lists.list_detail, name="list_detail"),
    path("lists/<int:pk>/act/", lists.list_act, name="list_act"),
    path("lists/<int:pk>/export/", lists.list_export, name="list_export"),
    path("lists/<month:month>/", lists.list_draw, name="list_draw"),
    path("meetings/", meetings.meeting_list, name="meeting_list"),
    path("meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("meetings/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("meetings/<int:pk>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path("meetings/<int:pk>/act/", meetings.meeting_act, name="meeting_act"),
    path("suggestions/<int:pk>/", meetings.suggestion_answer, name="suggestion_answer"),
]
