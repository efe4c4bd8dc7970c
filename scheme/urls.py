from django.urls import path

from scheme.views import account, kinship, restrictions, roster

app_name = "scheme"

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("me/", account.me, name="me"),
    path("me/password/", account.password_change, name="password_change"),
    path("roster/", roster.roster, name="roster"),
    path("roster/<int:pk>/", roster.roster_preview, name="roster_preview"),
    path("roster/<int:pk>/apply/", roster.roster_apply, name="roster_apply"),
    path("roster/<int:pk>/drop/", roster.roster_drop, name="roster_drop"),
    path("roster/<int:pk>/errors/", roster.roster_errors, name="roster_errors"),
    path("roster/export/", roster.roster_export, name="roster_export"),
    path("restrictions/", restrictions.restriction_list, name="restriction_list"),
    path("restrictions/new/", restrictions.restriction_new, name="restriction_new"),
    path("restrictions/<int:pk>/", restrictions.restriction_detail, name="restriction_detail"),
    path("restrictions/<int:pk>/lift/", restrictions.restriction_lift, name="restriction_lift"),
    path("kin/", kinship.kinship, name="kinship"),
    path("kin/unit/", kinship.kinship_unit, name="kinship_unit"),
    path("kin/<int:pk>/end/", kinship.kinship_end, name="kinship_end"),
    path("language/", account.language_switch, name="language_switch"),
    path("theme/", account.theme_switch, name="theme_switch"),
]
