from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from desk.actions import notices as acts
from scheme.access import gate
from scheme.idempotency import once
from scheme.models import Notice


@gate("desk.use")
@require_safe
def notices(request):
    rows = Notice.objects.filter(to=request.user)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "desk/notices.html", {"page_obj": page})


@gate("desk.use")
@require_POST
@once
def notices_read(request):
    acts.mark_read(by=request.user)
    return redirect("desk:notices")
