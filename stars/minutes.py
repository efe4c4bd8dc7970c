"""Minutes of a meeting of the committee, drafted from what happened: attendance, item by item how
it was put and counted, what was settled. By value and in Chinese, whatever language the drafter
reads: a document handed up says the same to everybody.

Of secret ballots nothing is here but the counts; of open ones each member's word.
"""

from collections import defaultdict

from django.db.models import Q
from django.utils import translation

from scheme import clock
from stars import counting, dossiers, recusal
from stars.counting import Count, Share
from stars.models import (
    AttendanceMove,
    Box,
    Elector,
    Meeting,
    Minutes,
    Nomination,
    Round,
    Seat,
    Settlement,
    Vote,
    WrittenOpinion,
)

Move, Standing = AttendanceMove.Kind, Elector.Standing
# Of an item; in the words of the page and of the paper.
WAITING, PASSED, FAILED, DEFERRED = "waiting", "passed", "failed", "deferred"


def body_of(meeting: Meeting) -> dict:
    """What happened, JSON-ready; the same meeting gives the same body, however late it is asked."""
    with translation.override("zh-hans"):
        return _Draft(meeting).body()


def digest_of(body: dict, text: str) -> str:
    return dossiers.digest_of({"body": body, "text": text})


def hidden_from(minutes: Minutes, person) -> set[int]:
    """Keys of the items this person stands back from; nobody's once the result is public."""
    round_ = minutes.meeting.round
    if round_.state != Round.State.AT_COMMITTEE:
        return set()
    recusals = recusal.of(round_, Seat.Body.COMMITTEE)
    own = set(round_.nominations.filter(person=person).values_list("pk", flat=True))
    return own | {key for key, found in recusals.items() if person.pk in found}


