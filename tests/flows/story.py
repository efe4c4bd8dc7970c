"""The department of tests/data as the story finds it, and the hands the story works with."""

from pathlib import Path

from django.db.models import Q

from scheme import clock as our_clock
from scheme.actions import rosters
from scheme.models import Appointment, Section, Staff, Unit
from scheme.offices import Office
from scheme.periods import half_span
from scoring.actions import facts, posting, rulebooks, runs
from scoring.imports import rules
from stars.actions import boxes, nominations, opinions, rounds, sittings
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Round
from tests.stars.opening_world import confirm_all

DATA = Path(__file__).resolve().parent.parent / "data"
UNIT = "中共泽川市委组织部"
HALF = "2026H1"
WHY = "日报及时、质量好，急难任务主动承担，半年来没有差错，带动了全科。"


def person(number: str) -> Staff:
    """As the next request would load them."""
    return Staff.objects.get(login=number)


def office() -> Staff:
    held = Appointment.objects.on(our_clock.today()).filter(office=Office.PERSONNEL_OFFICE)
    return Staff.objects.get(pk=held.order_by("staff__staff_no").first().staff_id)


def chief_of(section: Section) -> Staff:
    held = Appointment.objects.on(our_clock.today()).filter(
        office=Office.SECTION_CHIEF, section=section
    )
    return Staff.objects.get(pk=held.first().staff_id)


def department() -> Unit:
    """Roster and rules: uploaded and confirmed by the command line, then approved by ZC003."""
    data = (DATA / "roster.xlsx").read_bytes()
    upload = rosters.load(UNIT, data, file_name="roster.xlsx")
    assert upload.state == "applied"
    unit = Unit.objects.get(name=UNIT)
    with (DATA / "rules.xlsx").open("rb") as file:
        content, problems = rules.read(file)
    assert not problems
    book = rulebooks.propose(unit, content, by=office())
    rulebooks.approve(book.pk, by=person("ZC003"), in_force_from=half_span(HALF).first)
    return unit


def half_year(unit: Unit) -> None:
    """The ledgers of the half-year, posted."""
    facts.load(unit, (DATA / "facts-2026H1.xlsx").read_bytes(), by=office())
    span = half_span(HALF)
    posting.settle(unit, span.first, span.last)


def score(unit: Unit):
    return runs.score(unit, HALF, by=office())


def open_round(unit: Unit, *, places: int = 1) -> Round:
    by = office()
    round_ = rounds.prepare(unit, HALF, by=by)
    round_ = rounds.plan(
        round_.pk,
        by=by,
        seen=round_.version,
        dates={
            name: getattr(round_, name)
            for name in ("nominate_until", "branch_until", "committee_until")
        },
        quotas={(row.star_id, row.kind): (places, 1) for row in round_.quotas.all()},
        quorum=(2, 3),
        majority=(1, 2),
        publicity_days=5,
    )
    confirm_all(round_, by=by)
    return rounds.open_(round_.pk, by=by, seen=round_.version)


def nominate(round_: Round, star, section: Section, nominee: Staff | None = None):
    chief = chief_of(section)
    saved = nominations.save(
        round_.pk,
        by=chief,
        star=star,
        kind="person" if nominee else "section",
        person=nominee,
        section=section,
        statement=WHY,
    )
    return nominations.submit(saved.pk, by=chief, seen=saved.version)


def everybody_judges(round_: Round, mark: str = "for", *, but: Q | None = None) -> int:
    """Every opinion still owed; `but` names people who keep theirs back."""
    stage, given = BranchStage(round_), 0
    kept = set(Staff.objects.filter(but).values_list("pk", flat=True)) if but else set()
    for seat in stage.owing():
        if seat.staff_id in kept:
            continue
        marks = {one.pk: opinions.Given(mark, "", one.version) for one in stage.owed(seat.staff_id)}
        given += len(opinions.give_all(round_.pk, by=seat.staff, marks=marks))
    return given


def everybody_votes(round_: Round, choose, *, but: frozenset[str] = frozenset()) -> None:
    """Item by item; `choose(nomination, member)`: how a member votes. Where somebody is left out,
    the first item stays open."""
    for one in Sitting(round_).undecided():
        sitting = Sitting(round_)
        box = sitting.open_box or boxes.open_(one.pk, by=office(), seen=sitting.meeting.version)
        for seat in Sitting(round_).owing():
            if seat.staff.staff_no not in but:
                boxes.cast(box.pk, by=seat.staff, choice=choose(one, seat.staff))
        if Sitting(round_).owing():
            return
        boxes.close(box.pk, by=office())


def everybody_comes(round_: Round) -> None:
    """To the meeting, which begins."""
    sitting = Sitting(round_)
    meeting = sittings.record_attendance(
        sitting.meeting.pk,
        by=office(),
        present=[seat.staff_id for seat in sitting.seats],
        absences={},
        seen=sitting.meeting.version,
    )
    sittings.begin(meeting.pk, by=office(), seen=meeting.version)
