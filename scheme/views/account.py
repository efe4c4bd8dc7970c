from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from scheme import clock
from scheme.access import open_to_all, signed_in
from scheme.actions import accounts
from scheme.forms import PasswordForm, SignInForm
from scheme.models import Appointment, BranchMembership, Restriction, SectionMembership
from scheme.templatetags import look


def _safe_next(request):
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    # A bare word would be taken for the name of a route.
    is_path = target.startswith("/")
    return target if allowed and is_path else resolve_url(settings.LOGIN_REDIRECT_URL)


@open_to_all
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request):
    if request.user.is_authenticated:
        return redirect(_safe_next(request))
    form = SignInForm(request, request.POST or None)
    if form.is_valid():
        login(request, form.get_user())
        return redirect(_safe_next(request))
    context = {"form": form, "next": request.GET.get("next", "")}
    return render(request, "scheme/sign_in.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def sign_out(request):
    logout(request)
    response = redirect("scheme:sign_in")
    response["Clear-Site-Data"] = '"storage"'
    return response


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request):
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        accounts.change_password(request.user, form.cleaned_data["new"], by=request.user)
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)
        messages.success(request, _("密码已改，下次登录用新密码。"))
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "forced": request.user.must_change_password}
    return render(
        request, "scheme/password_change.html", context, status=422 if form.errors else 200
    )


@signed_in
def me(request):
    """Who I am to the program today."""
    person, today = request.user, clock.today()
    section = SectionMembership.objects.on(today).filter(staff=person).select_related("section")
    branch = BranchMembership.objects.on(today).filter(staff=person).select_related("branch")
    offices = Appointment.objects.on(today).filter(staff=person)
    pairs = [(_("工号"), person.staff_no)]
    if not person.administrator:
        pairs += [
            (_("科室"), section[0].section if section else ""),
            (_("党支部"), branch[0].branch if branch else ""),
            (_("职务"), person.post),
            (_("职级"), person.rank),
            (_("编制类型"), person.get_staffing_display()),
            (_("入职时间"), look.ymd(person.joined_on)),
        ]
    held = [
        {"what": one.get_office_display(), "where": one.section or one.branch or ""}
        for one in offices.select_related("section", "branch")
    ]
    context = {
        "pairs": pairs,
        "offices": held,
        "restrictions": Restriction.objects.filter(staff=person),
    }
    return render(request, "scheme/me.html", context)


def _remember(request, name: str, value: str):
    response = HttpResponseRedirect(_safe_next(request))
    response.set_cookie(
        name, value, max_age=365 * 86400, samesite="Lax", httponly=True, secure=settings.HTTPS
    )
    return response


@open_to_all
@require_POST
def language_switch(request):
    language = request.POST.get("language")
    known = language in dict(settings.LANGUAGES)
    return _remember(
        request, settings.LANGUAGE_COOKIE_NAME, language if known else settings.LANGUAGE_CODE
    )


@open_to_all
@require_POST
def theme_switch(request):
    theme = request.POST.get("theme")
    return _remember(request, "theme", theme if theme in ("light", "dark") else "system")
