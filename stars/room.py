"""What the room may see of a sitting: its items in order, where each stands, and who is awaited on
the open one. Never what lies in an open box.

Made for one viewer: an item they stand back from has here neither name nor count.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from scheme import access
from stars import counting
from stars.ballots import Sitting, count_of
from stars.models import Box, Elector, Meeting, Minutes, Nomination, Round, Seat, WrittenOpinion

WAITING, VOTING, PASSED, FAILED, DEFERRED = "waiting", "voting", "passed", "failed", "deferred"
DECIDED = (PASSED, FAILED)
# Kind of the status component, and its icon where the kind's own will not do.
KINDS = {WAITING: "done", VOTING: "warn", PASSED: "ok", FAILED: "bad", DEFERRED: "warn"}
ICONS = {WAITING: "clock", VOTING: "pencil-square", DEFERRED: "pause"}


def word_of(standing: str) -> str:
    match standing:
        case "voting":
            return _("表决中")
        case "passed":
            return _("通过")
        case "failed":
            return _("未通过")
        case "deferred":
            return _("缓议")
    return _("待议")


@dataclass
class Item:
    """One nomination on the agenda. `hidden`: from the viewer, who stands back from it."""

    nomination: Nomination
    number: int
    standing: str
    hidden: bool
    recused: list[tuple[Seat, str]]
    places: int
    # The last closed one; the result that counts.
    box: Box | None = None
    boxes: list[Box] = field(default_factory=list)

    @property
    def word(self) -> str:
        return word_of(self.standing)

    @property
    def kind(self) -> str:
        return KINDS[self.standing]

    @property
    def icon(self) -> str:
        return ICONS.get(self.standing, "")

    @property
    def is_decided(self) -> bool:
        return self.standing in DECIDED

    @property
    def void(self) -> int:
        return sum(one.state == Box.State.VOID for one in self.boxes)

    @property
    def is_reconsidered(self) -> bool:
        return any(one.reconsiders_id for one in self.boxes)

    @property
    def betrays(self) -> bool:
        """Do the figures of a secret ballot tell what somebody voted?"""
        return bool(self.box and self.box.secret and counting.betrays(count_of(self.box)))


class Room:
    def __init__(self, round_: Round, viewer=None):
        self.round, self.viewer = round_, viewer
        self.sitting = Sitting(round_)
        self.meetings = self.sitting.meetings
        # The one called or going on; else the last one that was closed.
        self.meeting: Meeting | None = self.sitting.meeting
        self.open_box: Box | None = self.sitting.open_box
        self.items = [self._item(n, one) for n, one in enumerate(self.sitting.nominations, 1)]

    def _item(self, number: int, one: Nomination) -> Item:
        why = self.sitting.recusals.get(one.pk, {})
        return Item(
            one,
            number,
            self._standing(one),
            self._hides(one),
            [(seat, why.get(seat.staff_id, "")) for seat in self.sitting.recused(one)],
            self.sitting.places.get((one.star_id, one.kind), 0),
            self.sitting.counted(one),
            self.sitting.boxes.get(one.pk, []),
        )

    def _standing(self, one: Nomination) -> str:
        if self.sitting.is_on(one):
            return VOTING
        if not self.sitting.is_decided(one):
            return WAITING
        if self.sitting.passed(one):
            return PASSED
        return DEFERRED if self.sitting.deferred(one) else FAILED

    def _hides(self, one: Nomination) -> bool:
        """From whoever stands back, and from the nominee, whatever they are here."""
        if self.viewer is None:
            return False
        recused = self.viewer.pk in self.sitting.recusals.get(one.pk, {})
        return recused or self.viewer.pk == one.person_id

    def may_be_led_by(self, person) -> bool:
        """The office, the committee's chair, or the member who presides in the chair's stead."""
        presides = self.meeting is not None and self.meeting.chair_id == person.pk
        verb = "vote.cast" if presides else "sitting.lead"
        return access.can(person, verb, self.round.anchor())

    # --- The meeting

    @property
    def is_called(self) -> bool:
        return self.meeting is not None and self.meeting.state == Meeting.State.CALLED

    @property
    def is_open(self) -> bool:
        return self.meeting is not None and self.meeting.state == Meeting.State.OPEN

    @property
    def is_arranged(self) -> bool:
        meeting = self.meeting
        return bool(meeting and meeting.held_on and meeting.place and meeting.chair_id)

    @cached_property
    def shown(self) -> list[Item]:
        return [item for item in self.items if not item.hidden]

    @property
    def hidden(self) -> int:
        return len(self.items) - len(self.shown)

    @property
    def undecided(self) -> list[Item]:
        """Still to be put to the vote, the one that is on left out."""
        return [item for item in self.items if item.standing == WAITING]

    @property
    def next_item(self) -> Item | None:
        return next(iter(self.undecided), None)

    @property
    def open_item(self) -> Item | None:
        return next((item for item in self.items if item.standing == VOTING), None)

    @cached_property
    def last_item(self) -> Item | None:
        """What was decided last."""
        closed = [item for item in self.items if item.box and item.standing != VOTING]
        return max(closed, key=lambda item: item.box.closed_at, default=None)

    # --- The open ballot

    @cached_property
    def electors(self) -> list[Elector]:
        """Of the open ballot, in the order of the seats."""
        if self.open_box is None:
            return []
        order = {seat.staff_id: n for n, seat in enumerate(self.sitting.seats)}
        rows = self.sitting.electors[self.open_box.pk]
        return sorted(rows, key=lambda one: order.get(one.staff_id, len(order)))

    @property
    def due(self) -> list[Elector]:
        return [one for one in self.electors if one.standing == Elector.Standing.DUE]

    @property
    def is_small(self) -> bool:
        """So few are to vote in secret that the count comes close to naming them."""
        return bool(self.open_box and self.open_box.secret and len(self.due) < counting.FEW)

    @property
    def cast(self) -> int:
        return sum(one.has_voted for one in self.due)

    @property
    def awaited(self) -> list[Elector]:
        return [one for one in self.due if not one.has_voted]

    def elector(self) -> Elector | None:
        return next((one for one in self.electors if one.staff_id == self.viewer.pk), None)

    @property
    def presider_waits(self) -> bool:
        """The chair votes last."""
        return any(not one.presides for one in self.awaited)

    # --- Attendance

    @cached_property
    def attendance(self) -> dict:
        sitting = self.sitting
        return {
            "entitled": len(sitting.seats),
            "present": sum(bool(seat.present) for seat in sitting.seats),
            "absent": [seat for seat in sitting.seats if seat.present is False],
            "needed": sitting.needed,
            "taken": sitting.attendance_taken,
            "quorum": sitting.has_quorum,
        }

    def written(self) -> list[WrittenOpinion]:
        hidden = [item.nomination.pk for item in self.items if item.hidden]
        return list(
            WrittenOpinion.objects.filter(meeting__round=self.round)
            .exclude(nomination__in=hidden)
            .select_related("staff", "nomination__person", "nomination__section")
        )

    @cached_property
    def minuted(self) -> list[Meeting]:
        """Meetings with minutes."""
        made = set(
            Minutes.objects.filter(meeting__round=self.round).values_list("meeting", flat=True)
        )
        return [one for one in self.meetings if one.pk in made]

    # --- What has changed since a page was drawn

    def mark(self, *more) -> str:
        """Changes when there is something new to see; says nothing of how anybody voted."""
        state = (
            [(one.pk, one.state, one.version) for one in self.meetings],
            sorted((box.pk, box.state) for turns in self.sitting.boxes.values() for box in turns),
            [(seat.pk, seat.present) for seat in self.sitting.seats],
            sorted(map(str, self.sitting.settlements)),
            [(item.nomination.pk, item.hidden) for item in self.items],
            more,
        )
        return hashlib.sha256(repr(state).encode()).hexdigest()[:16]
