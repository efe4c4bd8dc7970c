import pytest

from scheme.imports.roster import branch_names, offices_of, read_roster, section_names
from tests.scheme.books import DATA, one, roster


def read(*people, change=None):
    return read_roster(roster(*people, change=change))


def told(*people):
    return [(p.row, p.column, p.reason) for p in read(*people).problems]


def test_the_departments_roster():
    with (DATA / "roster.xlsx").open("rb") as file:
        said = read_roster(file)
    assert said.problems == []
    assert len(said.people) == 96
    assert len(section_names(said.people)) == 22
    assert section_names(said.people)[:3] == ["办公室", "机关人事科", "研究室"]
    assert len(branch_names(said.people)) == 6
    by_number = {one["staff_no"]: one for one in said.people}
    assert by_number["ZC035"]["name"] == "朱子轩"
    assert by_number["ZC002"]["name"] == "郑辉"
    assert by_number["ZC011"]["joined_on"] == "2017-10-01"
    assert by_number["ZC010"]["left_on"] == "2026-05-11"
    assert (by_number["ZC038"]["moved_from"], by_number["ZC038"]["moved_on"]) == (
        "信息宣传科", "2026-03-16",
    )  # fmt: skip
    assert by_number["ZC072"]["seconded_from"] == "2026-05-18"
    assert by_number["ZC032"]["seconded_from"] is None  # 参加市委巡察（借调）changes nothing
    assert {n for n, one in by_number.items() if one["probation"]} == {"ZC025", "ZC044", "ZC046"}


@pytest.mark.parametrize(
    "remark, changes",
    [
        ("2026.05.11 退休", {"left_on": "2026-05-11", "leaving": "退休"}),
        ("２０２６年５月１１日调出", {"left_on": "2026-05-11", "leaving": "调出"}),
        ("试用期；2026-5-11辞职", {"left_on": "2026-05-11", "probation": True}),
        ("退休", {"left_on": None}),
        ("拟2026年5月11日退休", {"left_on": None}),
        ("借调至市信访局(2026.5.18起)", {"seconded_to": "市信访局"}),
        ("借调至省委（组织部）（2026年5月18日起）", {"seconded_from": "2026-05-18"}),
        ("借调自某县（2026年5月18日起）", {"seconded_from": None}),
        ("2026年4月1日 由 乙科 调入 甲科", {"moved_from": "乙科", "moved_on": "2026-04-01"}),
        ("驻村第一书记（某村）", {"left_on": None, "moved_on": None}),
    ],
)
def test_remarks(remark, changes):
    said = read(one("A1", remark=remark))
    assert said.problems == []
    assert changes.items() <= said.people[0].items()


@pytest.mark.parametrize(
    "more, column, reason",
    [
        ({"remark": "2026年2月30日退休"}, "备注", "没有“2026年2月30日”这一天"),
        ({"remark": "2019年2月3日退休"}, "备注", "离开日期早于入职时间"),
        ({"remark": "2026.1.1退休；2026.2.1调出"}, "备注", "同一类备注写了两次"),
        ({"remark": "2026.1.1由乙科调入丙科"}, "备注", "调入的科室与“科室”一列不一致"),
        ({"remark": "2026.1.1由甲科调入甲科"}, "备注", "调出和调入是同一个科室"),
        ({"remark": "2020.1.6由乙科调入甲科"}, "备注", "调入日期应在入职时间之后"),
        ({"charge": "甲科、没有科"}, "分管科室", "名册中没有科室“没有科”"),
        ({"branch": None, "branch_post": "书记"}, "支部职务", "有支部职务，却没有填所在支部"),
        ({"staffing": "临时"}, "编制类型", "“临时”不认识，只能填行政、参公、事业、工勤"),
        ({"staffing": None}, "编制类型", "不能为空"),
        ({"joined": None}, "入职时间", "不能为空"),
        ({"name": "名" * 41}, "姓名", "超过40个字"),
    ],
)
def test_errors(more, column, reason):
    assert told(one("A1", **more)) == [(5, column, reason)]


def test_one_number_twice_whatever_its_case():
    assert told(one("A1"), one("B2"), one("a１")) == [(7, "工号", "与第5行工号重复")]


def test_nobody_at_all():
    assert told() == [(5, "", "没有读到任何人员")]


def test_too_many(monkeypatch):
    monkeypatch.setattr("scheme.imports.roster.MAX_PEOPLE", 2)
    said = read(one("A1"), one("A2"), one("A3", joined=None))
    assert [str(p) for p in said.problems] == ["花名册：一次最多2人"]
    assert (said.people, said.raw) == ([], [])


def test_a_missing_column():
    def change(workbook):
        workbook.active["L3"] = "到岗时间"

    problems = read(one("A1"), change=change).problems
    assert [(p.column, p.reason) for p in problems] == [("入职时间", "缺少这一列")]


def test_raw_rows_are_kept_for_the_error_workbook():
    said = read(one("A1", joined="2020年2月30日"), one("B2"))
    assert [row["row"] for row in said.raw] == [5, 6]
    assert said.raw[0]["cells"]["joined_on"] == "2020年2月30日"
    assert [person["staff_no"] for person in said.people] == ["B2"]


def test_names():
    assert read(one("A1", "郑　辉"), one("B2", "Anna  Li")).people[0]["name"] == "郑辉"
    assert read(one("B2", "阿依 · 买买提")).people[0]["name"] == "阿依 · 买买提"


def held(**more):
    person = read(one("A1", **more), one("B2", section="乙科")).people[0]
    return [(h.office, h.section or h.branch, h.start_on) for h in offices_of(person)]


@pytest.mark.parametrize(
    "more, offices",
    [
        ({"post": "科员", "since": "2024-01-01"}, []),
        ({"post": "科长"}, [("section_chief", "甲科", "2020-01-06")]),
        ({"post": "主任", "since": "2023-05-06"}, [("section_chief", "甲科", "2023-05-06")]),
        ({"post": "科长", "since": "2010-05-06"}, [("section_chief", "甲科", "2020-01-06")]),
        (
            {"post": "副科长（主持工作）"},
            [("section_chief", "甲科", "2020-01-06")],
        ),
        ({"post": "副主任"}, [("deputy_chief", "甲科", "2020-01-06")]),
        (
            {"post": "科长", "since": "2021-01-01", "remark": "2026.4.1由乙科调入甲科"},
            [("section_chief", "甲科", "2026-04-01")],
        ),
        ({"section": None, "post": "部长"}, [("committee_chair", "", "2020-01-06")]),
        (
            {"section": None, "post": "副部长、部务会成员", "charge": "乙科、 乙科、"},
            [("committee_member", "", "2020-01-06"), ("leader_in_charge", "乙科", "2020-01-06")],
        ),
        ({"section": None, "post": "部务委员"}, [("committee_member", "", "2020-01-06")]),
        ({"remark": "部务会成员"}, [("committee_member", "", "2020-01-06")]),
        ({"section": None, "post": "科长"}, []),
        ({"branch_post": "书记"}, [("branch_secretary", "第一支部", "2020-01-06")]),
        ({"branch_post": "纪检委员"}, [("branch_committee", "第一支部", "2020-01-06")]),
        ({"section": "机关人事科"}, [("personnel_office", "", "2020-01-06")]),
        ({"section": "人事科"}, [("personnel_office", "", "2020-01-06")]),
        ({"section": "办公室"}, [("supervision_office", "", "2020-01-06")]),
    ],
)
def test_offices(more, offices):
    assert held(**more) == offices
