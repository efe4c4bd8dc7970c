from django.urls import path

from scheme.views import account

app_name = "scheme"

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("me/", account.me, name="me"),
    path("me/password/", account.password_change, name="password_change"),
    path("language/", account.language_switch, name="language_switch"),
    path("theme/", account.theme_switch, name="theme_switch"),
]
