"""Who still owes what in the present stage of a round: for reminders and for the screens."""

from collections import Counter, defaultdict

from scheme import clock
from scheme.models import Appointment, Staff
from scheme.offices import Office
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Box, BranchRecord, Meeting, Nomination, Objection, Round, Seat


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


def secretaries_without_record(round_: Round) -> list[Staff]:
    """Of the branches that were seated and have not written the record of their meeting."""
    written = BranchRecord.objects.filter(round=round_).values("branch")
    seated = Seat.objects.filter(round=round_, body=Seat.Body.BRANCH).exclude(branch__in=written)
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.BRANCH_SECRETARY, branch__in=seated.values("branch")
    )
    return list(Staff.objects.filter(unit=round_.unit_id, pk__in=held.values("staff")))


def chairs_with_ties(round_: Round) -> list[Staff]:
    """Whoever has to say which of those who are level get the places."""
    if not Sitting(round_).open_ties():
        return []
    presiding = _presiding(round_)
    if presiding:
        return presiding
    rows = Seat.objects.filter(round=round_, body=Seat.Body.COMMITTEE, chairs=True)
    return [seat.staff for seat in rows.select_related("staff")]


def leading_an_open_item(round_: Round) -> list[Staff]:
    """Those who may close a ballot that has been open since before today."""
    opened = Box.objects.filter(
        meeting__round=round_, state=Box.State.OPEN, opened_at__lt=clock.at(clock.today())
    )
    if not opened.exists():
        return []
    return [*_presiding(round_), *office_of(round_.unit_id)]


def _presiding(round_: Round) -> list[Staff]:
    newest = Meeting.objects.filter(round=round_).select_related("chair").order_by("-number")
    return [one.chair for one in newest[:1] if one.chair]


def handlers_of_objections(round_: Round) -> list[tuple[list[Staff], int]]:
    """Whoever has objections in hand, with how many; of those nobody has, the office."""
    open_ = list(round_.objections.open().select_related("assigned_to"))
    held: dict[Staff, int] = Counter(row.assigned_to for row in open_ if row.assigned_to)
    found = [([person], count) for person, count in held.items()]
    # To each of the office what they may know of: nobody learns that there are any about them.
    loose, office = [row.pk for row in open_ if row.assigned_to is None], defaultdict(list)
    for person in office_of(round_.unit_id) if loose else ():
        count = Objection.objects.visible_to(person).filter(pk__in=loose).count()
        office[count].append(person)
    office.pop(0, None)
    return [*found, *((people, count) for count, people in office.items())]
