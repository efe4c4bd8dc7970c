"""Every component with sample data, for developers; shut on a server in use."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils.timezone import get_default_timezone

from scheme.access import open_to_all
from scheme.templatetags.look import month_weeks

DAY = date(2026, 7, 10)
STARS = {"xue": "勤学", "geng": "笔耕", "ye": "精业", "xiao": "效能", "xin": "创新"}
COLOURS = {
    "paper": ["paper", "surface", "sunken", "hover"],
    "ink": ["ink", "ink-2", "ink-3", "line", "line-strong"],
    "red": ["accent", "accent-fill", "accent-press", "accent-tint"],
    "gold": ["gold", "gold-line", "gold-tint"],
    "stars": [f"star-{key}" for key in STARS],
    "status": ["ok", "warn", "bad", "done", "ok-tint", "warn-tint", "bad-tint", "done-tint"],
}


class SampleForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与人事档案一致。", max_length=20)
    section = forms.ChoiceField(label="科室", choices=[("1", "干部监督科"), ("2", "研究室")])
    joined = forms.DateField(label="到部日期", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    kind = forms.ChoiceField(
        label="对象", widget=forms.RadioSelect, choices=[("p", "个人"), ("s", "科室")]
    )
    sure = forms.BooleanField(label="本人已核对，内容属实")
    book = forms.FileField(label="名册", help_text="xlsx，不超过5 MB。")


def _star(key: str) -> SimpleNamespace:
    return SimpleNamespace(key=key, name=STARS[key], title=f"{STARS[key]}之星", sign="")


def _days() -> list[dict]:
    words = {25: ("warn", "迟报"), 1: ("done", "出差"), 2: ("done", "出差"), 8: ("bad", "缺报")}
    days = [DAY - timedelta(days=offset) for offset in range(18, -1, -1)]
    return [
        {"day": day, "kind": kind, "word": word, "url": "#strip"}
        for day in days
        if day.weekday() < 5
        for kind, word in [("today", "待报") if day == DAY else words.get(day.day, ("ok", "按时"))]
    ]


def _month() -> list[list[dict]]:
    states = {item["day"]: item for item in _days()}
    states[date(2026, 7, 11)] = {
        "kind": "today",
        "word": "待报",
        "makeup": True,
        "note": "调休上班",
    }
    states[date(2026, 7, 20)] = {"kind": "off", "word": "放假"}
    return month_weeks(DAY.replace(day=1), states, DAY)


def _bars() -> list[dict]:
    figures = {"xue": "17", "geng": "20.5", "ye": "15.7", "xiao": "16.5", "xin": "19.25"}
    return [
        {"label": STARS[key], "key": key, "value": value, "delta": float(value) - 16}
        for key, value in figures.items()
    ]


def _steps() -> list[dict]:
    labels = ["科室推星", "支部评星", "部务会定星", "公示", "展示亮星"]
    dates = ["7月1日–7日", "至7月14日", "7月17日", "7月20日–24日", "7月27日"]
    states = ["past", "now", "", "", ""]
    return [
        {"label": label, "dates": when, "state": state}
        for label, when, state in zip(labels, dates, states, strict=True)
    ]


def _timeline() -> list[dict]:
    return [
        {"when": "7月3日", "who": "周正则", "what": "提名", "text": "把六个系统并成一个入口。"},
        {
            "when": "7月6日",
            "who": "白亦凡",
            "what": "退回",
            "text": "缺采用通知首页。",
            "kind": "back",
        },
        {"when": "7月8日", "who": "第二党支部", "what": "支部评星", "kind": "now"},
        {"what": "部务会定星", "when": "7月17日", "kind": "next"},
    ]


def _jobs() -> dict[str, SimpleNamespace]:
    counts = {"waiting": (0, 0), "running": (37, 98), "done": (98, 98), "parked": (12, 98)}
    return {
        f"job_{state}": SimpleNamespace(state=state, done_count=done, total_count=total)
        for state, (done, total) in counts.items()
    }


def _context() -> dict:
    stars = [_star(key) for key in STARS]
    return {
        "stars": stars,
        "star": stars[3],
        "colours": COLOURS,
        "kinds": [("ok", "余5日"), ("warn", "今日到期"), ("bad", "逾期2天"), ("done", "已办结")],
        "steps": _steps(),
        "days": _days(),
        "weeks": _month(),
        "rows": _bars(),
        "sections": [
            {"label": label, "value": value}
            for label, value in [("按时", 11), ("迟报", 1), ("补报", 2), ("缺报", -1)]
        ],
        "form": SampleForm(),
        "wrong": SampleForm({"name": "", "kind": "x"}, prefix="wrong"),
        "page_obj": Paginator(range(73), 20).page(2),
        "pairs": [("督办编号", "督办〔2026〕19号"), ("限期", "5月15日（星期五）"), ("延期", "")],
        "tabs": [
            {"label": "待办", "url": "#tabs", "current": True, "count": 3},
            {"label": "已办", "url": "#tabs", "current": False, "count": 28},
        ],
        "choices": [("for", "赞成"), ("against", "反对"), ("abstain", "弃权")],
        "timeline": _timeline(),
        "entries": [
            {"day": DAY, "what": "半年基础分", "points": "16", "void": False},
            {"day": DAY, "what": "日报缺报", "points": "-0.5", "void": False},
            {"day": DAY, "what": "冲销0003103", "points": "-1", "void": True},
        ],
        "hash": "a91f0c4e5577aa00b1c2d3e4f5061728394a5b6c7d8e9f00112233445566b722",
        "moment": datetime(2026, 7, 10, 17, 42, tzinfo=get_default_timezone()),
        "demo": {
            "text": "这是演示，人和事都是虚构的。",
            "links": [{"label": "以科长身份登录", "url": "#"}, {"label": "推进到公示", "url": "#"}],
        },
        **_jobs(),
    }


@open_to_all
def styleguide(request):
    if not (settings.DEBUG or settings.STYLEGUIDE):
        raise Http404
    return render(request, "styleguide/index.html", _context())
