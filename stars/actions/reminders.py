"""Telling those a round waits for, by the clock or because the office asks for it."""

from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused, Stale
from scheme.templatetags.look import md, md_hm
from stars import owing, readiness, reminding
from stars.models import Round

S = Round.State
ROUTES = {
    S.NOMINATING: "stars:nomination_list",
    S.AT_BRANCH: "stars:branch",
    S.AT_COMMITTEE: "stars:committee",
}


class Telling(NamedTuple):
    people: list
    say: notices.Say
    route: str


@transaction.atomic
def send(pk: int, *, what: str, state: str, day: date, by=None) -> dict:
    """What the clock registered for that day; nothing once the day or the stage is over."""
    round_ = _locked(pk)
    wanted = [one for one in reminding.due(round_) if (one.what, one.day) == (what, day)]
    if round_.state != state or not wanted:
        return {"skipped": "past"}
    told = 0
    for telling in _TELLINGS[what](round_, wanted[0].left):
        if telling.people:
            notices.tell_all(
                telling.people,
                _key(round_, what, wanted[0]),
                telling.say,
                url=reverse(telling.route, args=[round_.pk]),
                icon="clock",
            )
            told += len(telling.people)
    return {"told": told}


def _key(round_: Round, what: str, one: reminding.Reminder) -> str:
    return f"round:{round_.pk}:{round_.state}:{what}:{one.day.isoformat()}:{one.left}"


@transaction.atomic
def press(pk: int, *, by, seen: int) -> int:
    """The office reminds everybody the stage waits for, once a day; answers how many they are."""
    round_ = _locked(pk)
    access.require(by, "round.manage", round_.anchor())
    if round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再办。"))
    if round_.state not in ROUTES:
        raise Refused(_("这一阶段没有要催办的人。"))
    people = owing.debtors(round_)
    if not people:
        raise Refused(_("都办完了，没有要催办的人。"))
    due = round_.due_at
    notices.tell_all(
        people,
        f"round:{round_.pk}:{round_.state}:pressed:{clock.today().isoformat()}",
        lambda: (
            _("机关人事科提醒：%(round)s的%(stage)s到%(due)s截止，您还有没办的。")
            % {"round": round_, "stage": round_.get_state_display(), "due": md_hm(due)}
        ),
        url=reverse(ROUTES[round_.state], args=[round_.pk]),
        icon="clock",
    )
    audit.record(by, "round.remind", round_, after={"people": len(people)})
    return len(people)


def _locked(pk: int) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)


def _stage(round_: Round, left: int) -> list[Telling]:
    day = reminding.last_day(round_)
    form = {"left": left, "day": md(day)}
    return [
        Telling(
            owing.debtors(round_),
            lambda: (
                _("%(round)s：%(stage)s到%(day)s18:00截止，还剩%(left)s个工作日，您还有没办的。")
                % (form | {"round": round_, "stage": round_.get_state_display()})
            ),
            ROUTES[round_.state],
        )
    ]


def _opening(round_: Round, left: int) -> list[Telling]:
    """Opening itself stays the act of a person: what is missing is judged at that moment."""
    gaps = sum(gap.blocking for gap in readiness.missing(round_))
    form = {"left": left, "day": md(round_.nominate_until), "gaps": gaps}
    return [
        Telling(
            list(owing.office_of(round_.unit_id)),
            lambda: (
                _("%(round)s还没有开启，还缺%(gaps)s项；推星%(day)s截止，只剩%(left)s个工作日。")
                % (form | {"round": round_})
                if gaps
                else _("%(round)s还没有开启，已经齐备；推星%(day)s截止，只剩%(left)s个工作日。")
                % (form | {"round": round_})
            ),
            "stars:round_detail",
        )
    ]


def _records(round_: Round, left: int) -> list[Telling]:
    return [
        Telling(
            owing.secretaries_without_record(round_),
            lambda: _("%(round)s：本支部的会议记录还没有写。") % {"round": round_},
            "stars:branch",
        )
    ]


def _ties(round_: Round, left: int) -> list[Telling]:
    return [
        Telling(
            owing.chairs_with_ties(round_),
            lambda: _("%(round)s有同票没有裁定，裁定前不能散会。") % {"round": round_},
            "stars:committee",
        )
    ]


def _item(round_: Round, left: int) -> list[Telling]:
    return [
        Telling(
            owing.leading_an_open_item(round_),
            lambda: (
                _("%(round)s有一项表决从昨天以前开到现在，请接着表决，或者作废。")
                % {"round": round_}
            ),
            "stars:committee",
        )
    ]


def _objections(round_: Round, left: int) -> list[Telling]:
    return [
        Telling(
            people,
            lambda count=count: (
                _("%(round)s还有%(count)s条异议没有处理完，处理完才能公布。")
                % {"round": round_, "count": count}
            ),
            "stars:publicity",
        )
        for people, count in owing.handlers_of_objections(round_)
    ]


def _last_day(round_: Round, left: int) -> list[Telling]:
    open_ = round_.objections.open().count()
    return [
        Telling(
            list(owing.office_of(round_.unit_id)),
            lambda: (
                _("%(round)s今天公示期满，还有%(count)s条异议没有处理完，处理完才能公布。")
                % {"round": round_, "count": open_}
                if open_
                else _("%(round)s今天公示期满，到时自动公布。") % {"round": round_}
            ),
            "stars:publicity",
        )
    ]


_TELLINGS = {
    "stage": _stage,
    "opening": _opening,
    "records": _records,
    "ties": _ties,
    "item": _item,
    "objections": _objections,
    "last_day": _last_day,
}
