"""The project's routes with a few views that do what a real one must never do."""

from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from scheme import audit
from scheme.access import gate, open_to_all, signed_in
from scheme.errors import Refused, Stale
from scheme.idempotency import once
from scheme.models import Section, Unit

effects = []


def nobody_marked_me(request):
    return HttpResponse("open by mistake")


@gate("roster.import")
def for_the_office(request):
    return HttpResponse("in")


@signed_in
def for_anybody_inside(request):
    return HttpResponse("in")


@open_to_all
def too_slow(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)")
    return HttpResponse("never")


@open_to_all
def twice_the_same(request):
    with transaction.atomic():
        Unit.objects.create(name="同名")
        Unit.objects.create(name="同名")


@open_to_all
def with_a_word(request):
    return HttpResponse(Section.objects.filter(name=request.GET.get("name", "")).count())


@open_to_all
def refused(request):
    raise Refused("先做别的。")


@open_to_all
def stale(request):
    raise Stale("有人先办了。")


@open_to_all
def broken(request):
    raise RuntimeError("a bug")


@signed_in
@require_POST
@once
def act(request):
    """Makes a unit; `do` tells how it goes on."""
    unit = Unit.objects.create(name=request.POST["name"])
    audit.record(request.user, "unit.make", unit)
    effects.append(unit.name)
    match request.POST.get("do"):
        case "refuse":
            raise Refused("这样不行。")
        case "form error":
            return HttpResponse("mend it", status=422)
        case "constraint":
            raise IntegrityError("somebody else")
        case "crash":
            raise RuntimeError("a bug")
        case "fragment":
            return HttpResponse("done", headers={"HX-Redirect": "/me/"})
    return HttpResponse(status=302, headers={"Location": "/made/"})


urlpatterns = [
    path("probe/unmarked/", nobody_marked_me, name="unmarked"),
    path("probe/office/", for_the_office),
    path("probe/inside/", for_anybody_inside),
    path("probe/slow/", too_slow),
    path("probe/twice/", twice_the_same),
    path("probe/word/", with_a_word),
    path("probe/refused/", refused),
    path("probe/stale/", stale),
    path("probe/broken/", broken),
    path("probe/act/", act),
    path("", include("config.urls")),
]
