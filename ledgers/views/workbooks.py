import tempfile
from pathlib import Path

from django.http import FileResponse, Http404
from django.views.decorators.http import require_POST

from ledgers.actions import workbooks
from scheme.access import gate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@gate("ledger.export")
@require_POST
def ledger_export(request, ledger):
    """The sheet of one ledger and half-year, written while one waits. By POST, because an export
    leaves its line in the trail; asked twice it is two exports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        try:
            name = workbooks.export(ledger, request.POST.get("half", ""), path, by=request.user)
        except (KeyError, ValueError):
            raise Http404 from None
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=name,
            content_type=XLSX,
            headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
        )
