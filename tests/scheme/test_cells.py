from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from scheme.imports import cells
from scheme.imports.cells import CellError

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("value", [None, "", "  ", "　", "无", " 无 ", "/", "／", "无　"])
def test_empty(value):
    assert cells.is_empty(value)


@pytest.mark.parametrize("value", [0, 0.0, "0", "无锡", "//", "—", False, date(2026, 1, 1)])
def test_not_empty(value):
    assert not cells.is_empty(value)


@pytest.mark.parametrize(
    "written, read",
    [
        ("2026-03-05", date(2026, 3, 5)),
        ("2026-3-5", date(2026, 3, 5)),
        ("2026.3.5", date(2026, 3, 5)),
        ("2026.03.05", date(2026, 3, 5)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("２０２６年０３月０５日", date(2026, 3, 5)),
        ("２０２６.３.５", date(2026, 3, 5)),
        ("　2026-03-05 ", date(2026, 3, 5)),
        ("2026年 3月 5日", date(2026, 3, 5)),
        (date(2026, 3, 5), date(2026, 3, 5)),
        (datetime(2026, 3, 5), date(2026, 3, 5)),
    ],
)
def test_day(written, read):
    assert cells.day(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30", "2026-13-01", "2026年3月", "3月5日", "2026-03.05", "二〇二六年三月五日",
        "2026-03-05 10:00", 46086, 46086.0, 2026.3, "26-3-5", datetime(2026, 3, 5, 9), "1026-03-05",
        "٢٠٢٦-٠٣-٠٥", True, time(9), "2026-3-5-1", date(9999, 1, 1),
    ],
)  # fmt: skip
def test_no_day(written):
    with pytest.raises(CellError):
        cells.day(written)


@pytest.mark.parametrize(
    "written", ["2026-03", "2026-3", "2026.3", "2026年3月", "２０２６年３月", " 2026 年 3 月",
                "2026-03-17", "2026年3月31日", date(2026, 3, 9), datetime(2026, 3, 9, 8), 2026.3,
                2026.03],
)  # fmt: skip
def test_month(written):
    assert cells.month(written) == date(2026, 3, 1)


@pytest.mark.parametrize("written", ["2026-13", "2026", "3月", 2026, "2026-02-30", "2026-00",
                                     2026.13, 2026.0, True, time(3)])  # fmt: skip
def test_no_month(written):
    with pytest.raises(CellError):
        cells.month(written)


def at(*parts):
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "written, read",
    [
        ("2026-01-04 17:04:24", at(2026, 1, 4, 17, 4, 24)),
        ("2026年1月4日 17:17", at(2026, 1, 4, 17, 17)),
        ("2026年1月4日17:17", at(2026, 1, 4, 17, 17)),
        ("２０２６.１.４　９：０５", at(2026, 1, 4, 9, 5)),
        ("17:42", at(2026, 1, 3, 17, 42)),
        (" 17:42:05 ", at(2026, 1, 3, 17, 42, 5)),
        (time(17, 42), at(2026, 1, 3, 17, 42)),
        (time(17, 42, 4, 600_000), at(2026, 1, 3, 17, 42, 5)),
        (time(23, 59, 59, 500_000), at(2026, 1, 4, 0, 0)),
        (datetime(2026, 1, 4, 9, 59, 59, 999_000), at(2026, 1, 4, 10, 0)),
        (datetime(2026, 1, 4, 9, 59, 59, 499_000), at(2026, 1, 4, 9, 59, 59)),
        (date(2026, 1, 4), at(2026, 1, 4)),
    ],
)
def test_moment(written, read):
    assert cells.moment(written, date(2026, 1, 3)) == read


@pytest.mark.parametrize(
    "written", ["2026-01-04", "2026-01-0417:04", "25:00", "17:60", "17.42", 0.5, "2026-02-30 9:00",
                "17:4", True],
)  # fmt: skip
def test_no_moment(written):
    with pytest.raises(CellError):
        cells.moment(written, date(2026, 1, 3))


def test_a_time_alone_needs_its_day():
    with pytest.raises(CellError):
        cells.moment("17:42", None)
    with pytest.raises(CellError):
        cells.moment(time(17, 42), None)


def test_clock_time():
    assert cells.clock_time("10:00") == time(10)
    assert cells.clock_time("１０：００：３０") == time(10, 0, 30)
    assert cells.clock_time(time(9, 59, 59, 700_000)) == time(10)
    for wrong in ("24:00", "十点", 10.0):
        with pytest.raises(CellError):
            cells.clock_time(wrong)


@pytest.mark.parametrize(
    "written, read",
    [
        (0.1, "0.1"), (20.0, "20"), (3, "3"), ("－０．２０", "-0.20"), ("−0.5", "-0.5"),
        (" 2 .5", "2.5"), ("+3", "3"), (1e-7, "0.0000001"), ("1 000", "1000"),
    ],
)  # fmt: skip
def test_decimal(written, read):
    assert f"{cells.decimal(written):f}" == read


@pytest.mark.parametrize(
    "written", ["1e3", "NaN", "Infinity", "1,000", "一", "5%", True, date(2026, 1, 1), "1" * 13,
                "--1", ".5", "5.", 1e300],
)  # fmt: skip
def test_no_decimal(written):
    with pytest.raises(CellError):
        cells.decimal(written)


def test_bounded_numbers():
    assert cells.whole_between(1, 5)("３") == 3
    assert cells.number_between(0, 100)("99.5") == Decimal("99.5")
    assert cells.positive("0.01") == Decimal("0.01")
    for read, wrong in (
        (cells.whole_between(1, 5), "6"),
        (cells.whole_between(1, 5), "2.5"),
        (cells.number_between(0, 100), "100.5"),
        (cells.positive, "0"),
    ):
        with pytest.raises(CellError):
            read(wrong)


def test_shares():
    assert cells.share("ZC001:33.3") == ("ZC001", Decimal("33.3"))
    assert cells.share(" ZC０01 ： 60 % ") == ("ZC001", Decimal("60"))
    for wrong in ("ZC001", "ZC001:", ":5", "ZC001:0", "ZC001:a"):
        with pytest.raises(CellError):
            cells.share(wrong)


def test_lists_skip_gaps_and_count_repeats_once():
    read = cells.listing(cells.code)
    assert read("ZC001、 ZC０02、、/、无、ZC001、") == ["ZC001", "ZC002"]
    assert cells.listing(cells.decimal, unique=False)("90、90、91.5") == [90, 90, Decimal("91.5")]
    assert read(12.0) == ["12"]


def test_words():
    assert cells.code(" 组织 二科　") == "组织二科"
    assert cells.code(35.0) == "35"
    assert cells.text("　办理退休手续，移交。 ") == "办理退休手续，移交。"
    assert cells.text(date(2026, 1, 2)) == "2026-01-02"
    assert cells.choice({"好": 1})(" 好 ") == 1
    with pytest.raises(CellError, match="只能填好、差"):
        cells.choice({"好": 1, "差": 2})("优")
    with pytest.raises(CellError, match="3"):
        cells.at_most(3, cells.text)("一二三四")
    for wrong in ("a\x00b", "\ud800", "x\x1b"):
        with pytest.raises(CellError):
            cells.text(wrong)
    assert cells.shown("a\x00\ud800b" + "x" * 40) == "ab" + "x" * 16
    assert cells.plain(True) == "TRUE"
