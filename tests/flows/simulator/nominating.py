"""Preparing and opening the round, and the sections putting forward, with what goes wrong."""

from datetime import date
from functools import partial

from django.core.exceptions import PermissionDenied

from scheme import clock as house_clock
from scheme.actions import restrictions
from scheme.errors import Refused
from scheme.models import Appointment, Star
from scheme.offices import Office
from stars.actions import nominations, participants, rounds
from stars.models import Nomination, Round
from tests.factories import again, appoint
from tests.flows.simulator import rules as drawn
from tests.flows.simulator.books import score
from tests.flows.simulator.mishaps import cut_off, refused
from tests.flows.simulator.oracle import Item
from tests.flows.simulator.world import HALF

STATEMENT = "半年来手头工作日清日结，急难任务主动承担，材料一次过关，群众和基层都说好。"
S = Nomination.State


def open_round(play) -> None:
    """From nothing to nominating: rules drawn, list confirmed section by section, sealed."""
    w, office = play.w, again(play.w.personnel[0])
    play.round = rounds.prepare(w.unit, HALF, by=office)
    refused(lambda: rounds.prepare(w.unit, HALF, by=office), Refused)
    play.round = rounds.plan(
        play.round.pk, by=office, seen=play.round.version,
        **drawn.as_planned(play.round, play.rules),
    )  # fmt: skip
    refused(lambda: rounds.open_(play.round.pk, by=office, seen=play.fresh().version), Refused)
    _excuse(play, office)
    for section in w.sections:
        chief = again(w.chief[section.pk])
        participants.confirm(play.round.pk, section, by=chief)
    stranger = again(w.chief[w.sections[0].pk])

    def open_it(by=office):
        return rounds.open_(play.round.pk, by=by, seen=play.fresh().version)

    refused(lambda: open_it(stranger), PermissionDenied)
    cut_off(w.rng, open_it)
    play.round = open_it()
    refused(open_it, Refused)
    assert play.fresh().state == Round.State.NOMINATING


def _excuse(play, office) -> None:
    """Two people take no part, and two are barred."""
    w = play.w
    plain = [one for one in w.people if w.homes[one.pk] and one not in w.chief.values()]
    away, barred = w.rng.sample(plain, 2), w.rng.sample(plain, 2)
    rows = play.round.participants.in_bulk()
    changes = {
        key: (False, "驻村") for key, row in rows.items() if row.person_id in {p.pk for p in away}
    }
    participants.set_(play.round.pk, changes, by=office)
    for person in barred:
        restrictions.record(
            person, by=again(w.personnel[1] if person != w.personnel[1] else w.personnel[0]),
            kind="admonition", since=date(2026, 5, 1), until=date(2026, 11, 1),
            authority="机关纪委〔2026〕3号",
        )  # fmt: skip
    play.out = {one.pk for one in away}
    play.barred = {one.pk for one in barred}


def put_forward(play) -> None:
    """Every section for some of its places; one chief moves in the middle of it."""
    w = play.w
    for n, section in enumerate(w.rng.sample(w.sections, len(w.sections))):
        if n == 3:
            _change_chief(play, w.sections[0])
        for star in drawn.STARS:
            for kind in ("person", "section"):
                if w.rng.random() < 0.7:
                    _one(play, section, star, kind)
    _too_many(play)


def _one(play, section, star: str, kind: str) -> None:
    w = play.w
    chief = again(w.chief[section.pk])
    person = None
    if kind == "person":
        today = house_clock.today()
        people = [p for p in w.members(section.pk, today) if p.pk not in play.taken]
        person = w.rng.choice(people)
    given = {
        "by": chief, "star": Star.objects.get(pk=star), "kind": kind, "person": person,
        "section": section, "statement": STATEMENT,
    }  # fmt: skip

    if person and person.pk in play.out | play.barred:
        refused(lambda: _save_and_submit(play, given), Refused)
        return
    nomination = nominations.save(play.round.pk, **given)
    play.taken |= {person.pk} if person else set()

    def submit():
        now = Nomination.objects.get(pk=nomination.pk)
        return nominations.submit(now.pk, by=chief, seen=now.version)

    if w.rng.random() < 0.2:
        cut_off(w.rng, submit)
    if w.rng.random() < 0.1:
        # Written and never submitted: the end of the stage takes it back.
        play.drafts.add(nomination.pk)
        return
    seen = nomination.version
    submit()
    refused(lambda: nominations.submit(nomination.pk, by=chief, seen=seen), Refused)
    _sent_back(play, nomination.pk, chief, submit)
    _note(play, nomination.pk, star, kind, person, section, chief)


def _save_and_submit(play, given) -> None:
    nomination = nominations.save(play.round.pk, **given)
    nominations.submit(nomination.pk, by=given["by"], seen=nomination.version)


def _sent_back(play, pk, chief, submit) -> None:
    office = again(play.w.personnel[0])
    if play.w.rng.random() < 0.15 and office.pk != chief.pk:
        one = Nomination.objects.get(pk=pk)
        nominations.return_(pk, by=office, reason="写明成效", seen=one.version)
        refused(
            lambda: nominations.return_(pk, by=office, reason="再退", seen=one.version), Refused
        )
        submit()


def _note(play, pk, star, kind, person, section, chief) -> None:
    w = play.w
    subject = ("person", person.pk) if person else ("section", section.pk)
    card = play.cards.get((*subject, star))
    play.items[pk] = Item(
        pk=pk, star=star, kind=kind, person=person.pk if person else None, section=section.pk,
        by=chief.pk, score=score(card) if card else 0, deductions=card[1] if card else 0,
        branch=w.branch_of[person.pk] if person else _branch_of_most(w, section.pk),
    )  # fmt: skip


def _branch_of_most(w, section: int) -> int:
    """Of equals the one listed first."""
    counts = {branch.pk: 0 for branch in w.branches}
    for person in w.members(section, house_clock.today()):
        counts[w.branch_of[person.pk]] += 1
    return max(counts, key=lambda pk: (counts[pk], -[b.pk for b in w.branches].index(pk)))


def _change_chief(play, section) -> None:
    """The chief hands over to somebody of the section; what was written stays the section's."""
    w, today = play.w, house_clock.today()
    old = w.chief[section.pk]
    free = {*(one.pk for one in w.personnel), *(one.pk for one in w.secretaries.values())}
    new = w.rng.choice([p for p in w.members(section.pk, today) if p != old and p.pk not in free])
    Appointment.objects.filter(
        staff=old, office=Office.SECTION_CHIEF, section=section, end_on=None
    ).update(end_on=today)
    appoint(new, Office.SECTION_CHIEF, section=section, start_on=today)
    w.chief[section.pk] = new
    draft = Nomination.objects.filter(section=section, state=S.DRAFT).first()
    if draft:
        refused(
            lambda: nominations.submit(draft.pk, by=again(old), seen=draft.version),
            PermissionDenied,
        )


def _too_many(play) -> None:
    """A second nomination of one kind for one star is over the section's share."""
    w = play.w
    for item in play.items.values():
        if item.kind == "section":
            continue
        taken = play.taken | play.out | play.barred
        today = house_clock.today()
        free = [p for p in w.members(item.section, today) if p.pk not in taken]
        if free:
            given = {
                "by": again(w.chief[item.section]), "star": Star.objects.get(pk=item.star),
                "kind": "person", "person": free[0], "statement": STATEMENT,
                "section": next(s for s in w.sections if s.pk == item.section),
            }  # fmt: skip
            refused(partial(_save_and_submit, play, given), Refused)
            return
