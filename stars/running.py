"""The run of a round for those who carry it: what happened, what comes next and when, whom it waits
for. What comes next is asked of the very functions the clock uses."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, clock
from scheme.models import Job
from scheme.roles import Role
from scheme.templatetags.look import moment
from stars import owing, recusal, reminding
from stars.models import Box, Meeting, Objection, Publication, Round, RoundArchive, Seat
from stars.workflow import ROUND_CANCELLABLE, ROUND_NEXT

S = Round.State
SHOWN = 60


class Coming(NamedTuple):
    at: datetime
    text: str
    by_itself: bool = True


class Act(NamedTuple):
    """A way on: a page to go to."""

    text: str
    url: str
    act: str


# --- What happened


def happened(round_: Round, person) -> list[dict]:
    """Everything in the order it took place, the newest first; for components/_timeline.html."""
    items = [*_moves(round_), *_meetings(round_, person), *_results(round_)]
    items.sort(key=lambda one: one["at"], reverse=True)
    for one in items:
        one["when"] = moment(one["at"])
    return items[:SHOWN]


def _item(at, what, *, who="", text="", url="", kind="past") -> dict:
    return {"at": at, "what": what, "who": who, "text": text, "url": url, "kind": kind}


def _moves(round_: Round):
    names = dict(S.choices)
    for move in round_.moves.select_related("by"):
        stays = move.to_state == move.from_state
        text = _("%(stage)s延期") if stays else _("转入%(stage)s")
        yield _item(
            move.at,
            text % {"stage": names[move.to_state]},
            who=move.by.name if move.by else _("到时自动"),
            text=move.reason,
            kind="back" if move.to_state == S.CANCELLED else "past",
        )


def _meetings(round_: Round, person):
    """Of a ballot nothing but that it was held; nothing at all of one's own, before the result."""
    meetings = Meeting.objects.filter(round=round_).select_related("opened_by", "closed_by")
    for one in meetings:
        form = {"n": one.number}
        if one.opened_at:
            who = one.opened_by.name if one.opened_by else ""
            yield _item(one.opened_at, _("第%(n)s次部务会开会") % form, who=who)
        if one.closed_at:
            who = one.closed_by.name if one.closed_by else _("随阶段结束")
            yield _item(
                one.closed_at, _("第%(n)s次部务会散会") % form, who=who, text=one.adjourned_why
            )
    boxes = Box.objects.filter(meeting__round=round_).exclude(nomination__in=_apart(round_, person))
    rows = boxes.select_related("nomination__person", "nomination__section", "nomination__star")
    for box in rows:
        form = {"nominee": box.nomination.nominee, "star": box.nomination.star}
        if box.state == Box.State.VOID:
            text = _("对%(nominee)s（%(star)s）的表决作废") % form
            yield _item(box.closed_at, text, text=box.void_why, kind="back")
        elif box.state == Box.State.CLOSED:
            yield _item(box.closed_at, _("对%(nominee)s（%(star)s）表决完毕") % form)
        else:
            text = _("对%(nominee)s（%(star)s）正在表决") % form
            yield _item(box.opened_at, text, kind="now")


def _apart(round_: Round, person) -> set[int]:
    """Nominations from which the person stands back, while they are undecided."""
    if round_.state != S.AT_COMMITTEE:
        return set()
    own = round_.nominations.filter(person=person).values_list("pk", flat=True)
    recusals = recusal.of(round_, Seat.Body.COMMITTEE)
    return {*own, *(key for key, found in recusals.items() if person.pk in found)}


def _results(round_: Round):
    for one in Publication.objects.filter(round=round_).select_related("published_by"):
        yield _item(
            one.published_at,
            _("公布结果第%(n)s版") % {"n": one.edition},
            who=one.published_by.name if one.published_by else _("到时自动"),
            url=reverse("stars:result", args=[round_.pk]),
        )
    for one in RoundArchive.objects.filter(round=round_).select_related("made_by"):
        yield _item(
            one.made_at,
            _("封存档案第%(n)s版") % {"n": one.edition},
            who=one.made_by.name if one.made_by else _("到时自动"),
            url=reverse("stars:round_archive", args=[round_.pk]),
        )


# --- What comes


