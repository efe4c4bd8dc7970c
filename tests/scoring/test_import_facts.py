"""The facts workbook by the command and the action: all of it or nothing, twice is once."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from ledgers.imports import reports
from ledgers.models import DailyReport, StudySession, Task
from scheme.actions import rosters
from scheme.errors import Stale
from scheme.imports.sheets import BadBook
from scheme.models import Absence, AuditEntry, Staff, Unit
from scheme.offices import Office
from scoring.actions import facts as acting
from scoring.imports import facts
from scoring.models import Declaration, DeclarationMove
from tests.factories import (
    DECLARED_RULES,
    again,
    appoint,
    make_report,
    make_rule_book,
    make_staff,
)
from tests.ledgers.facts_books import GOOD, book_of, file_of, places, row, small_unit

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parent.parent / "data"
State = Declaration.State
WRONG = {
    "日报": {"提交时间": "2026-03-04 10:00"},
    "请假": {"结束日期": "2026-03-01"},
    "月结": {"科室": "没有科"},
    "学习": {"缺席工号": "ZC998"},
    "讲课": {"评分": "101"},
    "信息宣传": {"级别": "县"},
    "重点任务": {"主办": "ZC001:50"},
    "督办": {"任务编号": "2026-ZD-999"},
    "创新": {"推广日期": "2026-02-29"},
    "申报": {"规则编号": "勤学-加-99"},
}


@pytest.fixture
def w():
    made = small_unit()
    made.office = make_staff(section=made.two, staff_no="ZC013", office=Office.PERSONNEL_OFFICE)
    make_rule_book(made.unit, rules=DECLARED_RULES)
    return made


def declared(w, *rows):
    return facts.read(book_of(申报=list(rows)), w.unit)


def store(w, *rows, **more):
    return facts.store(declared(w, *rows), w.unit, by=w.office, **more)["申报"]


@pytest.fixture
def given(tmp_path):
    def write(**sheets):
        path = tmp_path / "facts.xlsx"
        path.write_bytes(file_of(sheets))
        return str(path)

    return write


def run(w, path, **more):
    asked = {"unit": w.unit.name, "by": w.office.staff_no} | more
    call_command("import_facts", path, "--unit", asked["unit"], "--by", asked["by"])


# --- The command


def test_the_command_says_what_it_did_sheet_by_sheet(w, given, capsys):
    path = given(**{sheet: [good] for sheet, good in GOOD.items()})

    run(w, path)
    told = capsys.readouterr().out.splitlines()
    run(w, path)
    again_told = capsys.readouterr().out.splitlines()

    assert told == [f"{sheet}：读1行，新增1，更正0，原有0" for sheet in GOOD]
    assert again_told == [f"{sheet}：读1行，新增0，更正0，原有1" for sheet in GOOD]
    assert AuditEntry.objects.filter(act="facts.import").get().actor == w.office
    run(w, given(学习=[row("学习", 缺席工号=None)]))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "学习：读1行，新增0，更正1，原有0" and told[1].startswith(
        "工作簿里没有：日报、"
    )


def test_the_command_names_every_problem_and_changes_nothing(w, given, capsys):
    sheets = {sheet: [good, row(sheet, **WRONG[sheet])] for sheet, good in GOOD.items()}
    for sheet, other in (("日报", {"日期": "2026-03-06"}), ("重点任务", {"编号": "2026-ZD-002"})):
        sheets[sheet][1] |= other

    with pytest.raises(CommandError) as caught:
        run(w, given(**sheets))

    told = capsys.readouterr()
    assert len(told.err.splitlines()) == len(WRONG) and not told.out
    for sheet, cells in WRONG.items():
        assert f"{sheet}第4行“{next(iter(cells))}”：" in told.err
    assert "10处" in str(caught.value)
    for model in (DailyReport, Absence, StudySession, Task, Declaration, AuditEntry):
        assert not model.objects.exists()


def test_the_command_refuses_whoever_and_whatever_is_not_right(w, given, tmp_path):
    path = given(学习=[GOOD["学习"]])
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no workbook")
    for asked in (
        {"path": str(tmp_path / "missing.xlsx")},
        {"path": str(tmp_path)},
        {"path": str(broken)},
        {"unit": "没有的部"},
        {"by": "ZC999"},
        {"by": "ZC001"},
    ):
        with pytest.raises(CommandError):
            run(w, asked.pop("path", path), **asked)
    assert not StudySession.objects.exists() and not AuditEntry.objects.exists()


# --- The action


def test_only_the_personnel_office_of_the_unit_imports(w):
    data = file_of({"学习": [GOOD["学习"]]})
    read = facts.read(book_of(学习=[GOOD["学习"]]), w.unit)
    stranger = make_staff(office=Office.PERSONNEL_OFFICE)
    for person in (w.a, stranger):
        with pytest.raises(PermissionDenied):
            acting.load(w.unit, data, by=person)
        with pytest.raises(PermissionDenied):
            acting.store(read, w.unit, by=person)
    appoint(w.a, Office.PERSONNEL_OFFICE)
    assert acting.load(w.unit, data, by=again(w.a))["学习"].new == 1
    assert acting.store(read, w.unit, by=again(w.a))["学习"].known == 1


def test_what_is_no_workbook_or_cannot_be_read_is_refused(w):
    with pytest.raises(BadBook):
        acting.load(w.unit, b"no workbook", by=w.office)
    with pytest.raises(facts.Unreadable):
        acting.load(w.unit, file_of({"学习": [row("学习", 日期="乱写")]}), by=w.office)


def test_a_report_filed_while_importing_undoes_the_import(w, monkeypatch):
    make_report(w.a, date(2026, 3, 5))
    monkeypatch.setattr(reports.Reports, "there", lambda *_args: {})
    data = file_of({"日报": [GOOD["日报"]], "学习": [GOOD["学习"]]})

    with pytest.raises(Stale):
        acting.load(w.unit, data, by=w.office)

    assert DailyReport.objects.count() == 1 and not StudySession.objects.exists()


# --- Declarations


def test_a_line_with_both_checks_is_confirmed(w):
    assert store(w, GOOD["申报"]) == (1, 1, 0, 0)

    line = Declaration.objects.get()
    assert (line.person, line.section, line.quarter) == (w.a, None, "2026Q1")
    assert (line.rule_code, line.level, line.quantity) == ("勤学-加-02", "city", 1)
    assert (line.matter_key, line.document_no) == ("获评优质课", "泽组发〔2026〕94号")
    assert (line.document_on, line.state) == (date(2026, 2, 4), State.CONFIRMED)
    assert line.imported and line.checked_by is None and line.filed_by is None
    assert store(w, row("申报", 季度="２０２６Q1", 文件日期="2026年2月4日")) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    "checked, verified, state",
    [
        ("通过", "通过", State.CONFIRMED), ("通过", None, State.CHECKED), (None, None, State.FILED),
        ("不通过", None, State.REFUSED), ("通过", "不通过", State.REFUSED),
        ("不通过", "通过", State.REFUSED), (None, "通过", State.FILED),
    ],
)  # fmt: skip
def test_the_checks_make_the_state(w, checked, verified, state):
    store(w, row("申报", 初核=checked, 核验=verified, 文件号=None, 文件日期=None))
    line = Declaration.objects.get()
    assert (line.state, line.document_no, line.document_on) == (state, "", None)


def test_the_checks_and_the_quantity_may_be_corrected(w):
    store(w, row("申报", 核验=None))

    assert store(w, row("申报", 数量="2.5")) == (1, 0, 1, 0)

    line = Declaration.objects.get()
    assert (line.state, line.quantity, line.version) == (State.CONFIRMED, Decimal("2.5"), 1)
    entry = AuditEntry.objects.get(act="facts.correct")
    assert entry.before == {"quantity": "1", "state": "checked"}
    assert store(w, row("申报", 文件号="别的号")) == (1, 1, 0, 0)


def test_what_people_have_dealt_with_stays(w):
    store(w, row("申报", 核验=None))
    line = Declaration.objects.get()
    DeclarationMove.objects.create(
        declaration=line, version=1, kind="refused", at=line.recorded_at, by=w.office, reason="不实"
    )
    assert store(w, GOOD["申报"]) == (1, 0, 0, 1)
    assert Declaration.objects.get().state == State.CHECKED


def test_the_subject_is_what_the_rule_says(w):
    person, section = GOOD["申报"], row("申报", 规则编号="效能-加-12", 对象="干部 一科")
    assert not declared(w, person, section, row("申报", 对象="ZC900")).problems
    told = declared(
        w,
        row("申报", 对象="干部一科"),
        row("申报", 规则编号="效能-加-12"),
        row("申报", 规则编号="勤学-加-99", 对象="谁"),
    )
    assert places(told) == [("申报", 3, "对象"), ("申报", 4, "对象"), ("申报", 5, "规则编号")]
    store(w, section)
    assert Declaration.objects.get().section == w.one


def test_a_code_of_any_version_is_known_and_all_its_subjects(w):
    other = [("勤学-加-02", "bonus", "section", *DECLARED_RULES[0][3:])]
    make_rule_book(w.unit, rules=other, version=2, state="draft")
    read = declared(w, GOOD["申报"], row("申报", 对象="干部一科"), row("申报", 对象="谁"))
    assert places(read) == [("申报", 5, "对象")]
    assert not declared(w, row("申报", 规则编号="效能-加-12", 对象="干部一科")).problems


def test_without_any_rule_book_codes_are_taken_as_they_are():
    w = small_unit()
    read = declared(
        w, row("申报", 规则编号="X"), row("申报", 对象="组织二科"), row("申报", 对象="谁")
    )
    assert places(read) == [("申报", 5, "对象")]
    assert [(r["person"], r["section"]) for r in read.rows["申报"][:2]] == [
        (w.a.pk, None),
        (None, w.two.pk),
    ]


@pytest.mark.parametrize("head", ["季度", "对象", "规则编号", "事项"])
@pytest.mark.parametrize("value", [None, "=1+1", "/"])
def test_what_a_line_needs(w, head, value):
    assert places(declared(w, row("申报", **{head: value}))) == [("申报", 3, head)]


def test_wrong_cells_of_a_line(w):
    wrong = [
        ("季度", "2026Q5"), ("季度", "2026年一季度"), ("季度", date(2026, 3, 1)), ("级别", "县"),
        ("数量", 0), ("数量", "-1"), ("数量", "一"), ("数量", "10000000"), ("事项", "长" * 501),
        ("文件号", "长" * 101), ("文件日期", "2026-02-30"), ("初核", "同意"), ("核验", "是"),
    ]  # fmt: skip
    told = declared(w, *[row("申报", **{head: value}) for head, value in wrong])
    assert places(told) == [("申报", n, head) for n, (head, _v) in enumerate(wrong, 3)]


def test_lines_move_with_their_documents(w):
    def shift(day):
        return None if day.month == 2 else day + timedelta(days=181)

    said = [
        GOOD["申报"],
        row("申报", 文件日期="2026-03-20"),
        row("申报", 文件日期="2026-04-02"),
        row("申报", 季度="2026Q2", 文件号=None, 文件日期=None),
        row("申报", 文件号=None, 文件日期=None),
    ]

    assert store(w, *said, shift=shift) == (3, 3, 0, 0)

    lines = Declaration.objects.order_by("row").values_list("row", "quarter", "document_on")
    assert list(lines) == [
        (4, "2026Q3", date(2026, 9, 17)),
        (5, "2026Q3", date(2026, 9, 30)),
        (6, "2026Q4", None),
    ]


# --- A department


def test_a_department_s_half_year_loads_in_seconds_and_only_once(clock, capsys):
    clock.set("2026-07-15 09:00")
    name = "中共泽川市委组织部"
    rosters.load(name, (DATA / "roster.xlsx").read_bytes(), file_name="roster.xlsx")
    asked = [str(DATA / "facts-2026H1.xlsx"), "--unit", name, "--by", "ZC013"]
    begun = monotonic()

    call_command("import_facts", *asked)

    took = monotonic() - begun
    assert took < 40
    assert Unit.objects.get().pk and Staff.objects.count() == 96
    assert DailyReport.objects.count() == 9624 and Task.objects.count() == 78
    assert Declaration.objects.filter(imported=True).count() == 100
    first = capsys.readouterr().out
    call_command("import_facts", *asked)
    assert "新增0，更正0，原有9624" in capsys.readouterr().out and "新增9624" in first
    assert AuditEntry.objects.filter(act="facts.import").count() == 1
