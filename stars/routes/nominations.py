from django.urls import path

from stars.views import nominations, nominee

urlpatterns = [
    path("rounds/<int:pk>/nominations/", nominations.nomination_list, name="nomination_list"),
    path("rounds/<int:pk>/nominations/new/", nominations.nomination_new, name="nomination_new"),
    path("nominations/<int:pk>/", nominee.nomination_detail, name="nomination_detail"),
    path("nominations/<int:pk>/grounds/", nominee.nomination_grounds, name="nomination_grounds"),
    path("nominations/<int:pk>/clearances/", nominee.clearance_record, name="clearance_record"),
    path("nominations/<int:pk>/edit/", nominations.nomination_edit, name="nomination_edit"),
    path("nominations/<int:pk>/submit/", nominations.nomination_submit, name="nomination_submit"),
    path(
        "nominations/<int:pk>/withdraw/",
        nominations.nomination_withdraw,
        name="nomination_withdraw",
    ),
    path("nominations/<int:pk>/return/", nominations.nomination_return, name="nomination_return"),
]