def coming(round_: Round) -> list[Coming]:
    """The next of each kind of reminder, and the step itself, in the order of time."""
    now, found = clock.now(), {}
    texts = {
        "stage": _("提醒还没有办的人"),
        "opening": _("提醒机关人事科开启本轮"),
        "records": _("提醒还没有写会议记录的支部书记"),
        "ties": _("如有同票没有裁定，提醒主持人"),
        "item": _("如有表决隔夜没有结束，提醒主持人和机关人事科"),
        "objections": _("如有异议没有处理完，提醒经办人"),
        "last_day": _("告诉机关人事科公示期满"),
    }
    for one in reminding.planned(round_):
        if one.at > now:
            found.setdefault(one.what, Coming(one.at, texts[one.what]))
    ahead = list(found.values())
    if runs(round_):
        to = S(ROUND_NEXT[round_.state]).label
        ahead.append(Coming(round_.due_at, _("自动转入%(stage)s") % {"stage": to}))
    if round_.state == S.PREPARING:
        text = _("推星截止：此前须由机关人事科开启，程序不会自己开启")
        ahead.append(Coming(clock.at(round_.nominate_until, 18), text, by_itself=False))
    return sorted(ahead, key=lambda one: one.at)


def is_late(round_: Round) -> bool:
    """Its moment has come and nothing happened: the worker or the clock does not run."""
    return runs(round_) and round_.due_at <= clock.now()


def runs(round_: Round) -> bool:
    """Is there a moment at which it moves by itself?"""
    return round_.due_at is not None and round_.state in ROUND_NEXT


def work(round_: Round) -> list[Job]:
    """The background work of this round, the newest first."""
    editions = round_.publications.values_list("pk", flat=True)
    rows = Job.objects.filter(
        Q(args__round=round_.pk) | Q(args__publication__in=list(editions)),
        unit=round_.unit_id,
        kind__startswith="stars.",
    )
    return list(rows.select_related("asked_by").order_by("-pk")[:SHOWN])


def name_of(job: Job) -> str:
    """A kind of work in words; one without stands there as it is called."""
    return {
        "stars.advance": _("进入下一阶段"),
        "stars.remind": _("提醒"),
        "stars.publish_workbook": _("生成上报表"),
        "stars.archive": _("封存档案"),
        "stars.rehearse": _("演练"),
    }.get(job.kind, job.kind)


# --- Whom it waits for, and what may be done


def objections_of(round_: Round, person) -> dict:
    """How many and how many are open, of those the person may know of."""
    rows = Objection.objects.visible_to(person).filter(round=round_)
    return rows.aggregate(all=Count("pk"), open=Count("pk", filter=Q(outcome="")))


def waits_for(round_: Round) -> list:
    """People who still owe something in this stage."""
    return sorted(owing.debtors(round_), key=lambda one: (one.sort_weight, one.staff_no))


def acts(round_: Round, person) -> list[Act]:
    """Pages on which the person may do something for the round now."""
    found, anchor, pk = [], round_.anchor(), round_.pk
    manages = access.can(person, "round.manage", anchor)

    def offer(allowed, text, route, act):
        if allowed:
            found.append(Act(text, reverse(route, args=[pk]), act))

    state = round_.state
    offer(
        manages and state == S.PREPARING, _("补齐所缺，开启本轮"), "stars:round_detail", _("去开启")
    )
    offer(
        manages and state == S.NOMINATING,
        _("看各科室的推荐，退回补正"),
        "stars:nomination_list",
        _("看推荐"),
    )
    offer(state == S.AT_BRANCH, _("看各支部评到哪里"), "stars:branch", _("看支部评星"))
    leads = access.can(person, "sitting.lead", anchor)
    offer(leads, _("登记到会，逐项表决，散会"), "stars:meeting", _("去会议"))
    handles = access.has_role(person, Role.PERSONNEL)
    offer(state == S.PUBLICITY and handles, _("登记、处理异议"), "stars:publicity", _("看公示"))
    offer(state == S.PUBLISHED, _("结果、上报表"), "stars:result", _("看结果"))
    reads = access.can(person, "archive.read", anchor)
    offer(state == S.PUBLISHED and reads, _("封存、下载档案"), "stars:round_archive", _("看档案"))
    return found


def may(round_: Round, person) -> dict[str, bool]:
    """The acts that have their form on the page itself."""
    manages = access.can(person, "round.manage", round_.anchor())
    running = manages and runs(round_)
    return {
        "advance": running and not (round_.state == S.PUBLICITY and not is_late(round_)),
        "remind": running and round_.state != S.PUBLICITY,
        "cancel": manages and round_.state in ROUND_CANCELLABLE,
    }
