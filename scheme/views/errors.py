"""Answers to what went wrong, as a page or, for htmx, as a fragment, in the reader's words."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from scheme.errors import Refused


def _answer(request, status: int, text: str = ""):
    part = "components/_problem.html" if getattr(request, "htmx", False) else f"{status}.html"
    response = render(request, part, {"text": text, "status": status}, status=status)
    if status == 503:
        response["Retry-After"] = "5"
    return response


def refused(request, error: Refused):
    return _answer(request, 409 if error.conflict else 422, str(error))


def constraint(request, exception):
    """Two people met at the same row; the database let one of them through."""
    return _answer(request, 409, _("刚才有人先办了这一步。请刷新后再看。"))


def bad_request(request, exception=None):
    return _answer(request, 400, _("送来的内容读不出来，请检查后再交。"))


def forbidden(request, exception=None):
    return _answer(request, 403, str(exception or "") or _("您的职责不包括这一步。"))


def not_found(request, exception=None):
    return _answer(request, 404, _("没有这一页，或者它不在您能看到的范围里。"))


def server_error(request):
    return render(request, "500.html", status=500)


def unavailable(request):
    return _answer(
        request, 503, _("暂时连不上数据库，刚才的内容没有保存，请稍后重试，不会重复提交。")
    )


def csrf_failure(request, reason=""):
    return _answer(request, 403, _("这一页放得太久了，请刷新后再提交。"))


def locked_out(request, credentials=None, *args, **kwargs):
    return render(
        request,
        "403.html",
        {"text": _("连续输错五次，这个账号暂时锁定，请十五分钟后再试。"), "status": 403},
        status=403,
    )
