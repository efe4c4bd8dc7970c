"""Reads about declarations: what may be declared, what it is worth, on whose desk it lies.

A person's line is first checked by the chief of the person's section; a chief's own, one of a
section without another chief, and a section's line by the leader in charge. The personnel office
verifies. Nobody checks or verifies what they filed or what is about themselves, and who checked
first does not verify.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import BigIntegerField, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from scheme import access, clock
from scheme.models import Appointment, SectionMembership, Staff, Unit
from scheme.offices import Office
from scheme.roles import Role
from scoring.formulas import half_up
from scoring.models import Declaration, DeclarationWindow, Rule, RuleBook, Tier
from scoring.models.rulebook import Trigger

State = Declaration.State


# --- What may be declared, and what it is worth


def window_of(unit: Unit, quarter: str) -> DeclarationWindow | None:
    return DeclarationWindow.objects.filter(unit=unit, quarter=quarter).first()


def open_windows(unit: Unit) -> QuerySet[DeclarationWindow]:
    return DeclarationWindow.objects.of_unit(unit).open_on(clock.today())


def declarable_rules(unit: Unit, kind: str, day: date) -> list[Rule]:
    """Rules for declarations by a person or a section (`kind`), of the book in force on that day.

    Each with `tiers` that are switched on; a rule without one is left out.
    """
    book = RuleBook.objects.in_force(unit, day)
    if book is None:
        return []
    return list(_switched_on(book.rules.filter(subject=kind)))


def _switched_on(rules: QuerySet[Rule]) -> QuerySet[Rule]:
    on = Tier.objects.filter(enabled=True)
    return (
        rules.filter(Exists(on.filter(rule=OuterRef("pk"))), trigger=Trigger.DECLARED)
        .select_related("star", "book")
        .prefetch_related(Prefetch("tiers", on))
    )


def worth(declaration: Declaration) -> Decimal | None:
    """Points × quantity by the book in force on the document's day; None when no tier fits."""
    return worths([declaration])[declaration.pk]


def worths(declarations: Iterable[Declaration]) -> dict[int | None, Decimal | None]:
    """`worth` of many, by their keys, in a constant number of queries."""
    declarations = list(declarations)
    rules = rules_of(declarations)
    found = {}
    for one in declarations:
        tier = fitting(rules.get(one.pk), one.level)
        found[one.pk] = half_up(tier.points * one.quantity) if tier else None
    return found


def rules_of(declarations: Iterable[Declaration]) -> dict[int | None, Rule]:
    """The rule of each, as it stood on the document's day (today while no document is named)."""
    declarations = list(declarations)
    units = {one.unit_id for one in declarations}
    books = list(
        RuleBook.objects.holding().filter(unit__in=units).order_by("in_force_from", "version")
    )
    codes = {one.rule_code for one in declarations}
    rules = {
        (rule.book_id, rule.code, rule.subject): rule
        for rule in _switched_on(Rule.objects.filter(book__in=books, code__in=codes))
    }
    found = {}
    for one in declarations:
        day = one.document_on or clock.today()
        in_force = [b for b in books if b.unit_id == one.unit_id and b.in_force_from <= day]
        kind = "person" if one.person_id else "section"
        key = (in_force[-1].pk if in_force else None, one.rule_code, kind)
        if key in rules:
            found[one.pk] = rules[key]
    return found


def fitting(rule: Rule | None, level: str) -> Tier | None:
    """No two tiers of a rule fit the same level; an empty one fits any."""
    tiers = rule.tiers.all() if rule else ()
    return next((tier for tier in tiers if tier.level in ("", level)), None)


# --- On whose desk it lies


