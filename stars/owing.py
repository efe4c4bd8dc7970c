"""Who still owes what in the present stage of a round: for reminders and for the screens."""

from scheme import clock
from scheme.models import Appointment, Staff
from scheme.offices import Office
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Nomination, Round


def office_of(unit_id: int):
    """The people of the personnel office today."""
    held = Appointment.objects.on(clock.today()).filter(office=Office.PERSONNEL_OFFICE)
    return Staff.objects.filter(unit=unit_id, pk__in=held.values("staff"))


def chiefs_owing(round_: Round):
    """Chiefs whose section takes part and has nothing submitted yet."""
    done = Nomination.objects.filter(round=round_).standing().values("section")
    sections = round_.participants.taking_part().exclude(section=None).values("section")
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section__in=sections
    )
    return Staff.objects.filter(pk__in=held.exclude(section__in=done).values("staff"))


def debtors(round_: Round) -> list[Staff]:
    """Everybody the present stage still waits for."""
    match round_.state:
        case Round.State.NOMINATING:
            return list(chiefs_owing(round_))
        case Round.State.AT_BRANCH:
            return [seat.staff for seat in BranchStage(round_).owing()]
        case Round.State.AT_COMMITTEE:
            return [seat.staff for seat in _voters(Sitting(round_))]
    return []


def _voters(sitting: Sitting):
    """Before the meeting every member is expected; while a ballot is on, whoever has to vote;
    between two ballots, whoever presides."""
    if not sitting.undecided():
        return []
    if not sitting.is_open:
        return sitting.seats
    if sitting.open_box and sitting.owing():
        return sitting.owing()
    return [sitting.presiding] if sitting.presiding else []
