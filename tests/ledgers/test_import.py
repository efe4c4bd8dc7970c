from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic

import openpyxl
import pytest

from ledgers.imports.reports import Unreadable, load
from ledgers.models import DailyReport
from scheme.imports.cells import tight
from scheme.imports.sheets import BadBook, open_book
from scheme.models import Absence, AuditEntry, Staff
from tests.factories import LONG_AGO, make_absence, make_report, make_section, make_staff, moment

pytestmark = pytest.mark.django_db
BOOK = Path(__file__).parent.parent / "data" / "facts-2026H1.xlsx"
THURSDAY = date(2026, 3, 5)
State = DailyReport.State


@pytest.fixture
def person():
    return make_staff(section=make_section(), staff_no="ZC001")


def book(reports=(), absences=()):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "日报"
    sheet.append(["登记"])
    sheet.append(["日期", "工号", "提交时间", "今日完成", "明日计划", "等次"])
    for row in reports:
        sheet.append(row)
    sheet = made.create_sheet("请假")
    sheet.append(["登记"])
    sheet.append(["工号", "开始日期", "结束日期", "类别"])
    for row in absences:
        sheet.append(row)
    file = BytesIO()
    made.save(file)
    return open_book(file.getvalue())


def problems(person, **sheets):
    with pytest.raises(Unreadable) as caught:
        load(book(**sheets), person.unit, by=None)
    assert not DailyReport.objects.exists() and not Absence.objects.exists()
    return [(one.sheet, one.row, one.column) for one in caught.value.problems]


def test_a_filed_row_is_an_accepted_report(person):
    rows = [
        [
            "2026年3月5日",
            " zc００1".upper(),
            "17:42",
            "1.核稿16份；2.用印28次。",
            "接着核稿",
            "较好",
        ]
    ]

    counts = load(book(rows), person.unit, by=person)

    report = DailyReport.objects.get()
    assert (report.author, report.day, report.state) == (person, THURSDAY, State.ACCEPTED)
    assert report.first_filed_at == report.filed_at == moment("2026-03-05 17:42")
    assert (report.grade, report.plan, report.imported) == ("fair", "接着核稿", True)
    assert list(report.lines.values_list("text", flat=True)) == ["核稿16份", "用印28次"]
    assert (counts.reports, counts.drafts, counts.absences, counts.known) == (1, 0, 0, 0)
    assert AuditEntry.objects.get().act == "report.import"


def test_without_a_time_it_is_a_draft_and_without_a_grade_merely_read(person):
    rows = [
        [THURSDAY, "ZC001", None, "核稿", None, None],
        [date(2026, 3, 6), "ZC001", "2026-03-09 08:39:05", None, None, "无"],
    ]

    load(book(rows), person.unit, by=None)

    draft, read = DailyReport.objects.order_by("day")
    assert (draft.state, draft.filed_at) == (State.DRAFT, None)
    assert (read.state, read.grade, read.lines.count()) == (State.ACCEPTED, "", 0)
    assert read.first_filed_at == moment("2026-03-09 08:39:05")


def test_long_texts_are_cut_into_lines_that_fit(person):
    many = "；".join(f"第{n}件事" for n in range(30))
    rows = [
        [THURSDAY, "ZC001", "17:00", many, None, None],
        [date(2026, 3, 6), "ZC001", "17:00", "字" * 900, None, None],
    ]

    load(book(rows), person.unit, by=None)

    first, second = DailyReport.objects.order_by("day")
    assert "".join(first.lines.values_list("text", flat=True)) == many
    assert [len(line.text) for line in second.lines.all()] == [500, 400]


def test_an_absence_is_recorded_once(person):
    make_absence(person, THURSDAY, THURSDAY)
    rows = [
        ["ZC001", THURSDAY, "2026.3.5", "请假"],
        ["ZC001", "2026-03-09", None, "借调"],
        ["ZC001", "2026-03-09", "/", "借调"],
    ]

    counts = load(book(absences=rows), person.unit, by=None)

    assert (counts.absences, counts.known) == (1, 1)
    assert set(Absence.objects.values_list("kind", "start_on", "end_on")) == {
        ("leave", THURSDAY, THURSDAY),
        ("secondment", date(2026, 3, 9), None),
    }


