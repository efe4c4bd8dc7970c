"""What a declaration line must say. Raises Refused at the field, in the declarer's words."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from ledgers.models import Level
from ledgers.titles import reduced
from scheme import clock
from scheme.errors import Refused
from scheme.imports.cells import tight
from scheme.models import SectionMembership
from scheme.templatetags.look import ymd
from scoring import declaring
from scoring.formulas import half_up
from scoring.models import Declaration, DeclarationProof

MOST_QUANTITY = Decimal(999)
MOST_MATTER, MOST_NUMBER, MOST_NOTE = 500, 100, 200
EARLIEST = date(2000, 1, 1)

State = Declaration.State
# Lines that count, or may yet.
DEAD = (State.REFUSED, State.WITHDRAWN)


def check_content(line: Declaration) -> None:
    """What holds for a draft already: each thing that is said makes sense by the rule book."""
    line.matter, line.note = line.matter.strip(), line.note.strip()
    line.document_no = line.document_no.strip()
    line.matter_key = reduced(line.matter)
    _check_texts(line)
    _check_day(line)
    rule = declaring.rules_of([line]).get(line.pk)
    if rule is None:
        raise Refused(
            _("%(day)s施行的细则里没有可以申报的“%(code)s”，请重新选规则或核对文件日期。")
            % {"day": ymd(line.document_on or clock.today()), "code": line.rule_code},
            field="rule_code",
        )
    tier = declaring.fitting(rule, line.level)
    if line.level not in ("", *Level.values) or tier is None:
        raise Refused(_("这条规则没有这个级别，请重新选级别。"), field="level")
    _check_quantity(line.quantity)
    if not half_up(tier.points * line.quantity):
        raise Refused(_("数量太小，折合不到0.01分。"), field="quantity")


def _check_texts(line: Declaration) -> None:
    limits = {"matter": MOST_MATTER, "document_no": MOST_NUMBER, "note": MOST_NOTE}
    for field, limit in limits.items():
        text = getattr(line, field)
        if len(text) > limit:
            raise Refused(_("超过%(n)s字，请写短些。") % {"n": limit}, field=field)
        if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text):
            raise Refused(_("含有不可见的控制字符，请删去后重写。"), field=field)
    if not line.matter_key:
        raise Refused(_("写明申报的事项。"), field="matter")


def _check_day(line: Declaration) -> None:
    day = line.document_on
    if day is None:
        return
    if day > clock.today():
        raise Refused(_("文件日期还没到，请核对。"), field="document_on")
    if day < EARLIEST:
        raise Refused(_("文件日期的年份不对，请核对。"), field="document_on")


def _check_quantity(quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise Refused(_("数量要大于0。"), field="quantity")
    if quantity > MOST_QUANTITY:
        raise Refused(_("数量最多%(n)s。") % {"n": MOST_QUANTITY}, field="quantity")
    if quantity.normalize().as_tuple().exponent < -8:
        raise Refused(_("数量最多8位小数。"), field="quantity")


def check_complete(line: Declaration, proofs: list[DeclarationProof]) -> None:
    """What it takes to file: the document is named and lies here, and the subject was there."""
    if not line.document_no:
        raise Refused(_("写上文件号，核验要对照原件。"), field="document_no")
    if line.document_on is None:
        raise Refused(_("写上文件日期，计分按文件日期。"), field="document_on")
    if not proofs:
        raise Refused(_("没有佐证不计分：请先上传至少一份佐证材料。"), field="file")
    if line.person_id and not _was_there(line):
        raise Refused(
            _("%(day)s您不在册或不在任何科室，这份文件不能申报。") % {"day": ymd(line.document_on)},
            field="document_on",
        )


def _was_there(line: Declaration) -> bool:
    day, person = line.document_on, line.person
    held = SectionMembership.objects.on(day).filter(staff=person)
    on_roll = person.joined_on <= day and (person.left_on is None or person.left_on > day)
    return on_roll and held.exists()


def check_unique(line: Declaration, files: list[int]) -> None:
    """No two living lines of one subject and rule rest on the same document or the same file.

    The subject's row is held by whoever asks: two lines at once cannot pass each other by.
    """
    others = (
        Declaration.objects.filter(unit=line.unit_id, rule_code=line.rule_code)
        .filter(person=line.person_id, section=line.section_id)
        .exclude(state__in=DEAD)
        .exclude(pk=line.pk)
        .order_by("pk")
    )
    number = tight(line.document_no).casefold()
    for other in others if number else ():
        if tight(other.document_no).casefold() == number:
            raise Refused(
                _("同一规则下已用文件%(document)s申报过“%(matter)s”（%(quarter)s，%(state)s）。")
                % _named(other),
                field="document_no",
            )
    proof = (
        DeclarationProof.objects.filter(declaration__in=others, file__in=files)
        .select_related("declaration")
        .order_by("declaration")
        .first()
    )
    if proof:
        raise Refused(
            _("同一份材料已用来申报同一规则下的“%(matter)s”（%(quarter)s，%(state)s）。")
            % _named(proof.declaration),
            field="file",
        )


def _named(other: Declaration) -> dict:
    return {
        "matter": other.matter,
        "document": other.document_no,
        "quarter": other.quarter,
        "state": other.get_state_display(),
    }
