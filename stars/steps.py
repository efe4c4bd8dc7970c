"""The five steps of a round as the pages show them, with dates and where it stands."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme import clock
from scheme.templatetags.look import md
from stars.models import Round

S = Round.State
ORDER = (S.NOMINATING, S.AT_BRANCH, S.AT_COMMITTEE, S.PUBLICITY, S.PUBLISHED)


class StepShown(NamedTuple):
    label: str
    dates: str
    state: str


class Steps(NamedTuple):
    title: str
    sub: str
    steps: list[StepShown]


def of(round_: Round) -> Steps:
    """What `components/_round_steps.html` needs."""
    place = ORDER.index(round_.state) if round_.state in ORDER else -1
    words = (_("第一步"), _("第二步"), _("第三步"), _("第四步"), _("第五步"))
    if round_.state == S.PUBLISHED:
        sub = _("已公布")
    elif place < 0:
        sub = str(round_.get_state_display())
    else:
        sub = _("%(step)s，共五步") % {"step": words[place]}
    shown = [
        StepShown(
            str(state.label),
            _dates(round_, state),
            _state(number, place, round_.state == S.PUBLISHED),
        )
        for number, state in enumerate(ORDER)
    ]
    return Steps(str(round_), sub, shown)


def _state(number: int, place: int, finished: bool) -> str:
    if number < place or (finished and number == place):
        return "past"
    return "now" if number == place else ""


def _dates(round_: Round, state: str) -> str:
    if state == S.PUBLICITY:
        if round_.publicity_seconds and round_.state != S.PUBLISHED:
            return _("演示：%(n)s秒") % {"n": round_.publicity_seconds}
        if round_.publicity_until:
            return _("至%(day)s") % {"day": md(round_.publicity_until)}
        return _("%(n)s个工作日") % {"n": round_.publicity_days}
    if state == S.PUBLISHED:
        if round_.state == S.PUBLISHED:
            return md(clock.local(round_.stage_since).date())
        return ""
    until = {
        S.NOMINATING: round_.nominate_until,
        S.AT_BRANCH: round_.branch_until,
        S.AT_COMMITTEE: round_.committee_until,
    }[state]
    return _("至%(day)s") % {"day": md(until)}
