"""The round before the demo's own: the scheme was tried in the last two weeks of that half-year.

Only those days are under the rules and have reports, so its points and scorecards rest on them
alone; what its people do, they do through the real actions, at the time it pretends to be.
"""

from datetime import date, timedelta

from desk.demo import play, round
from desk.demo.dates import shift_to
from scheme import clock, periods, workdays
from scheme.models import Notice, Staff, Unit
from scoring.actions import closing, posting, runs
from scoring.imports import facts
from stars.actions import rounds, sittings, stages
from stars.ballots import Sitting
from stars.models import Quota, Round

S = Round.State
TRIAL_DAYS = 10
# After the half-year, when the last days' back-fill is over.
PREPARED_AFTER = timedelta(days=14)
WHY = "会议已开，提前进入下一步"
CONTENDERS = 1
STATEMENTS = {
    "xue": "试行期间坚持每周一学，学习笔记扎实，主动在科室讲体会，带动大家一起学。",
    "geng": "试行期间抓住新做法动笔，当天的情况当天写，写出来的材料真实、好用。",
    "ye": "试行期间一日一报不漏一天，当日事当日毕，经手的材料没有差错。",
    "xiao": "试行期间交办的事项件件有回音，提前办结，配合的科室都说好。",
    "xin": "试行期间带头用新办法记工作，帮各科室理顺流程，少填了重复的表。",
}


def trial(half: str) -> tuple[date, date]:
    """The first day the rules are in force, and the last of the half-year."""
    span = periods.half_span(half)
    return workdays.between(span.first, span.last)[-TRIAL_DAYS], span.last


def tell(told: facts.Facts, unit: Unit, half: str) -> None:
    """Reports of the workbook on the days of the trial; both laps, see dates.py."""
    first, _last = trial(half)
    for lap in (0, 1):
        move = shift_to(half, lap=lap)

        def within(day: date, move=move) -> date | None:
            moved = move(day)
            return moved if moved and moved >= first else None

        facts.store(told, unit, by=None, shift=within, only={"日报"})


def build(unit: Unit, half: str, office: Staff) -> Round:
    first, last = trial(half)
    day = last + PREPARED_AFTER
    while not workdays.is_working(day):
        day += timedelta(days=1)
    with clock.pretend(clock.at(day, 9)):
        posting.settle(unit, first, last)
        for code in periods.quarters_of(half):
            closing.close(code, unit=unit, by=office)
        runs.score(unit, half, by=office)
        round_ = _open(unit, half, office)
        round.nominate(round_, half, contenders=CONTENDERS, statements=STATEMENTS)
    with _later(round_, 1):
        _advance(round_, office)
        play.give_opinions(round_)
    with _later(round_, 1):
        _advance(round_, office)
    with _later(round_, 1):
        _sit(round_, office)
        _advance(round_, office)
    with clock.pretend(round_.due_at):
        stages.advance(round_.pk)
    round_.refresh_from_db()
    # They were read long ago.
    Notice.objects.filter(to__unit=unit, at__lte=round_.stage_since, read_at=None).update(
        read_at=round_.stage_since
    )
    return round_


def _later(round_: Round, days: int):
    """Nine in the morning, so many working days after the stage began."""
    round_.refresh_from_db()
    day = workdays.following(clock.local(round_.stage_since).date(), days)
    return clock.pretend(clock.at(day, 9))


def _open(unit: Unit, half: str, office: Staff) -> Round:
    round_ = rounds.prepare(unit, half, by=office)
    round_ = rounds.plan(
        round_.pk,
        by=office,
        seen=round_.version,
        dates={
            name: getattr(round_, name)
            for name in ("nominate_until", "branch_until", "committee_until")
        },
        quotas={
            (row.star_id, row.kind): (row.places, row.per_section)
            for row in Quota.objects.filter(round=round_)
        },
        quorum=(round_.quorum_num, round_.quorum_den),
        majority=(round_.majority_num, round_.majority_den),
        publicity_days=round_.publicity_days,
        rules={"secret": True},
        contact=round.CONTACT,
    )
    round.confirm(round_, office)
    return rounds.open_(round_.pk, by=office, seen=round_.version)


def _advance(round_: Round, office: Staff) -> None:
    round_.refresh_from_db()
    stages.advance(round_.pk, by=office, reason=WHY, seen=round_.version)
    round_.refresh_from_db()


def _sit(round_: Round, office: Staff) -> None:
    """Item by item, everybody present, until nothing is left to decide."""
    while Sitting(round_).undecided():
        play.play_the_rest(round_)
    meeting = Sitting(round_).meeting
    if meeting.state != meeting.State.CLOSED:
        sittings.close(meeting.pk, by=office, seen=meeting.version)
