"""Every hostile workbook gets its answer, and whoever asked for it goes on."""

import io
import os
import sys
import time
from datetime import date, datetime
from datetime import time as clock_time

import openpyxl
import pytest

from scheme.imports import child, isolation, raw
from scheme.imports.archive import MEGABYTE
from scheme.imports.sheets import BadBook, open_book
from tests.scheme import hostile
from tests.scheme.books import DATA, book

BOUND = "from scheme.imports import child; import sys; child.bind(*map(int, sys.argv[1:]));"


@pytest.fixture(params=hostile.CORPUS)
def harm(request):
    make, words = hostile.CORPUS[request.param]
    return make(), words


def test_each_is_turned_away_in_words_and_in_time(harm):
    data, words = harm
    begun = time.monotonic()
    with pytest.raises(BadBook, match=words):
        open_book(data).first()
    assert time.monotonic() - begun < 10
    assert open_book(hostile.plain()).first().row(3) == ["2026-01-05", "A1"]


def test_texts_nested_a_hundred_thousand_deep_end_one_way_or_the_other():
    begun = time.monotonic()
    try:
        open_book(hostile.DEEP())
    except BadBook as refused:
        assert str(refused)
    assert time.monotonic() - begun < 10


def test_a_sheet_nobody_asks_for_does_no_harm():
    """The roster's own sheet is read, whatever stands on the next one."""

    def change(workbook):
        workbook["乙"]["XFD1048576"] = 1

    opened = open_book(book(("甲", [["x"]]), ("乙", []), change=change))
    assert opened.first().row(1) == ["x"]
    with pytest.raises(BadBook, match="太大"):
        opened.sheet("乙")


def test_all_sheets_together_are_bounded(monkeypatch):
    monkeypatch.setattr(raw, "MAX_FILLED", 5)
    sheets = list(raw.parse(book(("甲", [[1, 2, 3]]), ("乙", [[1, 2, 3]]), ("丙", [[1]]))))
    assert [bool(sheet.refused) for sheet in sheets] == [False, True, True]


# --- The child and its limits


def program(monkeypatch, code: str, **limits):
    monkeypatch.setattr(isolation, "PROGRAM", (sys.executable, "-E", "-s", "-c", code))
    monkeypatch.setattr(isolation, "LIMITS", isolation.LIMITS._replace(**limits))


def turned_away(words: str, within: float) -> None:
    begun = time.monotonic()
    with pytest.raises(BadBook, match=words):
        open_book(hostile.plain())
    assert time.monotonic() - begun < within


def test_a_parser_that_hangs(monkeypatch):
    program(monkeypatch, "import time; time.sleep(60)", seconds=0.5)
    turned_away("用时过长", 5)


def test_a_parser_that_answers_and_never_goes(monkeypatch):
    code = "import os, time; print('x', flush=True); os.close(1); time.sleep(60)"
    program(monkeypatch, code, seconds=0.5)
    turned_away("用时过长", 5)


def test_a_parser_that_burns(monkeypatch):
    program(monkeypatch, BOUND + "\nwhile True: pass", cpu_seconds=1)
    turned_away("出了错", 10)


def test_a_parser_that_sleeps_on_alone_ends_by_itself(monkeypatch):
    program(monkeypatch, BOUND + "import time; time.sleep(60)", cpu_seconds=1)
    turned_away("出了错", 10)


def test_a_parser_that_eats(monkeypatch):
    eating = BOUND + "\nheld = []\nwhile True: held.append(bytearray(10**7))"
    program(monkeypatch, eating, memory=200 * MEGABYTE)
    turned_away("出了错", 10)


def test_a_workbook_that_needs_more_memory_than_there_is(monkeypatch):
    limits = isolation.LIMITS._replace(memory=40 * MEGABYTE)
    monkeypatch.setattr(isolation, "LIMITS", limits)
    with pytest.raises(BadBook, match="出了错"):
        open_book((DATA / "facts-2026H1.xlsx").read_bytes())


def test_a_parser_that_never_stops_talking(monkeypatch):
    program(monkeypatch, "while True: print('x' * 100_000)", answer=MEGABYTE)
    turned_away("过大", 10)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no JSON",
        '{"whole":1}',
        '{"name":"甲"}\\n{"whole":1}',
        "[]",
        "[" * 100_000,
        '{"whole":0}\\n{"died":"MemoryError"}',
        '{"moment":"tomorrow"}',
        '{"span":"long"}',
    ],
)
def test_an_answer_that_is_not_whole(monkeypatch, said):
    program(monkeypatch, f"print('{said}')")
    turned_away("出了错", 5)


def test_what_nobody_foresaw_is_told_as_death():
    class Broken:
        def read(self, _size):
            raise OSError

    out = io.BytesIO()
    child.answer(Broken(), out)
    assert out.getvalue() == b'{"died":"OSError"}\n'


def test_the_child_knows_no_secrets_writes_no_file_and_opens_few(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "very secret")
    target = tmp_path / "out"
    code = BOUND + (
        "import os, json\n"
        "assert not set(os.environ) - {'LC_ALL', 'TZ'}, os.environ\n"
        f"f = open({str(target)!r}, 'wb', buffering=0)\n"
        "try: f.write(b'x')\n"
        "except OSError: pass\n"
        "else: raise SystemExit('it writes')\n"
        "held = []\n"
        "try:\n"
        "    for n in range(99): held.append(open('/dev/null'))\n"
        "except OSError: pass\n"
        "else: raise SystemExit('it opens')\n"
        "assert 'django' not in __import__('sys').modules\n"
        "print(json.dumps({'whole': 0}))\n"
    )
    program(monkeypatch, code)
    assert isolation.parse(b"") == []
    assert target.read_bytes() == b""


def test_nothing_stays_behind():
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _again in range(3):
        open_book(hostile.plain())
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before


def test_every_kind_of_cell_comes_through():
    values = [
        "文字\n二行", 7, 0.1, True, datetime(2026, 3, 5, 17, 42, 5), date(2026, 3, 5),
        clock_time(9, 5), None, "=未转义",
    ]  # fmt: skip

    def change(workbook):
        for place, value in enumerate(values, 1):
            cell = workbook["甲"].cell(1, place, value)
            if value == "=未转义":
                cell.data_type = "s"

    row = open_book(book(("甲", []), change=change)).first().row(1)
    here = next(raw.parse(book(("甲", []), change=change))).rows[0]
    assert row == here and list(map(type, row)) == list(map(type, here))
    assert row[4] == datetime(2026, 3, 5, 17, 42, 5) and row[8] == "=未转义"


def test_the_whole_half_year_comes_through_unchanged():
    data = (DATA / "facts-2026H1.xlsx").read_bytes()
    assert isolation.parse(data) == list(raw.parse(data))


def test_without_limits_of_the_system_the_clock_still_holds(monkeypatch):
    monkeypatch.setattr(child, "resource", None)
    child.bind(1, 1)
    assert openpyxl.Workbook  # this process is as free as before
