from typing import NamedTuple

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from scheme.access import can, gate


class Place(NamedTuple):
    name: str
    text: str
    route: str
    icon: str
    verb: str


# By the rhythm of the work: day and week, month, year; then what the five stars are judged on.
GROUPS = (
    (
        _("日和周"),
        (
            Place(
                _("日报"), _("一日一报，今天做了什么"), "ledgers:report_mine", "pencil-square",
                "report.file",
            ),
            Place(
                _("报送情况"), _("按应报的日子算，请假出差不算"), "ledgers:filing",
                "calendar-days", "filing.read",
            ),
            Place(
                _("请假出差"), _("批准后那几天免报"), "ledgers:absence_list", "paper-airplane",
                "absence.read",
            ),
            Place(
                _("周例会"), _("从已阅日报和任务进展起草"), "ledgers:weekly_list",
                "presentation-chart-bar", "weekly.read",
            ),
        ),
    ),
    (
        _("任务"),
        (
            Place(
                _("报告和要点"), _("一报告一要点，逐条分解为任务"), "ledgers:plan_list",
                "document-text", "paper.read",
            ),
            Place(
                _("重点任务台账"), _("牵头、配合、承办、时限、难度"), "ledgers:task_list",
                "clipboard-document-list", "task.read",
            ),
            Place(
                _("月度清单"), _("每月下发，科室签收"), "ledgers:list_list", "queue-list",
                "list.read",
            ),
            Place(
                _("督办"), _("亮灯、催办、反馈、提级"), "ledgers:board", "flag",
                "supervision.board",
            ),
            Place(
                _("督办记录"), _("催办、退回、点名，逐条登记"), "ledgers:note_list",
                "megaphone", "supervision.read",
            ),
        ),
    ),
    (
        _("月、季、半年、年终"),
        (
            Place(
                _("一月一结"), _("科室月度小结，分管领导评等次"), "ledgers:summary_list",
                "document-check", "summary.read",
            ),
            Place(
                _("通报"), _("月通报、季评比、信息采用通报"), "ledgers:circular_list",
                "newspaper", "circular.read",
            ),
            Place(
                _("会议"), _("半年务虚会、年终述职会"), "ledgers:meeting_list",
                "chat-bubble-left-right", "meeting.read",
            ),
            Place(
                _("年终述职"), _("从台账起草，自己写实"), "ledgers:work_report_list",
                "identification", "work_report.read",
            ),
        ),
    ),
    (
        _("学习、写作、创新"),
        (
            Place(
                _("每周一学"), _("到会、缺席、免到"), "ledgers:study_list", "academic-cap",
                "study.read",
            ),
            Place(
                _("两周一讲"), _("轮讲和无记名评分"), "ledgers:talk_list", "microphone",
                "talk.read",
            ),
            Place(
                _("信息宣传"), _("采用的信息和宣传，主报协报各计"), "ledgers:writing_list",
                "pencil", "writing.read",
            ),
            Place(
                _("创新"), _("立项、成效、推广"), "ledgers:innovation_list", "light-bulb",
                "innovation.read",
            ),
        ),
    ),
    (
        _("制度"),
        (
            Place(
                _("制度库"), _("按七个方面编目，全文可查"), "scoring:regulation_list", "scale",
                "regulation.read",
            ),
        ),
    ),
)  # fmt: skip


@gate("ledger.read")
@require_safe
def hub(request):
    """All ledgers the reader may open, by the rhythm of the work."""
    groups = []
    for name, places in GROUPS:
        shown = [(place, _url(place)) for place in places if can(request.user, place.verb)]
        groups.append((name, [(place, url) for place, url in shown if url]))
    return render(request, "ledgers/hub.html", {"groups": [g for g in groups if g[1]]})


def _url(place: Place) -> str:
    try:
        return reverse(place.route)
    except NoReverseMatch:
        return ""
