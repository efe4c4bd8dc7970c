from django.urls import path

from stars.views import branch

urlpatterns = [
    path("rounds/<int:pk>/branch/", branch.branch, name="branch"),
    path("rounds/<int:pk>/branch/opinions/", branch.opinion_give, name="opinion_give"),
]
