"""One rendered form acts once, whatever is clicked, retried or replayed (the key rides in it)."""

import hashlib
import uuid
from functools import wraps

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from scheme import clock
from scheme.errors import Refused
from scheme.models import RequestKey

FIELD = "idem"


def new_key() -> str:
    return str(uuid.uuid4())


def without(*fields: str):
    """Marks a view, inside `once`, whose fingerprint leaves these fields out: a hash of one of few
    possible values would give the value away. The same key then answers as the first time."""

    def mark(view):
        view.left_out = fields
        return view

    return mark


def once(view):
    """Wraps a view whose POST has an effect.

    The key is written in the transaction of the effect, so either both stand or neither. The same
    key with the same content answers as the first time; with other content it is refused. An
    answer that is not a success rolls the key back with everything else: the form may be mended
    and sent again.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        key = _key_of(request)
        fingerprint = _fingerprint(request, getattr(view, "left_out", ()))
        try:
            with transaction.atomic():
                row = RequestKey.objects.create(
                    staff=request.user,
                    key=key,
                    route=request.path[:120],
                    fingerprint=fingerprint,
                    at=clock.now(),
                )
                response = view(request, *args, **kwargs)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                else:
                    row.status = response.status_code
                    row.location = _location(response)[:300]
                    row.save(update_fields=["status", "location"])
                return response
        except IntegrityError as error:
            first = RequestKey.objects.filter(staff=request.user, key=key).first()
            if first is None:
                raise error
        return _replay(request, first, fingerprint)

    return wrapper


def _key_of(request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(FIELD) or request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise Refused(_("这一页已过期，请刷新后再提交。")) from None


def _fingerprint(request, left_out: tuple[str, ...] = ()) -> str:
    body = [
        (name, values)
        for name, values in sorted(request.POST.lists())
        if name not in (FIELD, "csrfmiddlewaretoken", *left_out)
    ]
    files = [(name, f.name, f.size) for name, f in sorted(request.FILES.items())]
    return hashlib.sha256(repr((request.path, body, files)).encode()).hexdigest()


def _location(response) -> str:
    return response.headers.get("Location") or response.headers.get("HX-Redirect") or ""


def _replay(request, first: RequestKey, fingerprint: str) -> HttpResponse:
    if first.fingerprint != fingerprint:
        raise Refused(_("这一页刚才已经提交过，内容又变了。请刷新后再改。"))
    where = first.location or request.path
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)
