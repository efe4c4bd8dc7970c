"""The facts workbook going out: the template reads back empty, the export reads back as known."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from ledgers.exports import workbook as sheets_out
from ledgers.exports.layout import SECTIONS
from ledgers.models import SupervisionNote, Task, TaskHandler
from scheme.imports import cells
from scheme.imports.sheets import Problems, open_book
from scheme.models import Staff, Unit
from scheme.periods import half_span
from scoring.actions import facts as actions
from scoring.exports import facts as workbook
from scoring.exports import facts_errors, facts_rows
from scoring.exports.facts_layout import LEDGERS
from scoring.imports import facts
from tests import factories
from tests.scheme.books import book
from tests.scoring.test_half_year import DATA, NAME, department, load_facts, load_rules  # noqa: F401

SECTION = "组织一科"


@pytest.fixture
def unit(db, clock) -> Unit:
    clock.set("2026-07-15 09:00")
    unit = factories.make_unit()
    factories.make_section(unit, SECTION)
    factories.make_section(unit, "=撤销科", closed_on=date(2026, 1, 1))
    return unit


@pytest.fixture
def template(unit, tmp_path) -> Path:
    path = tmp_path / "template.xlsx"
    workbook.write_template(unit, path)
    return path


# --- The template


def test_its_columns_are_those_the_import_reads():
    assert [ledger.sheet for ledger in LEDGERS] == list(facts.SHEETS)
    for ledger, reader in zip(LEDGERS, facts.LEDGERS, strict=True):
        columns = reader.columns.values()
        assert ledger.heads == [column.head for column in columns], ledger.sheet
        required = [column.head for column in columns if column.required]
        assert [field.head for field in ledger.fields if field.required] == required


def test_its_words_are_those_the_import_knows():
    for ledger, reader in zip(LEDGERS, facts.LEDGERS, strict=True):
        columns = {column.head: column for column in reader.columns.values()}
        for field in ledger.fields:
            if field.words and field.words != SECTIONS:
                for word in field.words:
                    columns[field.head].read(word)
                with pytest.raises(cells.CellError):
                    columns[field.head].read("别的词")


def test_it_reads_back_empty(unit, template):
    said = facts.read(open_book(template.read_bytes()), unit)
    assert said.problems == [] and said.absent == []
    assert [len(rows) for rows in said.rows.values()] == [0] * 10
    assert not facts.compare(said, unit).anything


def test_it_offers_lists_and_says_how(unit, template):
    made = openpyxl.load_workbook(template)
    assert made.sheetnames == ["填表说明", *facts.SHEETS, "科室"]
    offered = {
        sheet.title: {
            str(lists.sqref).split("3:")[0]: lists.formula1
            for lists in sheet.data_validations.dataValidation
        }
        for sheet in made
    }
    assert offered["日报"] == {"F": '"好,较好,一般,较差"'}
    assert offered["请假"] == {"D": '"请假,出差,借调"'}
    assert offered["月结"]["B"] == "'科室'!$A$3:$A$3"
    assert offered["督办"]["C"] == '"退回,催办,通报点名"'
    assert offered["申报"] == {
        "D": '"国家,省,市,本级"', "I": '"通过,不通过"', "J": '"通过,不通过"',
    }  # fmt: skip
    # Only sections in use are offered.
    assert [cell.value for cell in made["科室"]["A"]] == ["本单位科室", "科室", SECTION]
    told = " ".join(str(row[1].value) for row in made["填表说明"].iter_rows(min_row=3))
    for words in ("2026年3月5日", "、", "份额", "公式", "草稿"):
        assert words in told, words


def test_rows_written_where_the_template_has_them_are_read(unit, template):
    person = factories.make_staff(unit, staff_no="0012")
    made = openpyxl.load_workbook(template)
    made["日报"]["A3"], made["日报"]["B3"] = date(2026, 3, 2), "0012"
    made["月结"]["A3"], made["月结"]["B3"] = "2026年3月", SECTION
    out = io.BytesIO()
    made.save(out)
    said = facts.read(open_book(out.getvalue()), unit)
    assert said.problems == []
    assert said.rows["日报"][0]["author"] == person.pk and len(said.rows["月结"]) == 1


# --- The ledgers of a half-year


def test_the_half_year_goes_out_and_comes_in_unchanged(department, tmp_path):  # noqa: F811
    load_rules()
    load_facts()
    unit = Unit.objects.get(name=NAME)
    person = Staff.objects.get(staff_no="ZC013")
    path = tmp_path / "out.xlsx"
    rows = []
    workbook.write(unit, "2026H1", path, each_row=lambda: rows.append(1))

    said = facts.read(open_book(path.read_bytes()), unit)
    assert said.problems == []
    counts = facts.compare(said, unit)
    assert not counts.anything, {s: c for s, c in counts.items() if c.new or c.changed}
    assert counts.total.known == len(rows)

    # All of it went out: what the department's own workbook has, and who the roster says is away.
    own = facts.read(open_book((DATA / "facts-2026H1.xlsx").read_bytes()), unit)
    assert len(said.rows.pop("请假")) >= len(own.rows.pop("请假"))
    assert {s: len(r) for s, r in said.rows.items()} == {s: len(r) for s, r in own.rows.items()}
    assert not actions.load(unit, path.open("rb"), by=person).anything

    # Into an empty department of the same people it brings the same.
    TaskHandler.objects.all().delete()
    SupervisionNote.objects.all().delete()
    Task.objects.all().delete()
    counts = actions.load(unit, path.open("rb"), by=person)
    assert counts["重点任务"].new == counts["重点任务"].read > 70
    assert counts["督办"].new == counts["督办"].read
    assert counts["学习"].known == counts["学习"].read


def test_texts_written_here_do_not_go_out_those_of_a_workbook_do(unit):
    person = factories.make_staff(unit)
    factories.make_report(person, date(2026, 3, 2), plan="只给科长看")
    factories.make_report(person, date(2026, 3, 3), state="accepted", plan="明日计划")
    rows = list(facts_rows.of(unit, half_span("2026H1"))["日报"])
    assert [row[4] for row in rows] == [None, "明日计划"]
    assert rows[0][3] is None and rows[1][3]
    assert rows[0][2]


def test_declarations_go_out_with_the_outcome_of_their_checks(unit):
    person = factories.make_staff(unit, staff_no="A1")
    code = factories.make_rule_book(unit).rules.first().code
    for state, checks in {
        "draft": None,
        "withdrawn": None,
        "filed": (None, None),
        "returned": (None, None),
        "checked": ("通过", None),
        "confirmed": ("通过", "通过"),
    }.items():
        factories.make_declaration(
            person, rule_code=code, matter=state, state=state, quarter="2026Q1"
        )
        rows = list(facts_rows.of(unit, half_span("2026H1"))["申报"])
        found = [tuple(row[8:]) for row in rows if row[5] == state]
        assert found == ([checks] if checks else []), state
    factories.make_declaration(
        factories.make_section(unit, "丙科"), rule_code=code, matter="科室的", quarter="2026Q2"
    )
    assert list(facts_rows.of(unit, half_span("2026H1"))["申报"])[-1][1] == "丙科"


def test_what_was_declared_here_comes_back_as_known(unit, tmp_path):
    person = factories.make_staff(unit, staff_no="A1")
    code = factories.make_rule_book(unit).rules.first().code
    for state in ("confirmed", "filed", "returned"):
        factories.make_declaration(
            person, rule_code=code, matter="同一件事", document_no="试〔2026〕1号", state=state
        )
    path = tmp_path / "out.xlsx"
    workbook.write(unit, "2026H1", path)
    said = facts.read(open_book(path.read_bytes()), unit)
    counts = facts.compare(said, unit)["申报"]
    assert (counts.read, counts.new, counts.changed) == (3, 0, 0)

    # A fourth of the same kind is none of them; a draft counts as nothing.
    said.rows["申报"].append(said.rows["申报"][0])
    factories.make_declaration(person, rule_code=code, matter="同一件事", state="draft")
    assert facts.compare(said, unit)["申报"].new == 1


def test_other_half_years_and_other_units_stay_out(unit):
    person = factories.make_staff(unit)
    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)):
        factories.make_report(person, day)
    factories.make_report(factories.make_staff(), date(2026, 3, 2))
    factories.make_absence(person, date(2025, 12, 1), date(2025, 12, 31))
    factories.make_absence(person, date(2025, 11, 1), date(2026, 1, 1))
    rows = facts_rows.of(unit, half_span("2026H1"))
    assert [row[0] for row in rows["日报"]] == [date(2026, 1, 1), date(2026, 6, 30)]
    assert [row[1] for row in rows["请假"]] == [date(2025, 11, 1)]


def test_a_task_goes_out_while_it_is_of_the_half_year(unit):
    section = factories.make_section(unit, "丁科")
    for number, due, closed in (
        ("A", date(2025, 11, 3), date(2025, 11, 3)),
        ("B", date(2025, 11, 3), date(2026, 1, 5)),
        ("C", date(2025, 11, 3), None),
        ("D", date(2027, 2, 1), None),
        ("E", date(2026, 9, 1), date(2026, 6, 1)),
        ("F", date(2025, 10, 1), date(2025, 10, 1)),
        ("G", date(2026, 7, 20), None),
    ):
        Task.objects.create(
            unit=unit, number=number, title="t", lead=section, difficulty=1, due_on=due,
            closed_on=closed, recorded_at="2026-01-01T00:00+08:00",
        )  # fmt: skip
    task = Task.objects.get(number="F")
    SupervisionNote.objects.create(
        unit=unit, day=date(2026, 2, 2), kind="returned", task=task,
        recorded_at="2026-02-02T00:00+08:00",
    )  # fmt: skip
    rows = facts_rows.of(unit, half_span("2026H1"))["重点任务"]
    assert [row[0] for row in rows] == ["B", "C", "E", "F", "G"]


def test_nothing_that_goes_out_can_execute(unit, tmp_path):
    section = factories.make_section(unit, "=1+1")
    Task.objects.create(
        unit=unit, number="+A", title="=cmd|' /C calc'!A0", lead=section, difficulty=1,
        due_on=date(2026, 3, 2), recorded_at="2026-01-01T00:00+08:00",
    )  # fmt: skip
    path = tmp_path / "out.xlsx"
    workbook.write(unit, "2026H1", path)
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if "/worksheets/" in name:
                assert b"<f>" not in parts.read(name)
    row = openpyxl.load_workbook(path)["重点任务"][3]
    assert row[1].value.startswith("=cmd") and row[1].data_type == "s"
    assert row[5].value.date() == date(2026, 3, 2) and row[4].value == 1


def test_a_number_too_long_for_a_cell_goes_out_as_text():
    assert sheets_out._is_short(Decimal("33.3"))
    assert not sheets_out._is_short(Decimal("12345678901.12345678"))


# --- The workbook of errors


def faulty(unit, *sheets):
    opened = open_book(book(*sheets))
    return opened, facts.read(opened, unit).problems


def test_errors_stand_beside_their_rows_and_in_a_list(unit, tmp_path):
    head = ["日期", "工号", "提交时间", "今日完成", "明日计划", "等次"]
    rows = [["标题"], head, ["2026-02-30", "nobody", None, "x"], ["2026-03-02", "A1"]]
    factories.make_staff(unit, staff_no="A1")
    fine = [["标题"], ["工号", "开始日期", "结束日期", "类别"]]
    opened, problems = faulty(unit, ("日报", rows), ("请假", fine), ("别的", [["x"]]))
    assert len(problems) == 2
    path = tmp_path / "errors.xlsx"
    facts_errors.write(unit, opened, problems, path)
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == ["错误清单", "日报", "请假", "别的"]
    listed = [[cell.value for cell in row] for row in made["错误清单"].iter_rows(min_row=3)]
    assert [row[:3] for row in listed] == [["日报", 3, "日期"], ["日报", 3, "工号"]]
    page = made["日报"]
    assert page["G2"].value == "错误" and "没有工号nobody" in page["G3"].value
    assert page["G4"].value is None and made["请假"].max_column == 4
    assert page["D3"].data_type == "s" and page["D3"].value == "x"
    assert page["A3"].fill.fgColor.rgb.endswith("F8D7DA")
    assert page["A4"].fill.fgColor.rgb == "00000000"

    # Mended where it stands and uploaded as it is.
    page["A3"], page["B3"] = date(2026, 3, 3), "A1"
    out = io.BytesIO()
    made.save(out)
    assert facts.read(open_book(out.getvalue()), unit).problems == []

    # Not mended, the column is used again and no second list is added.
    opened = open_book(path.read_bytes())
    facts_errors.write(unit, opened, facts.read(opened, unit).problems, path)
    made = openpyxl.load_workbook(path)
    assert made.sheetnames.count("错误清单") == 1
    assert made["日报"]["G2"].value == "错误" and made["日报"]["H2"].value is None


def test_sheets_with_strange_names_cells_and_faults_of_their_own(unit, tmp_path):
    def change(made):
        made["甲"].title = "甲" * 31
        made["日报"]["A100000"] = "=TODAY()"
        made["乙"]["XFD1048576"] = 1
        made["日报"]["B4"], made["日报"]["C4"] = 1.5, True

    data = book(
        ("甲", [["x"]]),
        ("日报", [["t"], ["日期", "工号"], [date(2026, 3, 2), "A1"]]),
        ("乙", []),
        change=change,
    )
    opened = open_book(data)
    problems = facts.read(opened, unit).problems
    problems.add("日报", 3, "", "整行不对")
    path = tmp_path / "errors.xlsx"
    facts_errors.write(unit, opened, problems, path)
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == ["错误清单", "甲" * 31, "日报"]
    assert made["日报"]["D3"].value.endswith("整行不对")
    assert made["日报"].max_row < 200
    assert (made["日报"]["B4"].value, made["日报"]["C4"].value) == (1.5, True)


def test_a_name_that_is_no_name_for_a_sheet(unit, tmp_path):
    raw = open_book(book(("甲", [["x"]])))._sheets["甲"]
    opened = type(open_book(book(("甲", [["x"]]))))([raw._replace(name="[*]:甲/乙?\\")])
    path = tmp_path / "errors.xlsx"
    facts_errors.write(unit, opened, Problems(), path)
    assert openpyxl.load_workbook(path).sheetnames == ["错误清单", "甲乙"]


def test_numbers_no_workbook_can_hold_become_texts(unit, tmp_path):
    raw = open_book(book(("甲", [["x"]])))._sheets["甲"]
    opened = type(open_book(book(("甲", [["x"]]))))([raw._replace(rows=[[float("inf")]])])
    path = tmp_path / "errors.xlsx"
    facts_errors.write(unit, opened, Problems(), path)
    assert openpyxl.load_workbook(path)["甲"]["A1"].value == "inf"