def test_what_cannot_be_read_is_named_and_nothing_is_stored(person):
    good = [THURSDAY, "ZC001", "17:00", "核稿", None, None]
    rows = [
        good,
        [THURSDAY, "ZC999", "17:00", None, None, None],
        ["2026-02-30", "ZC001", "2026-03-05 17:00", None, None, None],
        [date(2026, 3, 6), "ZC001", "2026-03-05 17:00", None, None, None],
        [date(2026, 3, 7), "ZC001", "17:00", None, None, "优"],
        [date(2026, 3, 8), "ZC001", None, None, None, "好"],
        good,
        [None, "ZC001", "=1+1", None, None, None],
    ]
    absences = [
        ["ZC999", THURSDAY, None, "请假"],
        ["ZC001", THURSDAY, date(2026, 3, 4), "请假"],
        ["ZC001", THURSDAY, None, "病假"],
    ]

    assert problems(person, reports=rows, absences=absences) == [
        ("日报", 4, "工号"),
        ("日报", 5, "日期"),
        ("日报", 6, "提交时间"),
        ("日报", 7, "等次"),
        ("日报", 8, "等次"),
        ("日报", 9, "工号"),
        ("日报", 10, "日期"),
        ("日报", 10, "提交时间"),
        ("请假", 3, "工号"),
        ("请假", 4, "结束日期"),
        ("请假", 5, "类别"),
    ]


def test_people_of_another_unit_are_not_known(person):
    stranger = make_staff(section=make_section())

    with pytest.raises(Unreadable):
        load(book([[THURSDAY, "ZC001", "17:00", "事", None, None]]), stranger.unit, by=None)


def test_a_missing_sheet_is_named(person):
    made = openpyxl.Workbook()
    file = BytesIO()
    made.save(file)
    with pytest.raises(BadBook, match="日报"):
        load(open_book(file.getvalue()), person.unit, by=None)


def test_what_was_written_here_is_not_overwritten(person):
    own = make_report(person, THURSDAY)

    counts = load(book([[THURSDAY, "ZC001", "17:00", "别的", None, "好"]]), person.unit, by=None)

    own.refresh_from_db()
    assert (counts.reports, counts.known, own.state) == (0, 1, State.FILED)


def test_days_may_be_moved_and_dropped(person):
    def shift(day):
        return None if day.day in (7, 12) else day + timedelta(days=140)

    rows = [
        [THURSDAY, "ZC001", "2026-03-06 09:00", "核稿", None, None],
        [date(2026, 3, 6), "ZC001", "2026-03-07 09:00", "用印", None, None],
        [date(2026, 3, 7), "ZC001", "17:00", "掉了", None, None],
    ]
    absences = [
        ["ZC001", date(2026, 3, 10), date(2026, 3, 12), "出差"],
        ["ZC001", date(2026, 3, 12), date(2026, 3, 12), "出差"],
        ["ZC001", date(2026, 3, 7), date(2026, 3, 8), "请假"],
    ]

    counts = load(book(rows, absences), person.unit, by=None, shift=shift)

    assert counts.reports == 2
    assert list(DailyReport.objects.order_by("day").values_list("day", "first_filed_at")) == [
        (date(2026, 7, 23), moment("2026-07-24 09:00")),
        (date(2026, 7, 24), moment("2026-07-25 09:00")),
    ]
    assert set(Absence.objects.values_list("start_on", "end_on")) == {
        (date(2026, 7, 28), date(2026, 7, 29)),
        (date(2026, 7, 26), date(2026, 7, 26)),
    }


def test_a_department_s_half_year_loads_in_seconds_and_only_once():
    unit = make_section().unit
    facts = open_book(BOOK.read_bytes())
    rows = facts.sheet("日报").rows[2:] + [[None, *row] for row in facts.sheet("请假").rows[2:]]
    numbers = {tight(row[1]) for row in rows if row[1]}
    Staff.objects.bulk_create(
        Staff(unit=unit, staff_no=number, login=number, name=number, joined_on=LONG_AGO)
        for number in numbers
    )

    begun = monotonic()
    counts = load(facts, unit, by=None)
    took = monotonic() - begun

    assert DailyReport.objects.count() == counts.reports > 9000
    assert counts.drafts == DailyReport.objects.filter(state=State.DRAFT).count() > 0
    assert Absence.objects.count() == counts.absences > 200
    assert took < 60
    again = load(facts, unit, by=None)
    assert (again.reports, again.absences) == (0, 0)
    assert AuditEntry.objects.count() == 1
