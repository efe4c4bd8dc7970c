"""Preparing a round, opening it (from then on its rules are sealed), giving it up."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices, periods, workdays
from scheme.errors import Refused, Stale
from scheme.models import Appointment, Star, Unit
from scheme.offices import Office
from scheme.templatetags.look import listed, md
from scoring.actions import runs
from scoring.models import RuleBook
from stars import planning, readiness, ruling
from stars.models import Participant, Quota, Round, RoundMove
from stars.models.round import NomineeKind
from stars.workflow import ROUND_CANCELLABLE, ROUND_NEXT

from . import participants, sittings

CLOSING_HOUR = 18
# What a new round takes over from the one before, besides the rules in ruling.FIRST.
SHARES = (
    "publicity_days",
    "quorum_num",
    "quorum_den",
    "majority_num",
    "majority_den",
    "recused_count_as_entitled",
    "contact",
)


def _locked(pk: int, by, seen: int) -> Round:
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    access.require(by, "round.manage", round_.anchor())
    if round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再办。"))
    return round_


def chiefs_of(round_: Round) -> list:
    """The chiefs, today, of the sections that take part."""
    sections = round_.participants.taking_part().exclude(section=None).values("section")
    rows = (
        Appointment.objects.on(clock.today())
        .filter(office=Office.SECTION_CHIEF, section__in=sections)
        .select_related("staff")
        .order_by("section__position", "staff_id")
    )
    return list({row.staff_id: row.staff for row in rows}.values())


def forerunner(round_: Round) -> Round | None:
    """The unit's last opened round of an earlier half-year, whose rules a new one takes over."""
    rows = Round.objects.filter(unit=round_.unit_id, half__lt=round_.half)
    return rows.exclude(opened_at=None).order_by("-half", "-opened_at").first()


