from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from scheme import clock
from scheme.templatetags import look

DAY = date(2026, 7, 10)
EVENING = datetime(2026, 7, 9, 16, 30, tzinfo=UTC)  # 00:30 of the 10th in Shanghai


def render(source: str, **context) -> str:
    return Template("{% load look %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        (Decimal("16.00"), "", "16.0"),
        (Decimal("16.50"), "", "16.5"),
        (Decimal("0.25"), "", "0.25"),
        (Decimal("-2.5"), "", "−2.5"),
        (Decimal("-2.5"), "sign", "−2.5"),
        (Decimal("3"), "sign", "+3.0"),
        (Decimal("0.00"), "sign", "0"),
        (Decimal("0.005"), "", "0.01"),
        (Decimal("-0.001"), "", "0"),
        ("88.7", "", "88.7"),
        (12, "", "12.0"),
        (None, "", ""),
        ("", "sign", ""),
    ],
)
def test_points_are_short_and_carry_a_real_minus(value, style, shown):
    assert look.points(value, style) == shown


def test_a_deduction_is_told_apart():
    assert look.negative(Decimal("-0.5"))
    assert not look.negative(Decimal("0"))
    assert not look.negative(None)
    assert look.signed("2") == "+2.0"


@pytest.mark.parametrize(
    ("language", "short", "full", "day"),
    [
        ("zh-hans", "7月10日", "2026年7月10日", "星期五"),
        ("en", "10 Jul", "10 Jul 2026", "Friday"),
    ],
)
def test_dates_speak_the_language_of_the_page(language, short, full, day):
    with translation.override(language):
        assert look.md(DAY) == short
        assert look.ymd(DAY) == full
        assert look.weekday(DAY) == day


def test_an_instant_is_shown_on_the_office_clock():
    with translation.override("zh-hans"):
        assert look.md(EVENING) == "7月10日"
        assert look.hm(EVENING) == "00:30"
        assert look.hm(DAY) == ""
        assert look.md(None) == look.ymd("") == ""


@pytest.mark.parametrize(
    ("instant", "chinese", "english"),
    [
        (clock.at(DAY, 9, 12), "今天09:12", "Today 09:12"),
        (clock.at(date(2026, 7, 9), 16, 40), "昨天16:40", "Yesterday 16:40"),
        (clock.at(date(2026, 7, 8), 8), "7月8日", "8 Jul"),
        (clock.at(date(2025, 7, 8), 8), "2025年7月8日", "8 Jul 2025"),
    ],
)
def test_moment_counts_from_today(monkeypatch, instant, chinese, english):
    monkeypatch.setattr(clock, "today", lambda: DAY)
    with translation.override("zh-hans"):
        assert look.moment(instant) == chinese
    with translation.override("en"):
        assert look.moment(instant) == english


def test_moment_of_a_day_is_the_day():
    with translation.override("zh-hans"):
        assert look.moment(DAY) == "7月10日"


def test_a_month_is_named_where_it_begins():
    assert look.day_number(date(2026, 7, 1)) == "7/1"
    assert look.day_number(DAY) == "10"


def test_the_page_tells_its_language_so_that_fonts_draw_chinese_forms():
    assert look.html_lang("zh-hans") == look.html_lang("") == "zh-CN"
    assert look.html_lang("en") == "en"


def test_hash_is_short_enough_to_compare_by_eye():
    assert look.short_hash("a91f0c4e" + "0" * 52 + "7b22") == "a91f0c4e…7b22"
    assert look.short_hash("a91f") == "a91f"
    assert look.short_hash(None) == ""


def test_surname_stands_on_the_avatar():
    assert look.first_character(" 林书言") == "林"
    assert look.first_character(None) == ""


def test_icons_and_kinds():
    assert 'class="i s"' in render('{% icon "check" "s" %}')
    assert 'aria-hidden="true"' in render('{% icon "check" %}')
    assert look.status_icon("bad") == "exclamation-circle"
    assert look.day_icon("done") == "briefcase"
    assert look.day_icon("") == ""


@pytest.mark.parametrize("key", ["xue", "geng", "ye", "xiao", "xin"])
def test_each_star_has_its_own_character_and_shape(key):
    seal = render("{% sign key %}", key=key)
    assert look.SEALS[key] in seal
    assert f'class="sign {key}"' in seal
    others = [render("{% sign other %}", other=other) for other in look.SEALS if other != key]
    shape = seal.split(">")[1]
    assert all(shape not in other for other in others)


def test_a_star_of_the_catalogue_brings_its_own_character():
    star = SimpleNamespace(key="xue", sign="勤")
    assert "勤" in render('{% sign star "xl" %}', star=star)
    assert "星" in render('{% sign "unknown" %}')


ROWS = [
    {"label": "勤学", "key": "xue", "value": Decimal("17"), "delta": Decimal("1")},
    {"label": "笔耕", "key": "geng", "value": Decimal("-4"), "delta": Decimal("-20")},
]


def test_bars_stay_inside_the_track_and_the_base_line_on_it():
    drawn = look.bars(ROWS, id="mine", title="积分", base=16, base_label="基础")
    assert [float(row["width"]) <= drawn["track"] for row in drawn["rows"]] == [True, True]
    assert drawn["rows"][1]["width"] == "0.0"
    assert drawn["left"] < float(drawn["base_x"]) < drawn["left"] + drawn["track"]
    assert drawn["height"] > drawn["rows"][1]["text_y"]


def test_bars_without_stars_base_or_rows():
    plain = look.bars([{"label": "按时", "value": 3}], id="a", title="报送")
    assert plain["indent"] == 0 and plain["base_x"] is None and not plain["has_delta"]
    assert look.bars([], id="b", title="空")["rows"] == []


def test_chart_has_its_words_and_its_table():
    page = render('{% bars rows id="mine" title="积分" base=16 head="星" %}', rows=ROWS)
    assert 'aria-labelledby="mine-title mine-desc"' in page
    assert "−4.0" in page and "+1.0" in page and "−20.0" in page
    assert "<table" in page and "style=" not in page


def test_a_long_label_pushes_the_bars_to_the_right():
    short = look.bars([{"label": "按时", "value": 3}], id="a", title="t")
    long = look.bars([{"label": "党员教育和基层组织建设", "value": 3}], id="a", title="t")
    assert long["left"] > short["left"] and long["track"] < short["track"]


def test_month_is_whole_weeks_and_knows_today():
    weeks = look.month_weeks(DAY, {DAY: {"kind": "ok", "word": "按时"}}, DAY)
    cells = [cell for week in weeks for cell in week]
    assert {len(week) for week in weeks} == {7}
    assert cells[0]["day"] == date(2026, 6, 29) and cells[0]["outside"]
    assert cells[-1]["day"] == date(2026, 8, 2)
    [today] = [cell for cell in cells if cell["is_today"]]
    assert today["word"] == "按时" and not today["outside"]
    assert sum(not cell["outside"] for cell in cells) == 31


def test_days_of_a_neighbouring_month_stay_blank():
    weeks = look.month_weeks(DAY, {date(2026, 6, 30): {"word": "按时"}})
    assert all("word" not in cell for week in weeks for cell in week)


def test_words_that_make_one_stand_as_their_language_wants_them():
    assert look.together("省", "主报", "+5.0") == "省主报+5.0"
    with translation.override("en"):
        assert look.together("Province", "", "+5.0") == "Province +5.0"
    assert render('{% together "省" "<b>" %}') == "省&lt;b&gt;"
