"""The committee's sitting of a rehearsal: everybody comes, every item is put to the vote."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from scheme import clock
from scheme.errors import Refused
from scheme.models import Staff, Star
from stars import recusal
from stars.ballots import Sitting
from stars.models import Nomination, Round, Seat
from stars.models.round import NomineeKind

from . import boxes, sittings, votes


def said(one: Nomination) -> str:
    return f"{one.star.title} {one.nominee}"


class PlayedSitting:
    """Writes what it finds into the report of the stage."""

    def __init__(self, round_: Round, by: Staff, stage: dict):
        self.round, self.by, self.stage = round_, by, stage

    def play(self, tick: Callable[[], None]) -> None:
        round_, stage = self.round, self.stage
        seats = list(round_.seats.filter(body=Seat.Body.COMMITTEE).select_related("staff"))
        meeting = round_.meetings.get()
        chair = meeting.chair or next((seat.staff for seat in seats if seat.chairs), None)
        if meeting.chair is None:
            meeting = sittings.arrange(
                meeting.pk,
                by=self.by,
                seen=meeting.version,
                held_on=clock.today(),
                place="",
                chair=chair,
                recorder=None,
                scrutineer=None,
                teller=None,
            )
        meeting = sittings.record_attendance(
            meeting.pk,
            by=self.by,
            present=[seat.staff_id for seat in seats],
            absences={},
            seen=meeting.version,
        )
        meeting = sittings.begin(meeting.pk, by=self.by, seen=meeting.version)
        sitting = Sitting(round_)
        spare = len(sitting.seats) - sitting.needed
        stage["facts"] += [
            (_("应到会"), _("%(n)s人") % {"n": len(sitting.seats)}),
            (
                _("法定人数"),
                _("%(n)s人，最多缺%(spare)s人") % {"n": sitting.needed, "spare": spare},
            ),
            (_("表决"), _("%(n)s项") % {"n": len(sitting.nominations)}),
        ]
        if not spare:
            stage["notes"].append(_("缺一个人就不够法定人数，请提前约好时间。"))
        people = {seat.staff_id: seat.staff for seat in seats}
        leaders = [self.by, chair, *(seat.staff for seat in seats if seat.chairs)]
        why = recusal.of(round_, Seat.Body.COMMITTEE)
        for one in sitting.nominations:
            self._vote(sitting, one, people, leaders, why.get(one.pk, {}), chair)
            tick()
        self._settle(leaders[1:])
        meeting.refresh_from_db()
        sittings.close(meeting.pk, by=self.by, seen=meeting.version)

    def _vote(self, sitting, one, people, leaders, recused, chair) -> None:
        due = sitting.due(one)
        form = {
            "item": said(one),
            "due": len(due),
            "recused": len(recused),
            "needed": sitting.least_to_pass(one),
        }
        text = _("%(item)s：回避%(recused)s人，投票%(due)s人，通过须%(needed)s票")
        self.stage["items"].append(text % form)
        if len(due) < form["needed"]:
            text = _(
                "%(item)s：回避%(recused)s人，只剩%(due)s人投票，通过须%(needed)s票，不可能通过。"
            )
            self.stage["problems"].append(text % form)
        leader = next(
            (who for who in leaders if who.pk not in recused and who.pk != one.person_id), None
        )
        if leader is None:
            text = _("%(item)s：主持人都要回避，没有人主持这一项。") % form
            self.stage["problems"].append(text)
            raise Refused(text)
        meeting = self.round.meetings.get()
        box = boxes.open_(one.pk, by=leader, seen=meeting.version)
        for key in sorted(due, key=lambda key: key == chair.pk):
            boxes.cast(box.pk, by=people[key], choice="for")
        boxes.close(box.pk, by=leader)

    def _settle(self, chairs: list[Staff]) -> None:
        """Ties, until none is open: those of floating places show once the stars are settled."""
        names = {star.pk: star.title for star in Star.objects.all()}
        while ties := Sitting(self.round).open_ties():
            (star, kind), placing = next(iter(ties.items()))
            what = {
                "star": names.get(star, _("机动名额")),
                "kind": NomineeKind(kind).label,
                "tied": len(placing.tied),
                "left": placing.left,
            }
            told = Refused(_("没有主持人可以裁定同票。"))
            for chair in chairs:
                try:
                    votes.settle(
                        self.round.pk,
                        by=chair,
                        star=star,
                        kind=kind,
                        winners=sorted(placing.tied)[: placing.left],
                        reason=_("演练"),
                    )
                    break
                except Refused as refused:
                    told = refused
            else:
                raise told
            text = _("%(star)s（%(kind)s）：%(tied)s项同票争%(left)s个名额时，由主持人裁定。")
            self.stage["notes"].append(text % what)
