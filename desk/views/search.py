from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk import queries
from scheme.access import gate


@gate("people.read")
@require_safe
def search(request):
    """One box: people by name, number or pinyin initials; sections; rounds."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:40]
    found = queries.search(request.user, asked) if asked else None
    return render(request, "desk/search.html", {"q": asked, "found": found})
