"""The gate every request passes: trace, language, session age, right to enter, plain answers."""

import uuid

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import translation

from scheme import access, clock, trace
from scheme.views import errors


class RequestTrace:
    """Gives each request a number that stands in the log, the trail and the answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request_id = str(uuid.uuid4())
        token = trace.current.set(trace.Trace(request_id, request.META.get("REMOTE_ADDR") or None))
        try:
            response = self.get_response(request)
        finally:
            trace.current.reset(token)
        response["X-Request-ID"] = request_id
        return response


class PreferredLanguage:
    """Chinese unless the person has switched; the browser's own wish is not asked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class WorkingSession:
    """Ends a session that has been idle too long; keeps signed-in pages out of caches."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            seen, now = request.session.get("seen", 0), clock.now().timestamp()
            if seen and now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen > 60 or now < seen:
                request.session["seen"] = now
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Gatekeeper:
    """Deny by default: a view without a mark is shut (a system check refuses to start with one)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        in_admin = "admin" in match.app_names
        gate = "admin" if in_admin else getattr(view, "gate", None)
        if gate == "open":
            return None
        if not request.user.is_authenticated:
            return self._ask_to_sign_in(request)
        may_wait = (None, "scheme:password_change", "scheme:sign_out")
        if request.user.must_change_password and match.view_name not in may_wait:
            return self._ask_for_a_password(request)
        if gate == "signed in":
            return None
        if in_admin:
            allowed = request.user.is_staff
        else:
            allowed = gate is not None and access.can(request.user, gate)
        if not allowed:
            raise PermissionDenied
        return None

    @staticmethod
    def _ask_for_a_password(request):
        if getattr(request, "htmx", False):
            return HttpResponse(headers={"HX-Redirect": resolve_url("scheme:password_change")})
        return redirect("scheme:password_change")

    @staticmethod
    def _ask_to_sign_in(request):
        sign_in = resolve_url(settings.LOGIN_URL)
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Redirect": sign_in})
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(status=401)
        # After a POST there is nothing to come back to; the desk is the place to go on from.
        path = request.get_full_path() if request.method == "GET" else resolve_url("desk:home")
        return redirect_to_login(path, sign_in)


class PlainAnswers:
    """Turns what a view could not handle into an answer in plain words, never a bare 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return errors.answer_to(request, exception)