def with_checker(rows: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Adds `home_id`, the section whose chief or leader checks first, and `by_leader`: is it the
    leader's? The subject of a person's line heads the section, or nobody else does."""
    today = clock.today()
    stay = SectionMembership.objects.filter(staff=OuterRef("person"), start_on__lte=today)
    latest = Subquery(stay.order_by("-start_on").values("section")[:1])
    heads = Appointment.objects.on(today).filter(
        office=Office.SECTION_CHIEF, section=OuterRef("home_id")
    )
    return rows.annotate(
        home_id=Coalesce("section_id", latest, output_field=BigIntegerField())
    ).annotate(
        by_leader=Q(section__isnull=False)
        | Exists(heads.filter(staff=OuterRef("person")))
        | ~Exists(heads.exclude(staff=OuterRef("person"))),
    )


def to_check_by(person: Staff) -> QuerySet[Declaration]:
    """Filed, and for this person to check first."""
    heads = access.places(person, Role.CHIEF)
    leads = access.places(person, Role.LEADER)
    rows = Declaration.objects.filter(unit_id=person.unit_id, imported=False, state=State.FILED)
    others = rows.exclude(person=person).exclude(filed_by=person)
    return with_checker(others).filter(
        Q(by_leader=False, home_id__in=heads) | Q(by_leader=True, home_id__in=leads)
    )


def may_check(person: Staff, declaration: Declaration) -> bool:
    """Is the first check this person's, now that it is filed? See `is_first_check_of`."""
    if declaration.state != State.FILED or declaration.imported:
        return False
    row = declaration
    if not hasattr(row, "by_leader"):
        row = with_checker(Declaration.objects.all()).get(pk=declaration.pk)
    return not is_own(person, row) and is_first_check_of(person, row)


def is_first_check_of(person: Staff, row: Declaration) -> bool:
    """By office alone, whatever the line's state and whosever it is. Wants `with_checker`."""
    verb = "declaration.check_chief" if row.by_leader else "declaration.check"
    return access.can(person, verb, row.anchor(row.home_id)._replace(state=State.FILED))


def is_own(person: Staff, declaration: Declaration) -> bool:
    return person.pk in (declaration.person_id, declaration.filed_by_id)


def to_verify_by(person: Staff) -> QuerySet[Declaration]:
    """Checked first, and for this person to verify against the document."""
    if not access.has_role(person, Role.PERSONNEL):
        return Declaration.objects.none()
    rows = Declaration.objects.filter(unit_id=person.unit_id, imported=False, state=State.CHECKED)
    return rows.exclude(person=person).exclude(filed_by=person).exclude(checked_by=person)


def may_verify(person: Staff, declaration: Declaration) -> bool:
    return (
        declaration.state == State.CHECKED
        and not declaration.imported
        and access.can(person, "declaration.verify", declaration.anchor())
        and not is_own(person, declaration)
        and person.pk != declaration.checked_by_id
    )


def may_revoke(person: Staff, declaration: Declaration) -> bool:
    """Four eyes: who verified does not take it back alone."""
    return (
        declaration.state == State.CONFIRMED
        and not declaration.imported
        and access.can(person, "declaration.revoke", declaration.anchor())
        and not is_own(person, declaration)
        and person.pk != declaration.verified_by_id
    )


def may_edit(person: Staff, declaration: Declaration) -> bool:
    """One's own line, or that of the section one heads, while it is a draft or sent back."""
    return (
        declaration.state in (State.DRAFT, State.RETURNED)
        and not declaration.imported
        and writes(person, declaration)
    )


def may_withdraw(person: Staff, declaration: Declaration) -> bool:
    return (
        declaration.state in (State.DRAFT, State.RETURNED, State.FILED)
        and not declaration.imported
        and writes(person, declaration)
    )


def writes(person: Staff, declaration: Declaration) -> bool:
    """Is it for this person to write, whatever its state?"""
    verb = "declaration.file" if declaration.person_id else "declaration.file_section"
    return access.can(person, verb, declaration.anchor()._replace(state=State.DRAFT))


# --- Who is asked


def checkers_of(declaration: Declaration) -> list[Staff]:
    """Everybody whose first check it is today."""
    row = with_checker(Declaration.objects.all()).get(pk=declaration.pk)
    office = Office.LEADER_IN_CHARGE if row.by_leader else Office.SECTION_CHIEF
    return [one for one in _holders(office, section=row.home_id) if not is_own(one, row)]


def personnel_of(unit_id: int) -> list[Staff]:
    """The members of the personnel office today."""
    return _holders(Office.PERSONNEL_OFFICE, staff__unit=unit_id)


def chiefs_of(unit_id: int) -> list[Staff]:
    """Whoever heads a section today."""
    return _holders(Office.SECTION_CHIEF, staff__unit=unit_id)


def _holders(office: str, **where) -> list[Staff]:
    today = clock.today()
    held = Appointment.objects.on(today).filter(office=office, **where)
    here = Staff.objects.on_roll(today).filter(is_active=True)
    return list(here.filter(pk__in=held.values("staff")).order_by("pk"))
