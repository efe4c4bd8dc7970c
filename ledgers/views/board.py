"""The supervision board: the screen a meeting is run from."""

import tempfile
from pathlib import Path

from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from ledgers import boards
from ledgers.actions import boards as going_out
from ledgers.views.workbooks import XLSX
from scheme import clock
from scheme.access import can, gate

# What the projector shows at a time.
ON_SCREEN = 8


@gate("supervision.board")
@require_safe
def board(request):
    """The list; the task asked for is opened in its place. With `screen` for the projector."""
    person = request.user
    everything = boards.rows_for(person)
    form = boards.BoardFilter(request, everything)
    rows = form.narrow(everything)
    opened = _opened(request.GET.get("task", ""), rows)
    screen = "screen" in request.GET
    per_page = ON_SCREEN if screen else boards.PER_PAGE
    pages = Paginator(rows, per_page)
    number = request.GET.get("page")
    page = pages.get_page(rows.index(opened) // per_page + 1 if opened else number)
    shown = boards.with_hands(list(page.object_list))
    place = rows.index(opened) if opened else -1
    following = rows[place + 1] if place + 1 < len(rows) else None
    context = {
        "form": form,
        "rows": shown,
        "page_obj": page,
        "total": len(rows),
        "all": len(everything),
        "counts": boards.counts(everything),
        "tallies": boards.tallies(everything, boards.closed_this_month(person)),
        "colours": boards.ORDER,
        "opened": opened,
        "place": place + 1,
        "acts": boards.opened(person, opened) if opened else None,
        "up": rows[place - 1] if place > 0 else None,
        "down": following,
        "today": clock.today(),
        "now": clock.now(),
        "may_set": can(person, "supervision.settings"),
    }
    name = "ledgers/board_screen.html" if screen else "ledgers/board.html"
    return render(request, name, context)


def _opened(asked: str, rows: list[boards.Row]) -> boards.Row | None:
    """404 for one that is not on the list: a wrong address must not look like a closed row."""
    if not asked:
        return None
    for row in rows:
        if str(row.task.pk) == asked:
            return row
    raise Http404


@gate("supervision.board")
@require_POST
def board_workbook(request):
    """By POST, because an export leaves its line in the trail; asked twice it is two exports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.xlsx"
        going_out.export(path, by=request.user)
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=f"督办-{clock.today():%Y%m%d}.xlsx",
            content_type=XLSX,
            headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
        )
