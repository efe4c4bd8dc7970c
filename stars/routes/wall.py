from django.urls import path

from stars.views import results

urlpatterns = [
    path("wall/", results.wall, name="wall"),
    path("wall/<int:pk>/", results.wall_round, name="wall_round"),
]
