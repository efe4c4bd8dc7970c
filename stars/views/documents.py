"""The documents of a round as Word files, offered on its page where their stage has come."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheme import access
from scheme.access import gate
from scheme.idempotency import once
from stars.actions import documents
from stars.models import Nomination, Round

from .stage import find_round

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def offered(person, round_: Round) -> dict:
    """Context of `stars/_round_documents.html`."""
    if not access.can(person, "round.document", round_.anchor()):
        return {"documents": []}
    kinds = documents.available(round_)
    words = {
        "notice": (_("公示"), _("名单、起止日期、怎样提异议"), "stars:notice_word"),
        "memo": (_("请示"), _("推荐和评议情况、名额、提请事项"), "stars:memo_word"),
        "circular": (_("通报"), _("评定结果，编号和印发日期待填"), "stars:circular_word"),
    }
    keeps = access.can(person, "round.manage", round_.anchor())
    return {
        "documents": [words[kind] for kind in words if kind in kinds],
        "contact": documents.contact_of(round_) if "notice" in kinds else "",
        "keeps_contact": keeps and "notice" in kinds,
    }


def _file(made: documents.File) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, made.name),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(made.content, content_type=DOCX, headers=headers)


@gate("round.manage")
@require_POST
@once
def round_contact(request, pk):
    find_round(request, pk)
    documents.set_contact(pk, by=request.user, contact=request.POST.get("contact", ""))
    messages.success(request, _("受理方式已存，公示里会写上。"))
    return redirect("stars:round_detail", pk)


# By POST, because a document that goes out leaves its line in the trail.


@gate("round.document")
@require_POST
def notice_word(request, pk):
    find_round(request, pk)
    return _file(documents.notice(pk, by=request.user))


@gate("round.document")
@require_POST
def memo_word(request, pk):
    find_round(request, pk)
    return _file(documents.memo(pk, by=request.user))


@gate("round.document")
@require_POST
def circular_word(request, pk):
    find_round(request, pk)
    return _file(documents.circular(pk, by=request.user))


@gate("nomination.read")
@require_POST
def dossier_word(request, pk):
    if not Nomination.objects.visible_to(request.user).filter(pk=pk).exists():
        raise Http404
    return _file(documents.dossier(pk, by=request.user))
