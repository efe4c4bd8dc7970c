"""The routes of the stars, one module an area under stars/routes."""

from stars.routes import branch, committee, nominations, objections, results, rounds, runs, wall

app_name = "stars"

urlpatterns = [
    *rounds.urlpatterns,
    *nominations.urlpatterns,
    *branch.urlpatterns,
    *committee.urlpatterns,
    *objections.urlpatterns,
    *results.urlpatterns,
    *wall.urlpatterns,
    *runs.urlpatterns,
]
