from django.urls import path

from desk.views import demo, digests, health, home, jobs, notices, search, styleguide

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("office/", home.office, name="office"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("digest/", digests.digest, name="digest"),
    path("digest/address/", digests.digest_address, name="digest_address"),
    path("digest/settings/", digests.digest_settings, name="digest_settings"),
    path("search/", search.search, name="search"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/progress/", jobs.job_progress, name="job_progress"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
    path("health/", health.health, name="health"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("demo/", demo.demo, name="demo"),
    path("demo/as/<int:pk>/", demo.demo_sign_in, name="demo_sign_in"),
    path("demo/rest/<int:pk>/", demo.demo_rest, name="demo_rest"),
]
