from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class OfficeAdminSite(admin.AdminSite):
    """Django's admin behind the house's own sign-in; rights come from scheme/roles.py."""

    site_header = _("亮星 管理")
    site_title = _("亮星 管理")
    index_title = _("单位、人员、日历与细则")
    site_url = "/"

    def has_permission(self, request):
        return request.user.is_authenticated and request.user.is_staff

    def login(self, request, extra_context=None):
        return redirect("scheme:sign_in")

    def password_change(self, request, extra_context=None):
        return redirect("scheme:password_change")
