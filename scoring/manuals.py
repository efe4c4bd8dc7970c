"""What may be recorded by hand, and who decides on it. The acts stand in actions/manual.py."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme import clock, periods
from scheme.access import Anchor, can
from scheme.errors import Refused
from scheme.models import Section, SectionMembership, Staff
from scheme.templatetags.look import ymd
from scoring.actions import rulebooks
from scoring.formulas import CENT
from scoring.models import ManualEntry, Rule, RuleBook
from scoring.models.rulebook import SubjectKind, Trigger


def ledger_of(source: str) -> str:
    """Where the fact stands that an entry of this source came from, in the reader's words."""
    return {
        "base": _("花名册"),
        "report": _("日报"),
        "summary": _("月结台账"),
        "study": _("学习台账"),
        "talk": _("讲课台账"),
        "writing": _("信息宣传台账"),
        "task": _("重点任务台账"),
        "returned": _("督办台账"),
        "named": _("督办台账"),
        "promotion": _("创新台账"),
        "declared": _("申报"),
    }.get(source.partition(":")[0], _("台账"))


def may_read(person: Staff) -> bool:
    """The personnel office, and the leaders in charge of its own sections."""
    places = (None, *rulebooks.approvers_sections(person.unit))
    return any(can(person, "manual.read", Anchor(person.unit_id, section_id=s)) for s in places)


def may_decide(by: Staff, manual: ManualEntry) -> bool:
    """Is it one of the leaders in charge of the personnel office, with no part in the matter?"""
    return bool(for_decision(by, [manual]))


def for_decision(by: Staff, rows: Iterable[ManualEntry]) -> list[ManualEntry]:
    """Those of the rows, all of one unit, that this person may decide on."""
    sections = rulebooks.approvers_sections(by.unit)
    return [
        row
        for row in rows
        if by.pk not in (row.proposed_by_id, row.person_id)
        and any(can(by, "manual.decide", row.anchor(section)) for section in sections)
    ]


def rule_for(manual: ManualEntry) -> Rule:
    """The rule by which the entry counts, or what is wrong with the entry."""
    day = manual.event_on
    if day > clock.today():
        raise Refused(_("还没有发生的事不能记分。"), field="event_on")
    _refuse_stranger(manual)
    book = RuleBook.objects.in_force(manual.unit, day)
    rule = book and book.rules.filter(code=manual.rule_code).first()
    subject = SubjectKind.PERSON if manual.person_id else SubjectKind.SECTION
    if not rule or not rule.tiers.filter(enabled=True).exists():
        raise Refused(
            _("%(day)s施行的细则里没有启用%(code)s。")
            % {"day": ymd(day), "code": manual.rule_code},
            field="rule_code",
        )
    if rule.subject != subject:
        raise Refused(
            _("%(code)s是%(kind)s的规则。")
            % {"code": rule.code, "kind": SubjectKind(rule.subject).label},
            field="rule_code",
        )
    if rule.trigger == Trigger.BASE:
        raise Refused(_("基础分值随花名册走，不能手工记。"), field="rule_code")
    _refuse_points(manual.points, rule)
    return rule


def _refuse_stranger(manual: ManualEntry) -> None:
    day, text = manual.event_on, None
    if manual.person:
        held = SectionMembership.objects.on(day).filter(staff=manual.person)
        rows = Staff.objects.filter(pk=manual.person.pk, unit=manual.unit).on_roll(day)
        if not rows.exists() or not held.exists():
            text = _("%(name)s%(day)s不在册，或者不在科室，记不了分。")
            text = text % {"name": manual.person.name, "day": ymd(day)}
    else:
        closed = manual.section.closed_on
        if manual.section.unit_id != manual.unit_id or (closed and closed <= day):
            text = _("%(name)s%(day)s已经撤销，记不了分。")
            text = text % {"name": manual.section.name, "day": ymd(day)}
    if text:
        raise Refused(text, field="event_on")


def _refuse_points(points: Decimal, rule: Rule) -> None:
    if points != points.quantize(CENT):
        raise Refused(_("分值最多两位小数。"), field="points")
    if points == 0 or (points < 0) != (rule.kind == PointEntry.Kind.DEDUCTION):
        if rule.kind == PointEntry.Kind.DEDUCTION:
            raise Refused(_("扣分情形要写负数。"), field="points")
        raise Refused(_("加分事项要写正数。"), field="points")
    caps = [cap for cap in (rule.cap_item, rule.cap_quarter, rule.cap_half) if cap is not None]
    if caps and abs(points) > min(caps):
        raise Refused(
            _("%(code)s一笔最多%(cap)s分。") % {"code": rule.code, "cap": min(caps)}, field="points"
        )


def rules_to_choose(unit, kind: str) -> list[Rule]:
    """The rules of that kind of subject by which something may be recorded now; of a code that
    stands in several versions the newest."""
    rows = (
        Rule.objects.filter(
            book__in=RuleBook.objects.holding().filter(unit=unit, in_force_from__lte=clock.today()),
            subject=kind,
            tiers__enabled=True,
        )
        .exclude(trigger=Trigger.BASE)
        .select_related("star")
        .prefetch_related("tiers")
        .order_by("book__in_force_from", "book__version")
        .distinct()
    )
    found = {rule.code: rule for rule in rows}
    return sorted(found.values(), key=lambda rule: (rule.star.position, rule.position))


def titles(unit, codes) -> dict[str, str]:
    """What the rules of these codes are about, by their newest version."""
    rows = Rule.objects.filter(book__unit=unit, code__in=set(codes)).order_by("book__version")
    return dict(rows.values_list("code", "title"))


def find(person: Staff, asked: str) -> tuple[list[Staff], list[Section]]:
    """Who may be meant: people of this half-year or the one before by name, number or pinyin, and
    sections by name. A few of each, however large the department."""
    today, key = clock.today(), asked.lower()
    since = periods.half_span(periods.half_before(today)).first
    people = (
        Staff.objects.visible_to(person)
        .subjects(since, today + timedelta(days=1))
        .exclude(pk=person.pk)
        .with_section(today)
        .filter(
            Q(name__contains=asked)
            | Q(staff_no__icontains=asked)
            | Q(name_key__startswith=key)
            | Q(name_key__contains=f" {key}")
        )
        .in_office_order()[:20]
    )
    sections = Section.objects.visible_to(person).filter(name__contains=asked)
    return list(people), list(sections[:10])
