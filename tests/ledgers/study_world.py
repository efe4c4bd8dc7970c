"""Sessions and talks as the actions leave them, for tests; the day is Thursday, 5 March 2026."""

from datetime import date

from ledgers.actions import ratings, study, talks
from ledgers.models import StudySession, Talk
from scheme import clock
from tests.factories import moment

MONDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in (2, 4, 5, 6))
ENDS = "2026-03-06 18:00"


def keeper(d):
    return d.personnel[1]


def planned(d, day=WEDNESDAY, **more) -> StudySession:
    return study.plan(d.unit, day=day, topic=more.pop("topic", "条例学习"), by=keeper(d), **more)


def held(d, missed=(), day=WEDNESDAY) -> StudySession:
    session = planned(d, day)
    keys = [one.pk for one in missed]
    return study.hold(session.pk, missed=keys, version=session.version, by=keeper(d))


def talk(d, speaker=None, day=WEDNESDAY, title="怎样写信息") -> Talk:
    """Planned, with a title."""
    speaker = speaker or d.officers[0][1]
    (made,) = talks.plan(d.unit, [(day, speaker)], by=keeper(d))
    if title:
        made = talks.give(made.pk, title=title, version=made.version, by=speaker)
    return made


def opened(d, until=ENDS, **more) -> Talk:
    made = talk(d, **more)
    return ratings.open_rating(made.pk, until=moment(until), version=made.version, by=keeper(d))


def listeners(d, speaker_id: int) -> list:
    return [one for one in d.everybody if one.pk != speaker_id]


def imported_talk(d, values, speaker=None, day=MONDAY) -> Talk:
    """As a workbook brings it: held, with its ratings."""
    return Talk.objects.create(
        unit=d.unit,
        day=day,
        speaker=speaker or d.officers[1][0],
        title="导入的一讲",
        ratings=sorted(values),
        mark=f"mark{day}",
        recorded_at=clock.now(),
    )
