"""Papers, key tasks, monthly lists, meetings."""

from django.urls import path

from ledgers.views import task_lists, tasks

urlpatterns = [
    path("tasks/", task_lists.task_list, name="task_list"),
    path("tasks/print/", task_lists.task_print, name="task_print"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/", tasks.task_detail, name="task_detail"),
    path("tasks/<int:pk>/edit/", tasks.task_edit, name="task_edit"),
    path("tasks/<int:pk>/act/", tasks.task_act, name="task_act"),
    path("tasks/<int:pk>/hands/", tasks.task_hands, name="task_hands"),
]
