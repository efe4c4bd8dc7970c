from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("scheme.urls")),
    path("", include("ledgers.urls")),
    path("", include("scoring.urls")),
    path("", include("stars.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "scheme.views.errors.bad_request"
handler403 = "scheme.views.errors.forbidden"
handler404 = "scheme.views.errors.not_found"
handler500 = "scheme.views.errors.server_error"
