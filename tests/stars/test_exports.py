"""The workbook of a result, opened again by the reader everybody uses."""

import gc
import zipfile

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from scheme import clock as house_clock
from scheme import jobs
from scheme.exports.sheets import text
from scheme.models import AuditEntry, Job
from stars import tasks
from stars.actions import results
from stars.exports import published
from stars.models import Publication
from tests.factories import again
from tests.stars import acts

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+86", "-5", "@SUM(A1)", "=cmd|' /C calc'!A0"]


@pytest.fixture
def publication(clock):
    s = acts.in_publicity(clock)
    for name in FORMULAS[:2]:
        s.a.person.name = name
        s.a.person.save()
    s.a.person.post = FORMULAS[4]
    s.a.person.save()
    s.d.one.name = FORMULAS[3]
    s.d.one.save()
    clock.set(house_clock.local(s.round.due_at).replace(tzinfo=None))
    from stars.actions import stages

    stages.advance(s.round.pk)
    return Publication.objects.select_related("round", "unit").get()


@pytest.fixture
def book(publication, tmp_path):
    path = tmp_path / "result.xlsx"
    published.write(publication, path, progress=lambda done, total: None)
    return load_workbook(path)


def cells(sheet):
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_there_are_sheets_for_sections_persons_and_counts(book):
    assert book.sheetnames == ["科室", "个人", "计票"]


@pytest.mark.parametrize("name", ["科室", "个人", "计票"])
def test_a_sheet_is_laid_out_as_an_office_hands_it_up(book, publication, name):
    sheet = book[name]
    assert sheet["A1"].value.startswith("2026年上半年五星评定结果")
    assert (sheet["A1"].font.name, sheet["A1"].font.size) == ("方正小标宋简体", 20)
    merged = {str(area) for area in sheet.merged_cells.ranges}
    last = get_column_letter(sheet.max_column)
    assert f"A1:{last}1" in merged
    line = [cell.value for cell in sheet[2] if cell.value]
    assert line[0] == f"填报单位：{publication.unit.name}"
    assert line[1] == "填报日期：2026年7月13日"
    assert sheet["A3"].font.name == "黑体" and "A3:A4" in merged
    assert sheet["A5"].font.name.startswith("仿宋")
    assert all(
        getattr(sheet.cell(5, n).border, side).style == "thin"
        for n in range(1, sheet.max_column + 1)
        for side in ("left", "right", "top", "bottom")
    )
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (setup.fitToWidth, setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$1:$4"
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert publication.digest in sheet.oddFooter.right.text
    values = [cell.value for cell in cells(sheet)]
    assert any(str(value).startswith("注：") for value in values)
    assert (
        values[-1].startswith("分管领导：")
        and "审核人：" in values[-1]
        and "填报人：" in values[-1]
    )


def test_groups_stand_over_their_columns(book):
    sheet = book["个人"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert sheet["C3"].value == "获评" and "C3:F3" in merged
    assert [sheet.cell(4, n).value for n in range(3, 7)] == ["编号", "姓名", "科室", "职务"]
    counts = {str(area) for area in book["计票"].merged_cells.ranges}
    assert {"E3:K3", "L3:R3"} <= counts


def test_nothing_executes(book):
    found = set()
    for sheet in book:
        for cell in cells(sheet):
            assert cell.data_type in ("s", "n"), cell.coordinate
            if cell.data_type == "s":
                assert cell.quotePrefix
                found.add(cell.value)
    assert {FORMULAS[1], FORMULAS[3], FORMULAS[4]} <= found


def test_what_xml_cannot_hold_is_left_out():
    assert text("甲\x0b乙\x00") == "甲乙"


def test_the_counts_are_numbers(book):
    sheet = book["计票"]
    row = [sheet.cell(5, n).value or "" for n in range(5, 20)]
    assert row[:7] == [9, 2, 7, "", "", "", "赞成"]
    assert row[7:] == [5, 5, "", 5, "", "", "", ""]
    assert sheet.cell(5, 20).value == "评定"


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"objection_upheld": True, "placed": True, "committee": {"passed": True}}, "异议成立"),
        (
            {"objection_upheld": False, "placed": False, "committee": {"passed": True}},
            "通过，名额已满",
        ),
        ({"objection_upheld": False, "placed": False, "committee": {"passed": False}}, "未通过"),
        (
            {
                "objection_upheld": False,
                "placed": False,
                "committee": {"passed": False, "deferred": True},
            },
            "缓议",
        ),
        ({"objection_upheld": False, "placed": True, "lost": True}, "不再符合参评条件"),
        ({"objection_upheld": False, "placed": True, "revoked": {"on": "2026-08-03"}}, "已撤销"),
    ],
)
def test_every_item_has_its_conclusion(one, said):
    assert published._conclusion(one) == said


