"""The demo's year: a report and key points, tasks from them in every state, this month's lists, and
a meeting whose suggestions go into the next key points."""

from datetime import date, timedelta

from ledgers import addressees, tasking
from ledgers.actions import lists, meetings, plans, supervision, tasks
from ledgers.models import Meeting, PlanPaper
from ledgers.tasking import Hand, Step
from scheme import workdays
from scheme.models import Section, Staff, Unit

REPORT = """过去一年，组织工作围绕中心、服务大局，各项任务总体完成。
一、党的组织建设
（一）健全基层党组织体系，整顿软弱涣散党组织。
（二）推进党支部标准化规范化建设。
二、干部队伍建设
（一）改进干部平时考核和实绩分析。
（二）核准干部人事档案，管好用好数据。
三、人才和公务员工作
（一）做好人才引进和跟踪服务。
（二）落实公务员平时考核。"""
POINTS = """一、党的组织建设
（一）整顿软弱涣散基层党组织，一支部一方案，年底前全部销号。
（二）党支部标准化规范化建设达标率提高到95%。
二、干部队伍建设
（一）改进干部平时考核，把日常表现记实记准。
（二）完成干部人事档案专项核准，差错逐卷改正。
三、人才和公务员工作
（一）建立引进人才跟踪服务台账。
（二）公务员平时考核按季评定、及时反馈。
四、机关自身建设
（一）精简报表和会议，减轻基层负担。"""
# Item of the key points, task, section, difficulty, how far it goes.
TASKS = (
    (5, "公务员平时考核按季评定", "公务员一科", 4, "received"),
    (5, "公务员平时考核结果反馈办法", "公务员一科", 3, "assigned"),
    (2, "干部日常表现记实办法", "干部一科", 4, "received"),
    (3, "干部人事档案专项核准", "干部二科", 5, "received"),
    (1, "党支部标准化规范化建设达标验收", "基层党建督查科", 3, "approved"),
    (0, "软弱涣散基层党组织整顿", "组织一科", 4, "filed"),
    (4, "引进人才跟踪服务台账", "人才服务科", 2, "returned"),
    (4, "人才政策落实情况自查", "人才服务科", 2, "draft"),
)
SAID = (
    ("ZC045", "日报和周表内容重复，建议一次填报、多处取用。"),
    ("ZC042", "平时考核评定以后要有反馈，让人知道差在哪里。"),
    ("ZC040", "支部评议材料提前两天发，会上才能谈得深。"),
    ("ZC043", "会议能合并的合并，材料能电子的不印纸。"),
)


def build(unit: Unit, office: Staff, today: date) -> None:
    keepers, chairs = addressees.supervisors_of(unit.pk), addressees.chairs_of(unit.pk)
    if not keepers or not chairs:
        return
    keeper, chair = keepers[0], chairs[0]
    meeting = _meeting(unit, keeper, chair, today)
    report = plans.draft(
        unit, kind="report", year=today.year, title=f"{today.year}年组织工作报告", text=REPORT,
        by=keeper,
    )  # fmt: skip
    _approve(report, keeper, chair)
    points = plans.draft(
        unit, kind="points", year=today.year, title=f"{today.year}年组织工作要点", text=POINTS,
        by=keeper,
    )  # fmt: skip
    _give_out(points, report, unit, keeper)
    first = meeting.suggestions.order_by("pk").first()
    plans.take_up(
        first.pk, paper_pk=points.pk, item_pk=points.items.last().pk, version=0, by=keeper
    )
    points.refresh_from_db()
    _approve(points, keeper, chair)
    for told in TASKS:
        _task(unit, points, keeper, today, *told)
    _lists(unit, keeper, today)
    plans.draft(
        unit, kind="points", year=today.year + 1, title=f"{today.year + 1}年组织工作要点（讨论稿）",
        text="一、机关自身建设\n（一）一次填报、多处取用，报表再减三成。", by=keeper,
    )  # fmt: skip


