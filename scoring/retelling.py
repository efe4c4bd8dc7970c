"""An entry told in words: the fact it rests on, the proof, and who filed, checked and approved it.

Everything comes out of the entry itself, which carries its fact by value; the thing it came from
is only linked to, for whoever may see it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.models import DailyReport, Level, PointEntry
from ledgers.models.reports import Grade
from ledgers.models.tasks import TaskHandler
from ledgers.models.writing import CreditRole
from scheme import periods
from scheme.access import Anchor, can
from scheme.models import Staff
from scheme.templatetags.look import hm, md, points, signed, weekday, ymd
from scoring.models import Declaration, ManualEntry

Pair = tuple[str, str]
PEOPLE = ("proposed_by", "checked_by", "approved_by")


class Link(NamedTuple):
    """Where the fact itself can be read."""

    label: str
    url: str
    small: str


def words_of(entry: PointEntry) -> str:
    """The fact in a line: what it was, as short as a table wants it."""
    fact = entry.fact
    for key in ("title", "project", "topic", "matter", "text"):
        if fact.get(key):
            number = f"{fact['number']} " if fact.get("number") else ""
            return number + fact[key] if key != "text" else fact[key]
    if fact.get("half"):
        return _("%(half)s在册") % {"half": periods.half_name(fact["half"])}
    return ""


def tell(entry: PointEntry, reader: Staff, *, counted: Decimal, why: str) -> list[Pair]:
    """What an entry rests on, copied into it when it was posted, and who stood behind it."""
    pairs = [(_("发生日期"), f"{ymd(entry.event_on)}　{weekday(entry.event_on)}")]
    if _may_see_whose(entry, reader):
        if entry.section_id and entry.fact.get("person"):
            pairs.append((_("事由来自"), entry.fact["name"]))
        pairs += _fact(entry.fact)
    else:
        pairs.append((_("事由来自"), _("本科室一人，姓名只对本人和负责人显示")))
    pairs.append((_("分值"), signed(entry.points)))
    word = _("%(points)s：%(why)s") if why else "%(points)s"
    pairs.append((_("计入"), word % {"points": points(counted), "why": why}))
    pairs.append((_("计入季度"), entry.quarter.code))
    version = {"version": entry.book_version, "code": entry.rule_code}
    pairs.append((_("规则"), _("第%(version)s版　%(code)s") % version))
    return pairs + _people(entry)


def proof_of(entry: PointEntry) -> list[Pair]:
    """For paper: the document an entry rests on and who stood behind it, where somebody did."""
    if not entry.source.startswith(("declared:", "manual:")):
        return []
    fact = {name: value for name, value in entry.fact.items() if name != "matter"}
    return [*_of_a_declaration(fact), *_hands(entry)]


def _hands(entry: PointEntry) -> list[Pair]:
    manual = entry.source.startswith("manual:")
    labels = (_("提出"), _("初核"), _("批准")) if manual else (_("申报"), _("初核"), _("核验"))
    return [
        (label, getattr(entry, name).name)
        for label, name in zip(labels, PEOPLE, strict=True)
        # Who read a report stands with its grade.
        if getattr(entry, f"{name}_id") and not entry.fact.get("grade")
    ]


def _people(entry: PointEntry) -> list[Pair]:
    manual = entry.source.startswith("manual:")
    pairs = _hands(entry)
    at = {"day": ymd(entry.posted_at), "time": hm(entry.posted_at)}
    posted = (
        _("%(day)s%(time)s，经两人批准记入") if manual else _("%(day)s%(time)s，系统按细则记入")
    )
    pairs.append((_("入账"), posted % at))
    return pairs


def _may_see_whose(entry: PointEntry, reader: Staff) -> bool:
    """A section's entry comes from one of its people: known to that one and those in charge."""
    whose = entry.fact.get("person")
    if not entry.section_id or whose is None or whose == reader.pk:
        return True
    return can(reader, "points.read", Anchor(entry.unit_id, whose, entry.section_id))


def _fact(fact: dict) -> list[Pair]:
    return [
        *_of_a_report(fact),
        *_of_a_ledger(fact),
        *_of_a_task(fact),
        *_of_a_declaration(fact),
    ]


