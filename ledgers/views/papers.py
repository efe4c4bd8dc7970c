from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ledgers import records
from ledgers.actions import papers
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once


class PaperForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("材料"),
        max_length=200,
        error_messages={"required": gettext_lazy("请选择文件。")},
    )


def _page_of(ledger: str, row_id: int) -> str:
    return reverse(records.KINDS[ledger].route, args=[row_id])


@gate("ledger.read")
@require_POST
@once
def paper_add(request, ledger, row):
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refused(form.errors["file"][0], field="file")
    file = form.cleaned_data["file"]
    try:
        paper = papers.attach(ledger, row, file, file.name, by=request.user)
    except (KeyError, ObjectDoesNotExist):
        raise Http404 from None
    messages.success(request, _("已附上“%(name)s”。") % {"name": paper.name})
    return redirect(_page_of(ledger, row))


@gate("ledger.read")
@require_safe
def paper(request, pk):
    """Always as a download: nothing that was uploaded is shown by the browser on our pages."""
    try:
        found, content = papers.read(pk, by=request.user)
    except ObjectDoesNotExist:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=found.name)


@gate("ledger.read")
@require_POST
@once
def paper_remove(request, pk):
    try:
        found = papers.detach(pk, by=request.user)
    except ObjectDoesNotExist:
        raise Http404 from None
    messages.success(request, _("已取下“%(name)s”。") % {"name": found.name})
    return redirect(_page_of(found.ledger, found.row_id))
