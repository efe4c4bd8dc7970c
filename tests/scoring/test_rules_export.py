"""The workbook of a version: the same columns, read back to the same canonical text."""

import io
from datetime import date, time
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheme.models import AuditEntry, Star
from scoring import rulechecks
from scoring.actions import rulebooks
from scoring.contents import canonical, content_of
from scoring.exports import rules as export
from scoring.imports import rules
from scoring.models import RuleBook
from scoring.models.rulebook import Stacking, SubjectKind, Trigger
from tests.factories import make_department, make_unit
from tests.scoring.test_rulebook_pages import get, post
from tests.scoring.test_rulebooks import a_rule
from tests.scoring.test_rulebooks import content as contents
from tests.scoring.test_rules_import import FILE, HEADS


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    return make_department()


def read_back(path_or_bytes):
    source = path_or_bytes if isinstance(path_or_bytes, bytes) else path_or_bytes.read_bytes()
    content, problems = rules.read(io.BytesIO(source))
    assert not problems, [str(problem) for problem in problems]
    return content


def proposed(d, content):
    return rulebooks.propose(d.unit, content, by=d.personnel[0])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_departments_book_comes_back_as_it_is(d, tmp_path, language):
    with FILE.open("rb") as file:
        content, _problems = rules.read(file)
    book = proposed(d, content)
    with translation.override(language):
        rulebooks.export(book.pk, tmp_path / "out.xlsx", by=d.officers[0][0])
    assert canonical(read_back(tmp_path / "out.xlsx")) == canonical(content_of(book))
    assert AuditEntry.objects.get(act="rulebook.export").actor == d.officers[0][0]


