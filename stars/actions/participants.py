"""Who takes part in a round. The personnel office confirms it while the round is prepared."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from scheme import access, audit, clock, periods
from scheme.errors import Refused, Stale
from scheme.models import Absence, Section, SectionMembership, Staff
from stars.models import Participant, Round


def expected(unit, half: str) -> list[Participant]:
    """The list as the roster of today has it, not saved: every subject of the half-year who is
    still on the roll, and every section; with a reason where someone does not take part."""
    today = clock.today()
    people = (
        Staff.objects.of_unit(unit)
        .subjects(*periods.half_span(half))
        .on_roll(today)
        .with_section(today)
        .in_office_order()
    )
    away = dict(
        Absence.objects.filter(staff__unit=unit, end_on=None, start_on__lte=today)
        .order_by("start_on")
        .values_list("staff_id", "kind")
    )
    reasons = {
        Absence.Kind.SECONDMENT: _("借调在外"),
        Absence.Kind.TRAVEL: _("长期出差在外"),
        Absence.Kind.LEAVE: _("长期请假"),
    }
    found, manned = [], set()
    for person in people:
        reason = reasons[away[person.pk]] if person.pk in away else ""
        if person.section_id is None:
            reason = reason or _("目前不在科室")
        manned.add(person.section_id)
        found.append(Participant(person=person, takes_part=not reason, reason=reason))
    sections = Section.objects.of_unit(unit).filter(Q(closed_on=None) | Q(closed_on__gt=today))
    for section in sections:
        reason = "" if section.pk in manned else _("科室目前没有人")
        found.append(Participant(section=section, takes_part=not reason, reason=reason))
    return found


def absent_from(round_: Round) -> list[Participant]:
    """Whom the roster has and the round's list has not; and the other way round is harmless:
    nobody nominates those who have left."""
    listed = set(round_.participants.values_list("person_id", "section_id"))
    return [
        row
        for row in expected(round_.unit, round_.half)
        if (row.person_id, row.section_id) not in listed
    ]


def _preparing(pk: int, by, seen: int | None = None) -> Round:
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    access.require(by, "round.manage", round_.anchor())
    if seen is not None and round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再办。"))
    if round_.state != Round.State.PREPARING:
        raise Refused(_("这一轮已经开启，参加名单已封存，不能再改。"))
    return round_


def _touch(round_: Round) -> None:
    """The list is part of what is sealed: whoever opens the round must have seen this one."""
    Round.objects.filter(pk=round_.pk).update(version=F("version") + 1)
    round_.refresh_from_db(fields=["version"])


@transaction.atomic
def set_(pk: int, changes: Mapping[int, tuple[bool, str]], *, by, seen: int | None = None) -> Round:
    """`changes`: participant → (takes part, reason if not). Rows that stay the same are left."""
    round_ = _preparing(pk, by, seen)
    rows = round_.participants.select_related("person", "section").in_bulk(list(changes))
    before, after, changed = {}, {}, []
    for key, (takes_part, reason) in changes.items():
        row = rows.get(key)
        if row is None:
            raise Refused(_("名单里没有这一行，请刷新后再改。"), conflict=True)
        reason = "" if takes_part else reason.strip()
        if not takes_part and not reason:
            raise Refused(_("请写明%(who)s不参加的原因。") % {"who": row}, field=f"reason-{row.pk}")
        if len(reason) > 100:
            raise Refused(
                _("%(who)s的原因请写在100字以内。") % {"who": row}, field=f"reason-{row.pk}"
            )
        if (row.takes_part, row.reason) == (takes_part, reason):
            continue
        before[str(row)] = row.reason or True
        row.takes_part, row.reason = takes_part, reason
        after[str(row)] = row.reason or True
        changed.append(row)
    if changed:
        Participant.objects.bulk_update(changed, ["takes_part", "reason"])
        _touch(round_)
        audit.record(by, "participants.set", round_, before=before, after=after)
    return round_


@transaction.atomic
def complete(pk: int, *, by) -> int:
    """Adds whom the roster has gained since the list was made. Answers how many."""
    round_ = _preparing(pk, by)
    rows = absent_from(round_)
    for row in rows:
        row.round = round_
    Participant.objects.bulk_create(rows)
    if rows:
        _touch(round_)
        audit.record(by, "participants.complete", round_, after={"added": [str(r) for r in rows]})
    return len(rows)


def listed(round_: Round):
    """The list's rows as it is printed: people in office order."""
    return round_.participants.select_related("person", "section").order_by(
        "person__sort_weight", "person__staff_no", "section__position", "section"
    )


def grouped(round_: Round, rows) -> list[tuple[str, list[Participant]]]:
    """Section by section as of today: its own row first, then its people; last those in none."""
    today = clock.today()
    people = [row.person_id for row in rows if row.person_id]
    place = dict(
        SectionMembership.objects.on(today)
        .filter(staff__in=people)
        .values_list("staff_id", "section_id")
    )
    sections = Section.objects.of_unit(round_.unit)
    groups: dict[int | None, list[Participant]] = {section.pk: [] for section in sections}
    groups[None] = []
    for row in sorted(rows, key=lambda row: row.person_id is not None):
        groups[row.section_id or place.get(row.person_id)].append(row)
    names = {section.pk: section.name for section in sections} | {None: _("目前不在科室")}
    return [(names[key], found) for key, found in groups.items() if found]
