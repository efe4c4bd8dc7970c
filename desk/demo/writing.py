"""The demo's writing and innovation: items of this half-year wait to be verified, one came back;
projects stand at every step from registration to promotion."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from desk.demo.declared import _pdf as page
from ledgers.actions import innovations, papers, promotions, writing
from ledgers.crediting import Credit
from ledgers.models import CreditRole, Innovation, WritingItem
from scheme import workdays
from scheme.models import Appointment, Section, SectionMembership, Staff, Unit

FIRST = "ZC045"

# Title, kind, carrier, number, level; each by two people of one section and their section.
ITEMS = (
    ("干部监督从查问题到防问题", "information", "《省委组织部工作信息》", "第61期", "province"),
    ("公务员平时考核用好一本实绩账", "information", "《泽川组工信息》", "第47期", "city"),
    ("驻村第一书记的田间课堂", "publicity", "《泽川日报》", "", "city"),
    ("老干部进社区讲党课", "publicity", "部机关公众号", "", "own"),
    ("一张网管好干部档案", "information", "市委《每日要情》", "第209期", "city"),
)
PROJECTS = (
    (
        "干部档案数字比对“一张网”",
        "原来逐卷翻查，三个人查一个月；现在扫描后自动比对，半天出疑点清单。",
    ),
    ("平时考核实绩“随手记”", "原来季末回忆着填，现在从日报里勾选实绩，季末自动成表。"),
    ("党员教育“点单式”送学", "原来统一排课，现在支部点题、科室接单，课后由支部打分。"),
)


def build(unit: Unit, office: Staff, today: date) -> None:
    authors = _authors(unit, today)
    days = [workdays.preceding(today, back) for back in (2, 3, 5, 8, 9)]
    for number, (told, day) in enumerate(zip(ITEMS, days, strict=True)):
        _item(authors[number], authors[number + 1], told, day, number)
    _send_one_back(unit, office)
    _projects(authors, office, today)


def _authors(unit: Unit, today: date) -> list[Staff]:
    """People of the sections, none of those who verify; first the one on stage."""
    verify = Appointment.objects.on(today).filter(office__in=writing.VERIFIERS)
    held = SectionMembership.objects.on(today).filter(staff__unit=unit)
    rows = Staff.objects.filter(pk__in=held.values("staff"))
    rows = rows.exclude(pk__in=verify.values("staff")).in_office_order()
    return sorted(rows, key=lambda one: one.staff_no != FIRST)


def _item(author: Staff, mate: Staff, told: tuple, day: date, number: int) -> None:
    title, kind, carrier, issue_no, level = told
    credits = [Credit(person=author), Credit(person=mate, role=CreditRole.JOINT)]
    item = writing.add(
        author.unit,
        title=title,
        kind=kind,
        carrier=carrier,
        issue_no=issue_no,
        level=level,
        adopted_on=day,
        credits=credits,
        by=author,
    )
    _prove("writing", item.pk, f"{day} No. {number}", "采用证明.pdf", author)
    writing.file(item.pk, by=author)


def _prove(ledger: str, pk: int, words: str, name: str, by: Staff) -> None:
    papers.attach(ledger, pk, SimpleUploadedFile("proof.pdf", page(words)), name, by=by)


def _send_one_back(unit: Unit, office: Staff) -> None:
    item = WritingItem.objects.filter(unit=unit, state="filed").order_by("pk").last()
    writing.turn_back(
        item.pk, version=item.version, reason="请附要情的首页，看得见期号。", by=office
    )


def _projects(authors: list[Staff], office: Staff, today: date) -> None:
    """One waits to be registered, one is registered, one has its result and a promotion."""
    made = []
    for number, (title, novelty) in enumerate(PROJECTS):
        author = authors[number]
        row = innovations.add(
            author.unit,
            title=title,
            section=_home(author, today),
            people=[author, authors[number + 1]],
            novelty=novelty,
            by=author,
        )
        made.append(innovations.file(row.pk, by=author))
    for row in made[:2]:
        innovations.verify(row.pk, version=row.version, by=office)
    _promote(made[0].pk, authors[0], authors[1], office, today)


def _home(one: Staff, today: date) -> Section:
    return SectionMembership.objects.on(today).get(staff=one).section


def _promote(pk: int, author: Staff, mate: Staff, office: Staff, today: date) -> None:
    """Its result, a promotion that is verified and one that waits."""
    row = Innovation.objects.get(pk=pk)
    proof = SimpleUploadedFile("result.pdf", page("Result"), "application/pdf")
    proof.name = "成效证明.pdf"
    innovations.result(
        pk,
        version=row.version,
        effect="疑点核对从三个人一个月，减到一个人半天；已查出缺件126处，全部补齐。",
        effect_on=workdays.preceding(today, 12),
        files=[proof],
        by=author,
    )
    told = (("泽川市望川区委组织部", "city", 10), ("省委组织部干部监督处", "province", 4))
    for number, (where, level, back) in enumerate(told):
        one = promotions.add(
            pk,
            where=where,
            level=level,
            promoted_on=workdays.preceding(today, back),
            credits=[Credit(person=author), Credit(person=mate)],
            by=author,
        )
        _prove("promotion", one.pk, f"Promotion {number}", "推广通知.pdf", author)
        one = promotions.file(one.pk, by=author)
        if not number:
            promotions.verify(one.pk, version=one.version, by=office)