class _Draft:
    def __init__(self, meeting: Meeting):
        self.meeting, self.round = meeting, meeting.round
        seats = Seat.objects.filter(round=self.round, body=Seat.Body.COMMITTEE)
        self.names = {
            seat.staff_id: seat.staff.name
            for seat in seats.select_related("staff").order_by(
                "-chairs", "staff__sort_weight", "staff__staff_no"
            )
        }
        State = Nomination.State
        self.nominations = list(
            Nomination.objects.filter(round=self.round)
            .filter(Q(state=State.AT_COMMITTEE) | Q(moves__to_state=State.AT_COMMITTEE))
            .select_related("star", "person", "section")
            .order_by("star__position", "kind", "pk")
            .distinct()
        )
        self.recusals = recusal.of(self.round, Seat.Body.COMMITTEE)
        rows = self.round.quotas.values_list("star_id", "kind", "places")
        self.places = {(star, kind): places for star, kind, places in rows}
        self.boxes = defaultdict(list)
        boxes = Box.objects.filter(meeting=meeting).order_by("pk")
        for box in boxes.exclude(state=Box.State.OPEN):
            self.boxes[box.nomination_id].append(box)
        self.electors = defaultdict(list)
        for one in Elector.objects.filter(box__meeting=meeting).order_by("pk"):
            self.electors[one.box_id].append(one)
        self.votes = defaultdict(dict)
        cast = Vote.objects.filter(box__meeting=meeting)
        for box, by, choice in cast.values_list("box_id", "by_id", "choice"):
            self.votes[box][by] = choice
        self.quorum = Share(self.round.quorum_num, self.round.quorum_den)
        self.majority = Share(self.round.majority_num, self.round.majority_den)

    def body(self) -> dict:
        meeting, round_ = self.meeting, self.round
        return {
            "unit": round_.unit.name,
            "half": round_.half,
            "number": meeting.number,
            "held_on": meeting.held_on.isoformat() if meeting.held_on else "",
            "place": meeting.place,
            "began": _moment(meeting.opened_at),
            "ended": _moment(meeting.closed_at),
            "adjourned": meeting.adjourned_why,
            "presided": _name(meeting.chair),
            "recorder": _name(meeting.recorder),
            "scrutineer": _name(meeting.scrutineer),
            "teller": _name(meeting.teller),
            "rules": {
                "quorum": [round_.quorum_num, round_.quorum_den],
                "majority": [round_.majority_num, round_.majority_den],
                "recused_count_as_entitled": round_.recused_count_as_entitled,
                "secret": round_.secret,
                "needed": counting.least_to_meet(self.quorum, len(self.names)),
                "seal": round_.seal,
            },
            "attendance": self._attendance(),
            "items": self._items(),
            "written": self._written(),
            "ties": self._ties(),
        }

    def _attendance(self) -> dict:
        """From what was recorded of this meeting; who was never spoken of did not come."""
        moves = list(AttendanceMove.objects.filter(meeting=self.meeting).order_by("pk"))
        stood, why = {}, {}
        for move in moves:
            # Marked absent again before the meeting: an entry put right. After somebody left, a
            # further word on their absence makes them no less one who came.
            if move.kind != Move.ABSENT or stood.get(move.staff_id) != Move.LEFT:
                stood[move.staff_id] = move.kind
            if move.reason:
                why[move.staff_id] = move.reason
        here = [key for key in self.names if stood.get(key, Move.ABSENT) != Move.ABSENT]
        left = [key for key in here if stood[key] == Move.LEFT]
        return {
            "entitled": len(self.names),
            "present": len(here),
            "here": [self.names[key] for key in here],
            "away": [
                {"name": name, "reason": why.get(key, "")}
                for key, name in self.names.items()
                if key not in here
            ],
            "left": [{"name": self.names[key], "reason": why.get(key, "")} for key in left],
            "quorum": counting.has_quorum(len(here), len(self.names), self.quorum),
            "moves": [
                {
                    "name": self.names.get(move.staff_id, move.staff_id),
                    "kind": move.kind,
                    "reason": move.reason,
                    "at": _moment(move.at),
                }
                for move in moves
            ],
        }

    def _items(self) -> list[dict]:
        """The agenda: what was put at this meeting, and what was left for another. What another
        meeting has put, and this one has not, is the other's to tell."""
        elsewhere = self._put_elsewhere()
        found = []
        for number, one in enumerate(self.nominations, 1):
            if one.pk in elsewhere and one.pk not in self.boxes:
                continue
            recused = self.recusals.get(one.pk, {})
            ballots = [self._ballot(box) for box in self.boxes[one.pk]]
            found.append(
                {
                    "key": one.pk,
                    "number": number,
                    "star": one.star.name,
                    "kind": one.kind,
                    "nominee": str(one.nominee),
                    "section": one.section.name,
                    "places": self.places.get((one.star_id, one.kind), 0),
                    "least": counting.least_to_exceed(
                        self.majority, self._base(len(self.names), len(recused))
                    ),
                    "recused": [
                        {"name": name, "why": str(recused[key])}
                        for key, name in self.names.items()
                        if key in recused
                    ],
                    "ballots": ballots,
                    "result": self._result(ballots),
                }
            )
        return found

    def _put_elsewhere(self) -> set[int]:
        """Put to the vote at another meeting of the round."""
        rows = Box.objects.filter(meeting__round=self.round).exclude(meeting=self.meeting)
        return set(rows.values_list("nomination_id", flat=True))

    def _base(self, entitled: int, recused: int) -> int:
        return entitled if self.round.recused_count_as_entitled else entitled - recused

    def _result(self, ballots: list[dict]) -> str:
        """Of the last ballot this meeting counted."""
        counted = [ballot for ballot in ballots if ballot["state"] == Box.State.CLOSED]
        if not counted:
            return WAITING
        last = counted[-1]
        count = Count(
            last["entitled"],
            last["recused"],
            *(last[word] for word in ("for", "against", "abstain", "defer")),
        )
        counts = {"recused_count": self.round.recused_count_as_entitled}
        if counting.has_passed(count, self.majority, **counts):
            return PASSED
        return DEFERRED if counting.is_deferred(count, **counts) else FAILED

    def _ballot(self, box: Box) -> dict:
        told = {
            "turn": box.turn,
            "secret": box.secret,
            "state": box.state,
            "opened": _moment(box.opened_at),
            "closed": _moment(box.closed_at),
            "reconsidered": box.reconsidered_why if box.reconsiders_id else "",
            "supporters": [self.names.get(int(key), "") for key in box.supporters],
            "presided": next(
                (self.names.get(e.staff_id, "") for e in self.electors[box.pk] if e.presides), ""
            ),
        }
        if box.state == Box.State.VOID:
            return told | {"why": box.void_why}
        told |= {
            "entitled": box.entitled,
            "present": box.present,
            "recused": box.recused,
            "for": box.votes_for,
            "against": box.votes_against,
            "abstain": box.votes_abstain,
            "defer": box.votes_defer,
            "not_cast": [
                self.names.get(e.staff_id, "")
                for e in self.electors[box.pk]
                if e.standing == Standing.DUE and not e.has_voted
            ],
            "digest": box.digest,
        }
        if not box.secret:
            cast = self.votes[box.pk]
            told["votes"] = [
                {"name": name, "choice": cast[key]}
                for key, name in self.names.items()
                if key in cast
            ]
        return told

    def _written(self) -> list[dict]:
        rows = WrittenOpinion.objects.filter(meeting=self.meeting).select_related(
            "staff", "nomination__person", "nomination__section"
        )
        return [
            {
                "name": row.staff.name,
                "key": row.nomination_id,
                "nominee": str(row.nomination.nominee) if row.nomination_id else "",
                "text": row.text,
            }
            for row in rows
        ]

    def _ties(self) -> list[dict]:
        """What was settled since this meeting began and before the next one did."""
        rows = Settlement.objects.filter(round=self.round).select_related("star", "by")
        following = (
            Meeting.objects.filter(
                round=self.round, number__gt=self.meeting.number, opened_at__isnull=False
            )
            .order_by("number")
            .first()
        )
        if self.meeting.opened_at:
            rows = rows.filter(at__gte=self.meeting.opened_at)
        if following:
            rows = rows.filter(at__lt=following.opened_at)
        nominees = {one.pk: str(one.nominee) for one in self.nominations}
        return [
            {
                "star": row.star.name if row.star_id else "",
                "kind": row.kind,
                "winners": [nominees.get(key, "") for key in row.winners],
                "keys": list(row.winners),
                "by": row.by.name,
                "reason": row.reason,
            }
            for row in rows
        ]


def _name(person) -> str:
    return person.name if person else ""


def _moment(at) -> str:
    return clock.local(at).strftime("%Y-%m-%d %H:%M") if at else ""