def test_the_layout_is_that_of_the_import(d, tmp_path):
    book = proposed(d, contents(a_rule()))
    rulebooks.approve(book.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    rulebooks.export(book.pk, tmp_path / "out.xlsx", by=d.leader)
    written = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert written.sheetnames == ["积分细则", "参数"]
    table, values = written["积分细则"], written["参数"]
    assert table["A1"].value == "积分细则" and [c.value for c in table[2]] == HEADS
    assert [c.value for c in table[3]] == [
        "精业-扣-01", "扣分情形", "个人", "精业", "无故不报日报", "日报缺报", None, None,
        -0.2, None, 4, None, "累加", "是", "第一条",
    ]  # fmt: skip
    assert table["I3"].number_format == "0.00"
    assert "第1版，已批准" in table["A4"].value and "2026年7月1日起施行" in table["A4"].value
    book.refresh_from_db()
    assert book.digest in table["A4"].value
    assert [c.value for c in values[2]] == ["名称", "值", "说明"]
    assert {row[0].value: row[1].value for row in values.iter_rows(min_row=3, max_row=7)} == {
        "加分总上限": 20, "日报截止": "09:30", "补报天数": 5, "讲课最少评分人数": 5,
        "讲课良好线": 90,
    }  # fmt: skip


def test_nothing_written_can_execute(d, tmp_path):
    book = proposed(d, contents(a_rule("=1+1", title="=cmd|'/c calc'!A1")))
    rulebooks.export(book.pk, tmp_path / "out.xlsx", by=d.leader)
    table = openpyxl.load_workbook(tmp_path / "out.xlsx")["积分细则"]
    assert {table[cell].data_type for cell in ("A3", "E3")} == {"s"} and table["A3"].quotePrefix
    assert canonical(read_back(tmp_path / "out.xlsx")) == canonical(content_of(book))


def test_a_rule_without_tiers_asks_to_be_filled(d, tmp_path):
    book = proposed(d, contents(a_rule(), a_rule("空", tiers=[])))
    rulebooks.export(book.pk, tmp_path / "out.xlsx", by=d.leader)
    content, problems = rules.read(io.BytesIO((tmp_path / "out.xlsx").read_bytes()))
    assert content is None
    assert [(p.sheet, p.row, p.column) for p in problems] == [("积分细则", 4, "分值")]


# --- Any book


def texts(longest):
    """What a person may type, with the signs a workbook is likely to trip over."""
    signs = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn"))
    words = st.text(
        st.one_of(signs, st.sampled_from("，。“”=+-@'\"<>&\n\t　０ａ/无注")), max_size=longest
    )
    return words.map(rulechecks.as_written)


def numbers(low, high):
    return st.decimals(low, high, places=2, allow_nan=False, allow_infinity=False)


def caps():
    return st.none() | numbers("0.01", "99999.99")


@st.composite
def a_random_rule(draw, code):
    kind = draw(st.sampled_from(["base", "deduction", "bonus"]))
    trigger = draw(st.sampled_from(Trigger.values))
    subject = (
        SubjectKind.SECTION.value
        if trigger in rulechecks.OF_SECTIONS_ONLY
        else draw(st.sampled_from(SubjectKind.values))
    )
    levels = ["nation", "province", "city", "own"] if trigger in rulechecks.HAS_LEVEL else [""]
    roles = draw(st.sampled_from([["main", "joint"], [""]]))
    if trigger not in rulechecks.HAS_ROLE:
        roles = [""]
    fits = [(level, role) for level in levels for role in roles]
    chosen = draw(st.lists(st.sampled_from(fits), min_size=1, unique=True))
    sign = -1 if kind == "deduction" else 1
    return {
        "code": code,
        "kind": kind,
        "subject": subject,
        "star_id": draw(st.sampled_from(["xue", "geng", "ye", "xiao", "xin"])),
        "title": draw(texts(60)) or "事项",
        "trigger": trigger,
        "cap_item": draw(caps()),
        "cap_quarter": draw(caps()),
        "cap_half": draw(caps()),
        "stacking": draw(st.sampled_from(Stacking.values)),
        "tiers": [
            {
                "level": level,
                "role": role,
                "points": sign * draw(numbers("0.01", "99999.99")),
                "enabled": draw(st.booleans()),
                "clause": draw(texts(60)),
            }
            for level, role in chosen
        ],
    }


def codes():
    words = st.text(
        st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Pd")), min_size=1, max_size=30
    )
    # Folding may lengthen a code beyond its column, or make it one that cannot be written.
    folded = words.map(lambda code: rules.cells.tight(code)[:30]).map(rules.cells.tight)
    return folded.filter(lambda code: not rulechecks.code_is_wrong(code))


@st.composite
def books(draw):
    named = draw(st.lists(codes(), min_size=1, max_size=5, unique=True))
    return rulebooks.Content(
        draw(texts(80)) or "积分细则",
        {
            "bonus_cap": draw(numbers("0", "99999.99")),
            "report_cutoff": draw(st.times()).replace(microsecond=0),
            "backfill_days": draw(st.integers(0, 60)),
            "talk_min_ratings": draw(st.integers(1, 1000)),
            "talk_good_line": draw(numbers("0", "100")),
        },
        [draw(a_random_rule(code)) for code in named],
    )


@given(content=books())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_book_comes_back_as_it_is(d, tmp_path, content):
    book = proposed(d, content)
    export.write(RuleBook.objects.get(pk=book.pk), tmp_path / "out.xlsx")
    read = read_back(tmp_path / "out.xlsx")
    assert canonical(read) == canonical(content_of(RuleBook.objects.get(pk=book.pk)))
    assert canonical(read) == canonical(content)


@given(words=st.text(max_size=40))
@settings(max_examples=300)
def test_text_as_written_stays_as_it_is(words):
    plain = rulechecks.as_written(words)
    assert rulechecks.as_written(plain) == plain and rulechecks.words_are_wrong(plain) == ""


# --- The template


def test_the_template_reads_as_a_book_with_its_cautions_off_and_low(d, tmp_path):
    export.write_template(d.unit, tmp_path / "t.xlsx")
    content = read_back(tmp_path / "t.xlsx")
    assert content.title == f"{d.unit.name}积分细则" and content.settings == rules.DEFAULTS
    book = proposed(d, content)
    kinds = set()
    for rule in book.rules.prefetch_related("tiers"):
        caution = rulechecks.caution(rule)
        kinds.add((rule.subject, caution.what))
        assert rule.cap_half <= Decimal(3)
        for tier in rule.tiers.all():
            assert not tier.enabled
            assert str(caution.reason) in tier.clause and str(caution.source) in tier.clause
    assert kinds == {(s, w) for s in SubjectKind.values for w in ("instruction", "media")}
    blocking = [finding.text for finding in rulechecks.findings(book) if finding.blocking]
    assert blocking == ["还没有一条启用的规则。"]


def test_the_template_offers_the_fixed_words(d, tmp_path):
    export.write_template(d.unit, tmp_path / "t.xlsx")
    written = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert written.sheetnames == ["积分细则", "参数", "填写说明"]
    offered = {
        HEADS[openpyxl.utils.cell.range_boundaries(str(one.sqref))[0] - 1]: one.formula1.strip('"')
        for one in written["积分细则"].data_validations.dataValidation
    }
    assert set(offered) == {"类别", "对象", "星级", "触发", "级别", "角色", "叠加", "启用"}
    assert offered["星级"].split(",") == list(Star.objects.values_list("name", flat=True))
    assert offered["触发"].split(",") == [str(label) for label in Trigger.labels]
    assert not written["参数"].data_validations.dataValidation
    said = [row[0].value for row in written["填写说明"].iter_rows(min_row=3, max_row=17)]
    assert said == HEADS


def test_a_dropdown_fits_its_format(db):
    """Excel refuses a list that is longer than 255 signs."""
    for words in export.fixed_words().values():
        assert len(",".join(words)) <= 255 and not any("," in word for word in words)


def test_the_words_of_the_workbook_are_those_of_the_import(db):
    assert [column.head for column in export.COLUMNS] == [
        column.head for column in rules._columns().values()
    ]
    assert {name for name, _saying in export.SAYINGS.values()} == set(rules._SETTINGS)


# --- In the browser


def test_anybody_of_the_unit_takes_it_away(client, d):
    book = proposed(d, contents(a_rule()))
    answer = post(client, d.officers[0][0], "rulebook_export", book.pk)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert canonical(read_back(answer.content)) == canonical(content_of(book))
    assert get(client, d.officers[0][0], "rulebook_export", book.pk).status_code == 405
    stranger = make_department().chair
    assert post(client, stranger, "rulebook_export", book.pk).status_code == 404


def test_the_office_takes_the_template(client, d):
    answer = get(client, d.personnel[0], "rulebook_template")
    assert answer.status_code == 200 and read_back(answer.content).rules
    assert get(client, d.leader, "rulebook_template").status_code == 403
    page = get(client, d.personnel[0], "rulebook_list").content.decode()
    assert "/rules/template/" in page


def test_seconds_of_a_deadline_are_kept(db):
    unit = make_unit()
    sheet = export._settings(rules.DEFAULTS | {"report_cutoff": time(9, 30, 15)}, unit)
    assert sheet.rows[1][1] == "09:30:15"