def _of_a_report(fact: dict):
    if fact.get("half"):
        yield _("事由"), _("%(half)s在册") % {"half": periods.half_name(fact["half"])}
    if fact.get("filed_at"):
        yield _("报送时间"), _moment(fact["filed_at"])
    elif fact.get("closes"):
        yield _("报送时间"), _("没有报送")
    if fact.get("cutoff"):
        yield _("按时截止"), _moment(fact["cutoff"])
    if fact.get("closes"):
        yield _("补报截止"), _moment(fact["closes"])
    if fact.get("grade"):
        yield _("等次"), str(Grade(fact["grade"]).label)
        if "month" not in fact:
            yield _("批阅人"), fact.get("reviewer") or _("随台账导入，未记批阅人")


def _of_a_ledger(fact: dict):
    if fact.get("month"):
        month = date.fromisoformat(fact["month"])
        yield _("月份"), _("%(year)s年%(month)s月") % {"year": month.year, "month": month.month}
    if fact.get("topic"):
        yield _("学习主题"), fact["topic"]
    if fact.get("project"):
        yield _("项目"), fact["project"]
    if fact.get("title") and "task" not in fact:
        yield _("题目"), fact["title"]
    if fact.get("ratings"):
        rated = {"n": fact["ratings"], "mean": fact["mean"]}
        yield _("评分"), _("%(n)s人评，平均%(mean)s") % rated
    carrier = "　".join(filter(None, (fact.get("carrier"), fact.get("issue_no"))))
    if carrier:
        yield _("载体"), carrier
    if fact.get("level"):
        yield _("级别"), str(Level(fact["level"]).label)
    if fact.get("role"):
        yield _("角色"), str(CreditRole(fact["role"]).label)


def _of_a_task(fact: dict):
    if "task" in fact:
        yield _("任务"), f"{fact['number']}　{fact['title']}"
        yield _("期限"), ymd(date.fromisoformat(fact["deadline"]))
        closed = fact.get("closed_on")
        yield _("办结"), ymd(date.fromisoformat(closed)) if closed else _("期末尚未办结")
    if fact.get("late_by"):
        yield _("逾期"), _("%(n)s个工作日") % {"n": fact["late_by"]}
    elif fact.get("share"):
        share = {
            "role": TaskHandler.Role(fact["handler"]).label,
            "share": f"{Decimal(str(fact['share'])).normalize():f}",
            "difficulty": fact["difficulty"],
        }
        yield _("折算"), _("%(role)s，难度%(difficulty)s，份额%(share)s%%") % share
    elif "task" in fact and "note" not in fact:
        yield _("折算"), _("难度%(difficulty)s") % fact
    if "note" in fact and fact.get("text"):
        yield _("说明"), fact["text"]


def _of_a_declaration(fact: dict):
    if fact.get("matter"):
        yield _("事项"), fact["matter"]
    if fact.get("document_no"):
        day = ymd(date.fromisoformat(fact["document_on"]))
        yield _("文件"), f"{fact['document_no']}　{day}"
    if fact.get("quantity") and Decimal(str(fact["quantity"])) != 1:
        yield _("数量"), f"{Decimal(str(fact['quantity'])).normalize():f}"
    if fact.get("declared_in"):
        yield _("申报季度"), fact["declared_in"]
    if fact.get("reason"):
        yield _("理由"), fact["reason"]
    if fact.get("basis"):
        yield _("依据"), fact["basis"]


def _moment(iso: str) -> str:
    at = datetime.fromisoformat(iso)
    return f"{md(at)} {hm(at)}"


def link_of(entry: PointEntry, reader: Staff) -> Link | None:
    """The report or the declaration it came from, when the reader may see that."""
    fact = entry.fact
    if report := fact.get("report"):
        found = DailyReport.objects.visible_to(reader).filter(pk=report).first()
        if found:
            label = _("%(day)s的日报") % {"day": md(found.day)}
            return Link(label, reverse("ledgers:report_detail", args=[report]), _("打开原文"))
    if declaration := fact.get("declaration"):
        found = Declaration.objects.visible_to(reader).filter(pk=declaration).first()
        if found:
            url = reverse("scoring:declaration_detail", args=[declaration])
            return Link(found.matter, url, _("打开申报和佐证"))
    if (manual := fact.get("manual")) and ManualEntry.objects.visible_to(reader).filter(pk=manual):
        return Link(fact["matter"], reverse("scoring:manual_detail", args=[manual]), _("打开经过"))
    return None
