"""申报: lines declared for a rule, with the outcome of their checks."""

from collections import defaultdict
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext as _

from ledgers.imports import words
from ledgers.imports.ledger import Ledger, Record, Said, Shift, moved_month
from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading
from ledgers.titles import reduced
from scheme import periods
from scheme.imports import cells
from scheme.imports.sheets import CellError, Column, Row
from scheme.models import Unit
from scoring.models import Declaration, DeclarationMove, Rule
from scoring.models.rulebook import SubjectKind

State = Declaration.State
# So many times the highest points still fit into an entry.
MOST = Decimal(9_999_999)
_checks = cells.choice({"通过": True, "不通过": False})


def _quarter(value) -> str:
    code = cells.code(value)
    try:
        periods.quarter_span(code)
    except ValueError:
        text = _("“%(word)s”不是季度，可写2026Q1") % {"word": cells.shown(value)}
        raise CellError(text) from None
    return code


def _quantity(value) -> Decimal:
    number = cells.positive(value)
    if number > MOST:
        raise CellError(_("数字太大"))
    return number


def _kinds(row: Row, rules: dict[str, list[str]]) -> list[str] | None:
    """Whom the rule is for; both while there is no rule book yet that could tell."""
    code = row["rule_code"]
    if not rules:
        return [SubjectKind.PERSON, SubjectKind.SECTION]
    if code is not None and code not in rules:
        row.refuse("rule_code", _("没有规则编号%(no)s") % {"no": cells.shown(code)})
    return rules.get(code)


def kinds_by_code(unit: Unit) -> dict[str, list[str]]:
    """Whom the rules of a code are for, by compared code, in any version; the newest first."""
    rules = Rule.objects.filter(book__unit=unit).order_by("-book__version")
    found: dict[str, list[str]] = {}
    for code, kind in rules.values_list("code", "subject"):
        kinds = found.setdefault(cells.tight(code), [])
        if kind not in kinds:
            kinds.append(kind)
    return found


class Declared(Ledger):
    """Lines that people have dealt with here stay as they are."""

    sheet = "申报"
    columns: ClassVar = {
        "quarter": Column("季度", _quarter),
        "subject": Column("对象", cells.code),
        "rule_code": Column("规则编号", cells.code),
        "level": Column("级别", cells.choice(words.LEVELS), required=False, default=""),
        "quantity": Column("数量", _quantity, required=False, default=Decimal(1)),
        "matter": Column("事项", words.title),
        "document_no": Column("文件号", cells.at_most(100, cells.text), required=False, default=""),
        "document_on": Column("文件日期", cells.day, required=False),
        "checked": Column("初核", _checks, required=False),
        "verified": Column("核验", _checks, required=False),
    }
    model = Declaration
    has_version = True

    def check(self, row: Row, reading: Reading) -> None:
        subject, kinds = row["subject"], _kinds(row, reading.rules)
        row.cells |= {"person": None, "section": None}
        if subject is None or kinds is None:
            return
        known = {
            SubjectKind.PERSON: ("person", reading.roll.people),
            SubjectKind.SECTION: ("section", reading.roll.sections),
        }
        for kind in kinds:
            key, pks = known[kind]
            if subject in pks:
                row.cells[key] = pks[subject]
                return
        if kinds == [SubjectKind.SECTION]:
            row.refuse("subject", _("没有科室“%(name)s”") % {"name": cells.shown(subject)})
        elif kinds == [SubjectKind.PERSON]:
            row.refuse("subject", _("没有工号%(no)s") % {"no": cells.shown(subject)})
        else:
            text = _("“%(name)s”既不是工号，也不是科室") % {"name": cells.shown(subject)}
            row.refuse("subject", text)

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        # A quarter moves with its middle month, a line with its document.
        span = periods.quarter_span(record["quarter"])
        middle = moved_month(span.first.replace(month=span.first.month + 1), shift)
        document_on = shift(record["document_on"]) if record["document_on"] else None
        main = document_on if record["document_on"] else middle
        if main is None:
            return None
        level, matter = str(record["level"]), record["matter"]
        known = {
            "quarter": periods.quarter_of(middle or main),
            "person_id": record["person"],
            "section_id": record["section"],
            "rule_code": record["rule_code"],
            "level": level,
            "matter": matter,
            "document_no": record["document_no"],
            "document_on": document_on,
        }
        fixed = known | {
            "matter_key": reduced(matter),
            "imported": True,
            "mark": marker(*known.values()),
        }
        return Said(record.row, fixed, {"quantity": record["quantity"], "state": _state(record)})

    def there(self, unit: Unit, said, lock: bool):
        """Also lines declared here, which a workbook of the office lists once more."""
        rows = super().there(unit, said, lock)
        declared = defaultdict(list)
        online = Declaration.objects.filter(unit=unit, mark="").exclude(
            state__in=[State.DRAFT, State.WITHDRAWN]
        )
        for line in online.order_by("pk"):
            declared[_content(line.__dict__)].append(line)
        for key, one in said.items():
            if key not in rows and declared[_content(one.fixed)]:
                rows[key] = declared[_content(one.fixed)].pop(0)
        keys = [line.pk for line in rows.values()]
        moves = DeclarationMove.objects.filter(declaration__in=keys)
        moved = set(moves.values_list("declaration", flat=True))
        for line in rows.values():
            line.dealt_with = line.pk in moved
        return rows

    def may_change(self, thing: Declaration) -> bool:
        return not thing.dealt_with


def _content(values: dict) -> tuple:
    """What makes two lines the same, whether declared here or read from a workbook."""
    names = ("quarter", "person_id", "section_id", "rule_code", "level", "document_no")
    words = (cells.tight("" if values[name] is None else values[name]) for name in names)
    return (*words, values["document_on"], cells.plain(values["matter"]))


def _state(record: Record) -> str:
    """The outcome of the two checks; who made them a workbook does not tell."""
    checks = record["checked"], record["verified"]
    if False in checks:
        return State.REFUSED.value
    if all(checks):
        return State.CONFIRMED.value
    return (State.CHECKED if checks[0] else State.FILED).value
