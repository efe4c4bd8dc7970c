from django.urls import path

from scoring.views import points, rulebooks

app_name = "scoring"

urlpatterns = [
    path("points/", points.points_mine, name="points_mine"),
    path("points/<int:pk>/", points.points_of, name="points_of"),
    path("points/section/<int:pk>/", points.points_section, name="points_section"),
    path("rules/", rulebooks.rulebook_list, name="rulebook_list"),
    path("rules/import/", rulebooks.rulebook_import, name="rulebook_import"),
    path("rules/<int:pk>/", rulebooks.rulebook_detail, name="rulebook_detail"),
    path("rules/<int:pk>/approve/", rulebooks.rulebook_approve, name="rulebook_approve"),
    path("rules/<int:pk>/copy/", rulebooks.rulebook_copy, name="rulebook_copy"),
    path("rules/<int:pk>/retire/", rulebooks.rulebook_retire, name="rulebook_retire"),
]