@transaction.atomic
def prepare(unit: Unit, half: str, *, by) -> Round:
    """A round with the usual dates, the rules and places of the round before, and the roster of
    today. A department's first round votes by secret ballot and has a place a star and kind."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    access.require(by, "round.manage", Round(unit=unit, half=half).anchor())
    try:
        span = periods.half_span(half)
    except ValueError:
        raise Refused(_("没有这个半年。"), field="half") from None
    if span.first > clock.today():
        raise Refused(_("这个半年还没有开始。"), field="half")
    if Round.objects.filter(unit=unit, half=half).exclude(state=Round.State.CANCELLED).exists():
        raise Refused(_("这个半年已经有一轮了。"), field="half")

    dates = planning.ends(workdays.following(clock.today()), planning.USUAL_DAYS)
    round_ = Round(unit=unit, half=half, stage_since=clock.now(), secret=True, **dates)
    last = forerunner(round_)
    if last is not None:
        for name in (*SHARES, *ruling.FIRST):
            setattr(round_, name, getattr(last, name))
    round_.save()
    _places_of(round_, last)
    listed = participants.expected(unit, half)
    for row in listed:
        row.round = round_
    Participant.objects.bulk_create(listed)
    after = {"half": half, "participants": len(listed)}
    if last is not None:
        after["rules_of"] = last.half
    audit.record(by, "round.prepare", round_, after=after)
    return round_


def _places_of(round_: Round, last: Round | None) -> None:
    held = {} if last is None else {(row.star_id, row.kind): row for row in last.quotas.all()}
    usual = Quota(places=1, per_section=1)
    rows = []
    for star in Star.objects.all():
        for kind in NomineeKind.values:
            row = held.get((star.pk, kind), usual)
            more = {"places": row.places, "per_section": row.per_section}
            rows.append(Quota(round=round_, star=star, kind=kind, **more))
    Quota.objects.bulk_create(rows)


@transaction.atomic
def plan(
    pk: int,
    *,
    by,
    seen: int,
    dates: Mapping[str, date],
    quotas: Mapping[tuple[str, str], tuple[int, int]],
    quorum: tuple[int, int],
    majority: tuple[int, int],
    publicity_days: int,
    publicity_seconds: int | None = None,
    recused_count_as_entitled: bool = True,
    rules: Mapping[str, object] | None = None,
    contact: str | None = None,
) -> Round:
    """Dates, places, shares and rules, while the round is being prepared.

    `quotas`: (star, kind) → (places, how many a section may put forward). `rules`: those of
    ruling.FIRST that are to change.
    """
    round_ = _locked(pk, by, seen)
    if round_.state != Round.State.PREPARING:
        raise Refused(_("这一轮已经开启，规则已封存，不能再改。"))
    planning.check(dates)
    _check_shares(quorum, majority)
    if not 1 <= publicity_days <= 30:
        raise Refused(_("公示须为1至30个工作日。"), field="publicity_days")
    if publicity_seconds is not None and not settings.DEMO:
        raise Refused(_("只有演示可以缩短公示。"), field="publicity_seconds")
    if contact is not None and len(contact) > 200:
        raise Refused(_("受理方式请写在200字以内。"), field="contact")
    before = rules_of(round_)
    chosen = {name: before[name] for name in ruling.FIRST} | dict(rules or {})
    ruling.check(chosen)
    for name, value in (chosen | dict(dates)).items():
        setattr(round_, name, value)
    round_.quorum_num, round_.quorum_den = quorum
    round_.majority_num, round_.majority_den = majority
    round_.publicity_days = publicity_days
    round_.publicity_seconds = publicity_seconds
    round_.recused_count_as_entitled = recused_count_as_entitled
    if contact is not None:
        round_.contact = contact.strip()
    round_.version = seen + 1
    round_.save()
    _set_quotas(round_, quotas)
    changed = {k: v for k, v in rules_of(round_).items() if before[k] != v}
    old = {k: before[k] for k in changed}
    audit.record(by, "round.plan", round_, before=old, after=changed)
    return round_


def _check_shares(quorum: tuple[int, int], majority: tuple[int, int]) -> None:
    if not 0 < quorum[0] <= quorum[1]:
        raise Refused(_("法定人数须是应到会的一部分，如三分之二。"), field="quorum_num")
    if not 0 < majority[0] < majority[1]:
        raise Refused(_("通过须过的份额要小于一，如二分之一。"), field="majority_num")


def _set_quotas(round_: Round, quotas: Mapping[tuple[str, str], tuple[int, int]]) -> None:
    rows = {(row.star_id, row.kind): row for row in round_.quotas.all()}
    for key, (places, per_section) in quotas.items():
        if key not in rows:
            raise Refused(_("没有这颗星的名额可改，请刷新后再试。"))
        if not (0 <= places <= ruling.MAX_PLACES and 0 <= per_section <= ruling.MAX_PLACES):
            raise Refused(_("名额须为0至99。"), field=f"places_{key[0]}_{key[1]}")
        rows[key].places, rows[key].per_section = places, per_section
    Quota.objects.bulk_update(rows.values(), ["places", "per_section"])


def rules_of(round_: Round) -> dict:
    """Everything the office decides, JSON-ready."""
    return ruling.of(round_)


def sealed_body(round_: Round) -> dict:
    """What the seal is taken of: the rules, who takes part, the rule book and the scorecards."""
    people = round_.participants.order_by("person__staff_no", "section__name")
    return ruling.sealed(round_) | {
        "unit": round_.unit.name,
        "book": round_.book.digest,
        "run": round_.run.output_hash,
        "participants": [
            list(row)
            for row in people.values_list(
                "person__staff_no", "section__name", "takes_part", "reason"
            )
        ],
    }


def digest_of(body: dict) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def open_(pk: int, *, by, seen: int) -> Round:
    """From preparing to nominating. Binds rule book and scorecards, and seals the rules."""
    round_ = _locked(pk, by, seen)
    start = round_.state
    if start != Round.State.PREPARING:
        raise Refused(_("这一轮已经开启。"), conflict=True)
    gaps = [gap for gap in readiness.missing(round_) if gap.blocking]
    if gaps:
        raise Refused(
            _("还不能开启，缺%(count)s项：%(first)s")
            % {"count": len(gaps), "first": listed((gap.text for gap in gaps[:3]), "；")}
        )
    at = clock.now()
    round_.run = runs.standing(round_.unit, round_.half)
    round_.book = RuleBook.objects.get(pk=round_.run.book_id)
    round_.sealed = sealed_body(round_)
    round_.seal = digest_of(round_.sealed)
    round_.state, round_.version = ROUND_NEXT[start], seen + 1
    round_.opened_at, round_.opened_by, round_.stage_since = at, by, at
    round_.due_at = clock.at(round_.nominate_until, CLOSING_HOUR)
    RoundMove.objects.create(
        round=round_,
        version=seen,
        from_state=start,
        to_state=round_.state,
        by=by,
        reason=_("准备就绪，开启本轮"),
        at=at,
    )
    round_.save()
    audit.record(
        by,
        "round.open",
        round_,
        before={"state": start},
        after={"state": round_.state, "seal": round_.seal},
    )
    notices.tell_all(
        chiefs_of(round_),
        f"round:{round_.pk}:opened",
        lambda: (
            _("%(round)s开始科室推星，%(day)s18:00截止。")
            % {"round": round_, "day": md(round_.nominate_until)}
        ),
        url=reverse("stars:nomination_list", args=[round_.pk]),
        icon="star",
    )
    return round_


@transaction.atomic
def cancel(pk: int, *, by, reason: str, seen: int) -> Round:
    """Gives the round up, wherever it stands short of the result. What was done stays readable."""
    round_ = _locked(pk, by, seen)
    start = round_.state
    if start not in ROUND_CANCELLABLE:
        raise Refused(_("这一轮已经结束，不能取消。"), conflict=True)
    reason = reason.strip()
    if not reason:
        raise Refused(_("请写明为什么取消这一轮。"), field="reason")
    if len(reason) > 200:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    # An open ballot is void and its envelopes go; a meeting under way is over.
    sittings.end_with_stage(round_, by=by, reason=reason)
    RoundMove.objects.create(
        round=round_,
        version=seen,
        from_state=start,
        to_state=Round.State.CANCELLED,
        by=by,
        reason=reason,
        at=clock.now(),
    )
    round_.state, round_.version, round_.due_at = Round.State.CANCELLED, seen + 1, None
    round_.save(update_fields=["state", "version", "due_at"])
    audit.record(
        by,
        "round.cancel",
        round_,
        before={"state": start},
        after={"state": round_.state},
        reason=reason,
    )
    if start != Round.State.PREPARING:
        notices.tell_all(
            chiefs_of(round_),
            f"round:{round_.pk}:cancelled",
            lambda: _("%(round)s已取消：%(reason)s") % {"round": round_, "reason": reason},
            url=reverse("stars:round_list"),
            icon="star",
        )
    return round_
