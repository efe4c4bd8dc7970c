"""Who takes part in a round: kept by the personnel office while the round is prepared, confirmed
section by section by its chief, or by the office in the chief's stead."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices, periods
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Absence, Appointment, Section, SectionMembership, Staff
from scheme.offices import Office
from scheme.templatetags.look import listed as in_a_row
from stars.models import Participant, Round, SectionConfirmation

MAX_REASON = 100


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
        if len(reason) > MAX_REASON:
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
        dropped = _drop(round_, changed)
        if dropped:
            after["dropped"] = dropped
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
        after: dict[str, object] = {"added": [str(r) for r in rows]}
        dropped = _drop(round_, rows)
        if dropped:
            after["dropped"] = dropped
        audit.record(by, "participants.complete", round_, after=after)
    return len(rows)


# Confirmed by the sections


def sections_of(rows) -> dict[int | None, list[Participant]]:
    """The list's rows by the section they stand under today; None for people in no section."""
    people = [row.person_id for row in rows if row.person_id]
    place = dict(
        SectionMembership.objects.on(clock.today())
        .filter(staff__in=people)
        .values_list("staff_id", "section_id")
    )
    found: dict[int | None, list[Participant]] = {}
    for row in sorted(rows, key=lambda row: row.person_id is not None):
        found.setdefault(row.section_id or place.get(row.person_id), []).append(row)
    return found


def _drop(round_: Round, rows) -> list[str]:
    """Whoever confirmed these rows did so as they were."""
    gone = round_.confirmations.filter(section__in=[key for key in sections_of(rows) if key])
    names = [str(one) for one in gone.select_related("section")]
    gone.delete()
    return names


def unconfirmed(round_: Round) -> list[Section]:
    """Sections of which somebody takes part and nobody has confirmed the list; also those that
    somebody joined or left since."""
    concerned = {
        key
        for key, rows in sections_of(round_.participants.all()).items()
        if key and any(row.takes_part for row in rows)
    }
    confirmed = {row.section_id: clock.local(row.at).date() for row in round_.confirmations.all()}
    moved = SectionMembership.objects.filter(section__in=confirmed)
    if confirmed:
        since, today = min(confirmed.values()), clock.today()
        spans = (Q(start_on__gt=since, start_on__lte=today), Q(end_on__gt=since, end_on__lte=today))
        for section, start, end in moved.filter(spans[0] | spans[1]).values_list(
            "section_id", "start_on", "end_on"
        ):
            day = confirmed.get(section)
            if day and (day < start <= today or (end and day < end <= today)):
                del confirmed[section]
    return list(Section.objects.filter(pk__in=concerned - set(confirmed)))


@transaction.atomic
def confirm(
    pk: int, section: Section, *, by, reason: str = "", seen: int | None = None
) -> SectionConfirmation:
    """The section stands by its part of the list: its chief (or the chief's deputy); or the
    office in its stead, with a reason."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    anchor = Anchor(round_.unit_id, section_id=section.pk, state=Round.State.PREPARING)
    own = access.can(by, "round.confirm", anchor)
    if not own:
        access.require(by, "round.manage", round_.anchor())
    if seen is not None and round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新名单再确认。"))
    if round_.state != Round.State.PREPARING:
        raise Refused(_("这一轮已经开启，参加名单已封存。"), conflict=True)
    if section.pk not in sections_of(round_.participants.all()):
        raise Refused(_("名单里没有%(section)s。") % {"section": section})
    reason = "" if own else reason.strip()
    if not own and not reason:
        raise Refused(_("请写明为什么代%(section)s确认。") % {"section": section}, field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(_("理由请写在100字以内。"), field="reason")
    if round_.confirmations.filter(section=section).exists():
        if section not in unconfirmed(round_):
            raise Refused(_("%(section)s已经确认过。") % {"section": section}, conflict=True)
        round_.confirmations.filter(section=section).delete()
    confirmation = SectionConfirmation.objects.create(
        round=round_, section=section, by=by, reason=reason, at=clock.now()
    )
    audit.record(by, "participants.confirm", round_, after={"section": section.name}, reason=reason)
    return confirmation


@transaction.atomic
def ask(pk: int, *, by) -> list[Section]:
    """Asks the chiefs of the sections that have not confirmed to look the list over."""
    round_ = _preparing(pk, by)
    sections = unconfirmed(round_)
    if not sections:
        raise Refused(_("各科室都已经确认。"), conflict=True)
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section__in=sections
    )
    chiefs = list({row.staff_id: row.staff for row in held.select_related("staff")}.values())
    # Once a day and version: who is asked twice about the same list is told once.
    notices.tell_all(
        chiefs,
        f"round:{round_.pk}:confirm:{round_.version}:{clock.today()}",
        lambda: _("%(round)s：请核对本科室参加名单。") % {"round": round_},
        url=reverse("stars:round_confirm", args=[round_.pk]),
        icon="clipboard-document-check",
    )
    names = in_a_row(str(section) for section in sections)
    audit.record(by, "participants.ask", round_, after={"sections": names})
    return sections


def listed(round_: Round):
    """The list's rows as it is printed: people in office order."""
    return round_.participants.select_related("person", "section").order_by(
        "person__sort_weight", "person__staff_no", "section__position", "section"
    )


def grouped(round_: Round, rows) -> list[tuple[str, list[Participant]]]:
    """Section by section as of today: its own row first, then its people; last those in none."""
    found = sections_of(rows)
    sections = [(section.pk, section.name) for section in Section.objects.of_unit(round_.unit)]
    names = [*sections, (None, _("目前不在科室"))]
    return [(name, found[key]) for key, name in names if key in found]
