"""Answers to what went wrong, as a page or, for htmx, as a fragment, in the reader's words."""

import logging
import sys

from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from scheme.errors import Refused

log = logging.getLogger(__name__)


def _template(request, status: int) -> str:
    return "components/_problem.html" if getattr(request, "htmx", False) else f"{status}.html"


def _answer(request, status: int, text: str = ""):
    context = {"text": text, "status": status}
    return render(request, _template(request, status), context, status=status)


def _bare_answer(request, status: int, text: str):
    """Without the page's frame, which would ask the database once more."""
    context = {"text": text, "status": status}
    return HttpResponse(render_to_string(_template(request, status), context), status=status)


def answer_to(request, exception):
    """The answer to what somebody's input or the moment has caused; None for a bug."""
    if isinstance(exception, Refused):
        return refused(request, exception)
    if isinstance(exception, (OperationalError, InterfaceError)):
        log.warning("database away: %s", exception)
        return unavailable(request)
    if isinstance(exception, DataError):
        log.info("data refused: %s", exception)
        return bad_request(request, exception)
    if isinstance(exception, IntegrityError):
        log.warning("constraint: %s", exception)
        return constraint(request, exception)
    return None


def refused(request, error: Refused):
    return _answer(request, 409 if error.conflict else 422, str(error))


def constraint(request, exception):
    """Two people met at the same row; the database let one of them through."""
    return _answer(request, 409, _("刚才有人先办了这一步。请刷新后再看。"))


def bad_request(request, exception=None):
    # The rubbish may be in the session's cookie, which the page's frame would read again.
    return _bare_answer(request, 400, _("送来的内容读不出来，请检查后再交。"))


def forbidden(request, exception=None):
    return _answer(request, 403, str(exception or "") or _("您的职责不包括这一步。"))


def not_found(request, exception=None):
    return _answer(request, 404, _("没有这一页，或者它不在您能看到的范围里。"))


def server_error(request):
    """Django's last resort; also reached when a middleware missed the database."""
    known = answer_to(request, sys.exc_info()[1])
    return known or _bare_answer(request, 500, "")


def unavailable(request):
    response = _bare_answer(
        request, 503, _("暂时连不上数据库，刚才的内容没有保存，请稍后重试，不会重复提交。")
    )
    response["Retry-After"] = "5"
    return response


def csrf_failure(request, reason=""):
    return _answer(request, 403, _("这一页放得太久了，请刷新后再提交。"))


def locked_out(request, credentials=None, *args, **kwargs):
    return render(
        request,
        "403.html",
        {"text": _("连续输错五次，这个账号暂时锁定，请十五分钟后再试。"), "status": 403},
        status=403,
    )
