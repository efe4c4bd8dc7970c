"""The demo's way on. Every route here is 404 unless settings.DEMO is set."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.demo import cast, play
from scheme.access import open_to_all
from scheme.models import Staff
from stars import steps


def demo_only(view):
    @wraps(view)
    def shut_elsewhere(request, *args, **kwargs):
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return open_to_all(shut_elsewhere)


@demo_only
@require_safe
def demo(request):
    """Who a visitor can be, where the round stands, and whose turn it is."""
    people = cast.people()
    by_number = {person.staff_no: person for _part, person in people}
    running = play.round_()
    turns = play.turns(running) if running else []
    return render(
        request,
        "desk/demo.html",
        {
            "people": people,
            "round": running,
            "steps": steps.of(running) if running else None,
            "turns": [(turn, by_number.get(turn.staff_no)) for turn in turns],
        },
    )


@demo_only
@require_POST
def demo_sign_in(request, pk):
    """Signs the visitor in as one of the cast; nobody else can be entered this way."""
    allowed = [part.staff_no for part in cast.all_parts()]
    person = get_object_or_404(Staff.objects.filter(login__in=allowed, is_active=True), pk=pk)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = "desk:home"
    return redirect(target)


@demo_only
@require_POST
def demo_rest(request, pk):
    """Lets the people a visitor does not play give their opinions or votes."""
    running = play.round_()
    if running is None or running.pk != pk:
        raise Http404
    given = play.play_the_rest(running)
    messages.success(request, _("已替其余人员完成%(n)s项。") % {"n": given})
    return redirect("desk:demo")
