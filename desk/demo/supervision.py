"""The demo's board: tasks in every light, one waiting for each who acts on it."""

from datetime import date
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from ledgers import addressees, tasking
from ledgers.actions import closings, extensions, notes, papers, supervision, tasks
from ledgers.models import Task
from ledgers.tasking import Hand, Step
from scheme import workdays
from scheme.models import Section, Staff, Unit


class Told(NamedTuple):
    """`since` and `due`: working days ago and ahead (negative: the deadline has passed)."""

    section: str
    title: str
    since: int
    due: int
    percent: int
    text: str
    problems: str = ""
    then: str = ""


TASKS = (
    Told("公务员一科", "平时考核季度结果分析", 20, 12, 55, "各科室数据已收齐，正在核对等次。",
         "两个科室的分值口径不一致。", "extend"),
    Told("公务员一科", "公务员信息数据核验", 18, -4, 60, "已核验三百余条，余下待补材料。",
         "部分人员学历材料没有交齐。", "press"),
    Told("干部一科", "年轻干部专题调研报告", 25, 2, 85, "初稿已成，正在征求意见。"),
    Told("干部一科", "干部调配纪实材料归档", 20, 10, 10, "刚开始整理。", "人手抽调到专班。"),
    Told("组织一科", "基层党组织换届提醒清单", 15, 15, 60, "到期党组织逐个提醒，已办大半。"),
    Told("人才服务科", "人才公寓入住核查", 12, 8, 100, "核查完毕，问题已移交。", "", "report"),
    Told("基层党建督查科", "党费收缴使用检查", 22, 6, 90, "检查结束，报告已成。", "", "review"),
    Told("干部二科", "档案数字化验收", 24, 5, 95, "第一批验收结论已出。", "", "back"),
    Told("办公室", "机要文件清退", 16, 3, 100, "清退完毕，登记在册。", "", "close"),
    Told("组织二科", "支部书记轮训方案", 14, 20, 20, "方案等省里统一部署。", "", "suspend"),
)  # fmt: skip


def build(unit: Unit, office: Staff, today: date) -> None:
    keepers = addressees.supervisors_of(unit.pk)
    for number, told in enumerate(TASKS, 1):
        lead = Section.objects.filter(unit=unit, name=told.section).first()
        chiefs = addressees.chiefs_of([lead.pk]) if lead else []
        leaders = addressees.leaders_of([lead.pk]) if lead else []
        others = [one for one in keepers if one not in chiefs]
        if chiefs and leaders and others:
            _task(unit, told, lead, chiefs[0], leaders[0], others[0], today, number)


def _task(unit, told, lead, chief, leader, keeper, today, number) -> None:
    start = workdays.preceding(today, told.since)
    ahead = told.due > 0
    due = workdays.following(today, told.due) if ahead else workdays.preceding(today, -told.due)
    people = sorted(tasking.people_of([lead.pk], today) - {chief.pk, keeper.pk})
    hands = [Hand(people[-1] if people else chief.pk, "main", 70 if people else 100)]
    hands += [Hand(chief.pk, "joint", 30)] if people else []
    half = workdays.preceding(due, max(1, (told.since + told.due) // 2))
    task = tasks.propose(
        unit,
        title=told.title,
        lead_id=lead.pk,
        difficulty=2 + number % 3,
        due_on=due,
        source="部务会议定事项",
        measures="列出清单，明确到人；按周对账，按月报进展；结果报部务会。",
        leader_id=leader.pk,
        start_on=start,
        handlers=hands,
        milestones=[Step("完成一半", half, 50), Step("报送结果", due, 100)],
        by=chief,
    )
    task = tasks.file(task.pk, version=task.version, by=chief)
    task = tasks.approve(task.pk, version=task.version, by=leader)
    task = tasks.assign(task.pk, version=task.version, by=keeper)
    supervision.receive(task.pk, version=task.version, by=chief)
    _report(task, told, chief)
    _go_on(task, told.then, chief, leader, keeper, today)


def _report(task: Task, told: Told, chief: Staff) -> None:
    done = [one.pk for one in task.milestones.all() if told.percent >= one.target]
    supervision.progress(
        task.pk,
        version=_now(task),
        percent=told.percent,
        text=told.text,
        problems=told.problems,
        following="按节点推进，下周再报。" if told.percent < 100 else "",
        done=done,
        by=chief,
    )


def _go_on(task, then, chief, leader, keeper, today) -> None:
    if then == "extend":
        to = workdays.following(today, 25)
        reason = "口径要等上级统一，核对后再出分析。"
        extensions.ask(task.pk, version=_now(task), to=to, reason=reason, by=chief)
    elif then == "press":
        text = "已过时限，请写明余下各条何时核完、谁负责，两天内反馈。"
        notes.press(task.pk, version=_now(task), text=text, by=keeper)
    elif then == "suspend":
        reason = "等省里统一部署后再定。"
        supervision.suspend(task.pk, version=_now(task), reason=reason, by=leader)
    elif then:
        _file(task, chief, today)
        if then == "back":
            reason = "抽查三卷都有缺页，请逐卷复核后再报。"
            closings.send_back(task.pk, version=_now(task), reason=reason, by=keeper)
        elif then in ("review", "close"):
            closings.review(task.pk, version=_now(task), by=keeper)
            if then == "close":
                closings.close(task.pk, version=_now(task), by=leader)


def _file(task: Task, chief: Staff, today: date) -> None:
    content = f"%PDF-1.4\n% {task.number}\ntrailer <<>>\n%%EOF\n".encode()
    file = SimpleUploadedFile("report.pdf", content)
    papers.attach("task", task.pk, file, "办理报告.pdf", by=chief)
    closings.report(
        task.pk,
        version=_now(task),
        done_on=today,
        result="任务已按要求完成，结果材料附后。",
        handling="摸底、核对、反馈三步，过程有记录。",
        by=chief,
    )


def _now(task: Task) -> int:
    task.refresh_from_db(fields=["version"])
    return task.version
