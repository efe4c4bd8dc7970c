from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from desk import queries
from scheme import access, clock, periods, workdays
from scheme.access import gate, signed_in
from scheme.models import Notice
from scheme.roles import Role
from stars import steps


@signed_in
@require_safe
def home(request):
    """What I owe today, what waits for me, what happened to mine. Administrators have no desk."""
    person = request.user
    if person.administrator:
        return redirect("admin:index")
    today = clock.today()
    running = queries.current_round(person)
    is_member = access.has_role(person, Role.MEMBER)
    statuses = queries.recent(person, today) if is_member else []
    half = periods.half_of(today)
    context = {
        "today": today,
        "week": today.isocalendar().week,
        "round": running,
        "steps": steps.of(running) if running else None,
        "owed": queries.owed(person, statuses),
        "waiting": queries.waiting(person, running),
        "notices": Notice.objects.filter(to=person)[:5],
        "half": half,
        "card": queries.own_card(person, half) if is_member else None,
        "days": queries.own_days(statuses, today) if is_member else None,
    }
    return render(request, "desk/home.html", context)


@gate("round.manage")
@require_safe
def office(request):
    """The personnel office's own places, and what of the calendar and the people needs care."""
    today = clock.today()
    return render(
        request,
        "desk/office.html",
        {
            "next_year": today.year + 1,
            "calendar_known": workdays.is_known(today.year + 1),
            "calendar_urgent": today.month == 12,
        },
    )
