"""The rule workbook (积分细则, 参数): all or nothing, every error with its row and column."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme.imports import cells
from scheme.imports.sheets import CellError, Column, Problems, Row, open_book
from scheme.models import Star
from scoring import rulechecks
from scoring.contents import CAPS, RULE, TIER, Content
from scoring.models import Tier
from scoring.models.rulebook import Stacking, SubjectKind, Trigger

RULES, SETTINGS = "积分细则", "参数"
MOST = Decimal("99999.99")


def _words(choices) -> dict[str, Any]:
    """The fixed words as the workbook writes them: labels in Chinese, the language they come in."""
    with translation.override(None):
        return {str(member.label): member.value for member in choices}


def _points(value) -> Decimal:
    number = cells.decimal(value)
    if number != number.quantize(Decimal("0.01")):
        raise CellError(_("最多两位小数"))
    if abs(number) > MOST:
        raise CellError(_("数字太大"))
    return number.quantize(Decimal("0.01"))


def _cap(value) -> Decimal:
    number = _points(value)
    if number <= 0:
        raise CellError(_("上限按绝对值填，须大于零；不设上限就空着"))
    return number


def _text(value) -> str:
    return rulechecks.as_written(cells.text(value))


def _code(value) -> str:
    code = cells.code(value)
    if why := rulechecks.code_is_wrong(code):
        raise CellError(why)
    return code


def _columns() -> dict[str, Column]:
    stars = dict(Star.objects.values_list("name", "pk"))
    return {
        "code": Column("编号", cells.at_most(30, _code)),
        "kind": Column("类别", cells.choice(_words(PointEntry.Kind))),
        "subject": Column("对象", cells.choice(_words(SubjectKind))),
        "star_id": Column("星级", cells.choice(stars)),
        "title": Column("事项", cells.at_most(100, _text)),
        "trigger": Column("触发", cells.choice(_words(Trigger))),
        "level": Column("级别", cells.choice(_words(Tier.Level)), required=False, default=""),
        "role": Column("角色", cells.choice(_words(Tier.Part)), required=False, default=""),
        "points": Column("分值", _points),
        "cap_item": Column("单项上限", _cap, required=False),
        "cap_quarter": Column("每季上限", _cap, required=False),
        "cap_half": Column("每期上限", _cap, required=False),
        "stacking": Column(
            "叠加", cells.choice(_words(Stacking)), required=False, default=Stacking.ALL.value
        ),
        "enabled": Column(
            "启用", cells.choice({"是": True, "否": False}), required=False, default=True
        ),
        "clause": Column("依据", cells.at_most(100, _text), required=False, spare=True, default=""),
    }


_SETTINGS = {
    "加分总上限": ("bonus_cap", lambda value: _not_negative(_points(value))),
    "日报截止": ("report_cutoff", cells.clock_time),
    "补报天数": ("backfill_days", cells.whole_between(0, 60)),
    "讲课最少评分人数": ("talk_min_ratings", cells.whole_between(1, 1000)),
    "讲课良好线": ("talk_good_line", lambda value: _points(cells.number_between(0, 100)(value))),
}
DEFAULTS = {
    "bonus_cap": Decimal("20.00"),
    "report_cutoff": time(10, 0),
    "backfill_days": 7,
    "talk_min_ratings": 5,
    "talk_good_line": Decimal("90.00"),
}


def _not_negative(number: Decimal) -> Decimal:
    if number < 0:
        raise CellError(_("不能小于零"))
    return number


def read(source) -> tuple[Content | None, Problems]:
    """The content of an open file, or what is wrong with it. Raises BadBook for no workbook."""
    book = open_book(source)
    problems = Problems()
    sheet = book.sheet(RULES)
    rules: dict[str, tuple[Row, dict]] = {}
    for row in sheet.table(_columns(), header_rows=(2,), problems=problems):
        if row.ok:
            _check_alone(row)
        if row.ok:
            _add(rules, row)
    settings = _read_settings(book.sheet(SETTINGS), problems)
    if not rules and not problems:
        problems.add(sheet.name, 3, "", _("一条规则也没有"))
    if problems:
        return None, problems
    title = next((_text(value) for value in sheet.row(1) if not cells.is_empty(value)), RULES)
    content = Content(title[:100].rstrip(), settings, [rule for _row, rule in rules.values()])
    return content, problems


def _check_alone(row: Row) -> None:
    for key, why in (
        ("subject", rulechecks.subject_is_wrong(row["trigger"], row["subject"])),
        ("level", rulechecks.level_is_wrong(row["trigger"], row["level"])),
        ("role", rulechecks.role_is_wrong(row["trigger"], row["role"])),
        ("points", rulechecks.sign_is_wrong(row["kind"], row["points"])),
    ):
        if why:
            row.refuse(key, why)


def _add(rules: dict[str, tuple[Row, dict]], row: Row) -> None:
    """Rows of one code are tiers of one rule: they agree in all but level, role and points."""
    values = {name: row[name] for name in RULE + CAPS}
    first, rule = rules.setdefault(row["code"], (row, values | {"tiers": []}))
    for name, value in values.items():
        if name != "title" and rule[name] != value:
            text = _("与同一编号的第%(row)s行不一致") % {"row": first.number}
            row.refuse(name, text)
    for tier in rule["tiers"]:
        if rulechecks.overlap((tier["level"], tier["role"]), (row["level"], row["role"])):
            row.refuse("", _("与同一编号的另一行重叠：同一件事会套上两档分值"))
            break
    rule["tiers"].append({name: row[name] for name in TIER})


def _read_settings(sheet, problems: Problems) -> dict:
    columns = {
        "name": Column("名称", cells.choice({name: name for name in _SETTINGS})),
        "value": Column("值", lambda value: value),
    }
    found = {}
    for row in sheet.table(columns, header_rows=(2,), problems=problems):
        if not row.ok:
            continue
        key, reader = _SETTINGS[row["name"]]
        if key in found:
            row.refuse("name", _("这一项出现了两次"))
            continue
        try:
            found[key] = reader(row["value"])
        except CellError as error:
            row.refuse("value", str(error))
    return DEFAULTS | found