def _meeting(unit: Unit, keeper: Staff, chair: Staff, today: date) -> Meeting:
    day = workdays.preceding(today, 12)
    meeting = meetings.call(
        unit, kind="discussion", day=day, title=f"{day.year}年半年务虚会", place="三楼会议室",
        chaired_by_id=chair.pk, by=keeper,
    )  # fmt: skip
    for staff_no, text in SAID:
        if person := Staff.objects.filter(unit=unit, staff_no=staff_no).first():
            meetings.suggest(meeting.pk, text=text, raised_by=person, by=person)
    aside = meeting.suggestions.order_by("pk")[2]
    meetings.put_aside(aside.pk, reason="支部自己就能定，请支部先试。", version=0, by=keeper)
    record = "各科室谈半年来的想法和问题。会上只记意见，不作决定；能列入要点的，起草时取用。"
    meeting = meetings.change(meeting.pk, version=0, record=record, by=keeper)
    return meetings.hold(meeting.pk, version=meeting.version, by=keeper)


def _approve(paper: PlanPaper, keeper: Staff, chair: Staff) -> None:
    filed = plans.file(paper.pk, version=paper.version, by=keeper)
    plans.approve(paper.pk, version=filed.version, by=chair)


def _give_out(points: PlanPaper, report: PlanPaper, unit: Unit, keeper: Staff) -> None:
    """Each item to its section and leader, and to the item of the report it carries out."""
    sections = {one.name: one for one in Section.objects.filter(unit=unit)}
    sources = list(report.items.order_by("position"))
    leads = {number: sections.get(name) for number, _title, name, _hard, _far in TASKS}
    items = []
    for place, item in enumerate(points.items.order_by("position")):
        lead = leads.get(place)
        leader = addressees.leaders_of([lead.pk])[:1] if lead else []
        items.append(
            plans.Item(
                item.text,
                item.number,
                item.heading,
                lead and lead.pk,
                leader[0].pk if leader else None,
                sources[place].pk if place < len(sources) else None,
                place,
                item.pk,
            )
        )
    plans.write(
        points.pk, version=points.version, title=points.title, intro="", items=items, by=keeper
    )
    points.refresh_from_db()


def _task(unit, points, keeper, today, place, title, section, difficulty, far) -> None:
    lead = Section.objects.filter(unit=unit, name=section).first()
    chiefs = addressees.chiefs_of([lead.pk]) if lead else []
    leaders = addressees.leaders_of([lead.pk]) if lead else []
    if not chiefs or not leaders:
        return
    chief, leader = chiefs[0], leaders[0]
    item = points.items.order_by("position")[place]
    others = [pk for pk in sorted(tasking.people_of([lead.pk], today)) if pk != chief.pk][:1]
    hands = [Hand(chief.pk, "main", 60 if others else 100)]
    hands += [Hand(pk, "joint", 40) for pk in others]
    due = workdays.following(today, 40 + 5 * place)
    half = workdays.following(today, 15 + 2 * place)
    task = tasks.propose(
        unit,
        title=title,
        lead_id=lead.pk,
        difficulty=difficulty,
        due_on=due,
        item_id=item.pk,
        measures="摸清底数，列出清单；逐项办理，按月对账；办结后形成制度。",
        leader_id=leader.pk,
        start_on=today - timedelta(7),
        handlers=hands,
        milestones=[Step("拿出办法和清单", half, 40), Step("全部办结并报送结果", due, 100)],
        by=chief,
    )
    if far == "draft":
        return
    task = tasks.file(task.pk, version=task.version, by=chief)
    if far == "filed":
        return
    if far == "returned":
        tasks.turn_back(task.pk, reason="举措再具体些。", version=task.version, by=leader)
        return
    task = tasks.approve(task.pk, version=task.version, by=leader)
    if far == "approved":
        return
    task = tasks.assign(task.pk, version=task.version, by=keeper)
    if far == "received":
        supervision.receive(task.pk, version=task.version, by=chief)


def _lists(unit: Unit, keeper: Staff, today: date) -> None:
    """Drawn and sent down; every chief but one of the cast has signed."""
    month = today.replace(day=1)
    lists.draw(unit, month, by=keeper)
    for one in lists.issue_all(unit, month, by=keeper):
        chief = next(iter(addressees.chiefs_of([one.section_id])), None)
        if chief and one.section.name != "公务员一科":
            lists.sign(one.pk, version=one.version, by=chief)