def test_shares_read_as_an_office_says_them():
    assert [published._share(p) for p in ((2, 3), (1, 2), (4, 7))] == [
        "三分之二",
        "半数",
        "7分之4",
    ]
    assert published.half_name("2025H2") == "2025年下半年"


def test_objections_stand_in_the_notes(publication, tmp_path):
    publication.body["objections"] = {"raised": 2, "upheld": 1, "dismissed": 1}
    publication.body["rules"]["book_digest"] = "a" * 64
    path = tmp_path / "x.xlsx"
    published.write(publication, path, progress=lambda done, total: None)
    sheet = load_workbook(path)["科室"]
    assert any("收到异议2条，成立1条" in str(cell.value) for cell in cells(sheet))
    assert "a" * 64 in sheet.oddFooter.left.text


def written(publication, tmp_path):
    path = tmp_path / "x.xlsx"
    published.write(publication, path, progress=lambda done, total: None)
    return load_workbook(path)


def test_later_editions_name_their_changes_and_what_was_struck(publication, tmp_path):
    body = publication.body
    struck = {"on": "2026-08-03", "authority": "部务会纪要〔2026〕9号"}
    body["changes"] = [{"edition": 2, "on": "2026-08-03", "reason": "撤销一颗星"}]
    number = body["counts"][0]["number"]
    for star in body["stars"]:
        for one in (*star["sections"], *star["persons"]):
            if one["number"] == number:
                one["revoked"] = struck
    body["counts"][0] |= {"revoked": struck, "floating": True}
    body["counts"][0]["committee"] |= {"secret": True, "turn": 2, "votes_defer": 1}
    body["counts"][0]["branch"]["mean"] = "86.333"
    book = written(publication, tmp_path)
    remark = "2026年8月3日撤销，依据部务会纪要〔2026〕9号"
    persons = [str(cell.value) for cell in cells(book["个人"])]
    assert remark in persons and any("第2版（2026年8月3日）：撤销一颗星" in one for one in persons)
    row = [cell.value for cell in book["计票"][5]]
    assert row[9] == "86.33" and row[17:21] == [1, "是", "已撤销", f"无记名，第2次表决；{remark}"]


def test_a_body_from_before_there_were_editions_is_written_as_ever(publication, tmp_path):
    body = publication.body
    del body["changes"], body["edition"], body["rules"]["whole"]
    for one in body["counts"]:
        del one["floating"], one["lost"], one["branch"]["mean"], one["branch"]["given"]
        for key in ("votes_defer", "deferred", "secret", "turn"):
            del one["committee"][key]
    row = [cell.value for cell in written(publication, tmp_path)["计票"][5]]
    assert row[19] == "评定" and not row[20]


def test_the_same_publication_gives_the_same_bytes(publication, tmp_path, clock):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    published.write(publication, first, progress=lambda done, total: None)
    clock.advance(days=400)
    published.write(publication, second, progress=lambda done, total: None)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.xlsx", "2.xlsx"]
    assert zipfile.ZipFile(first).testzip() is None


def test_progress_is_told_row_by_row(publication, tmp_path):
    told = []
    published.write(publication, tmp_path / "x.xlsx", progress=lambda *step: told.append(step))
    assert told == [(n, 6) for n in range(7)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_torn_writing_leaves_nothing_behind(publication, tmp_path):
    def torn(done, total):
        if done == 2:
            raise RuntimeError("the worker was stopped")

    with pytest.raises(RuntimeError):
        published.write(publication, tmp_path / "x.xlsx", progress=torn)
    gc.collect()  # the half-written sheets complain as they go
    assert list(tmp_path.iterdir()) == []


def test_the_job_makes_the_file_and_one_line_in_the_trail(publication, settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path / "files")
    by = again(publication.round.opened_by)
    job = results.start_workbook(publication.pk, by=by, key="k")
    assert tasks.publish_workbook in jobs._handlers.values()

    assert jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.DONE and (job.done_count, job.total_count) == (6, 6)
    assert job.result["name"] == "2026年上半年评星结果 20260713.xlsx"
    made = tmp_path / "files" / job.result["file"]
    assert load_workbook(made).sheetnames == ["科室", "个人", "计票"]
    entry = AuditEntry.objects.get(act="result.export")
    assert entry.actor == by and len(entry.after["sha256"]) == 64
    assert not jobs.run(job.pk)


def test_a_row_is_as_high_as_its_longest_text(publication, tmp_path):
    winner = next(one for star in publication.body["stars"] for one in star["persons"])
    heights = []
    for length in (1, 200):
        winner["statement"] = "长" * length
        path = tmp_path / f"{length}.xlsx"
        published.write(publication, path, progress=lambda done, total: None)
        heights.append(load_workbook(path)["个人"].row_dimensions[5].height)
    assert heights[0] < 4 * 17 < heights[1]
