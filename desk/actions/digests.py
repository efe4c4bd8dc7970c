"""Making the day's digests, and moving their deliveries: each step one transaction.

A digest is made once by the database (one a person and day). A delivery is begun before its first
byte goes out; found begun after a crash, it is unsure and not sent again.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from desk import digests, outward
from desk.models import Delivery, Digest, DigestAddress, DigestPolicy, DigestRun
from desk.models.digest import EARLIEST, LATEST
from scheme import audit, clock, jobs, notices
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Staff, Unit

KIND_UNIT, KIND_PEOPLE, KIND_SEND = "digest.unit", "digest.people", "digest.send"
BATCH = 200
MAX_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
State, Channel = Delivery.State, Delivery.Channel


class Body(NamedTuple):
    """What one person's digest holds."""

    person_id: int
    body: dict


# --- Settings


@transaction.atomic
def set_policy(
    unit: Unit,
    *,
    in_force_from: date,
    enabled: bool,
    send_at: time,
    robot: str,
    robot_url: str,
    by: Staff,
) -> DigestPolicy:
    """A new setting from a day on; the days before keep theirs."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "digest.settings", Anchor(unit.pk))
    if in_force_from < clock.today():
        raise Refused(_("只能从今天或以后起改。"), field="in_force_from")
    if not EARLIEST <= send_at < LATEST:
        raise Refused(_("只能在7:00到20:00之间。"), field="send_at")
    robot_url = robot_url.strip() if robot else ""
    if robot and not outward.is_allowed(robot_url):
        raise Refused(
            _("这个地址不在允许的范围里，请系统管理员先把它的主机加进设置。"), field="robot_url"
        )
    policy = DigestPolicy.objects.create(
        unit=unit,
        in_force_from=in_force_from,
        enabled=enabled,
        send_at=send_at,
        robot=robot,
        robot_url=robot_url,
        set_by=by,
        set_at=clock.now(),
    )
    after = {
        "from": in_force_from.isoformat(),
        "enabled": enabled,
        "send_at": f"{send_at:%H:%M}",
        "robot": robot,
        # The rest of the address is its key.
        "host": urlsplit(robot_url).hostname or "",
    }
    audit.record(by, "digest.settings", policy, after=after)
    return policy


@transaction.atomic
def set_address(email: str, *, language: str, by: Staff) -> DigestAddress | None:
    """One's own address; an empty one ends the e-mails."""
    require(by, "digest.read", Anchor(by.unit_id, by.pk))
    email = email.strip()
    rows = DigestAddress.objects.filter(person=by)
    if not email:
        if rows.delete()[0]:
            audit.record(by, "digest.address", by, after={"email": False})
        return None
    domains = settings.DIGEST_MAIL_DOMAINS
    if domains and email.rpartition("@")[2].lower() not in domains:
        raise Refused(
            _("请填单位的邮箱：%(domains)s") % {"domains": "、".join(domains)}, field="email"
        )
    values = {"email": email, "language": language, "set_at": clock.now()}
    address, _made = DigestAddress.objects.update_or_create(person=by, defaults=values)
    audit.record(by, "digest.address", by, after={"email": True})
    return address


# --- Making them. `by` is None: the clock acts.


@transaction.atomic
def begin_day(unit: Unit, day: date, *, by: None = None) -> None:
    """Registers the unit's day as work, once however often beat looks."""
    jobs.enqueue(
        KIND_UNIT,
        f"{unit.pk}:{day.isoformat()}",
        args={"day": day.isoformat()},
        unit=unit,
        by=by,
    )


@transaction.atomic
def split(unit: Unit, day: date, people: list[int], *, by: None = None) -> int:
    """One job for every two hundred people; how many there are."""
    batches = [people[n : n + BATCH] for n in range(0, len(people), BATCH)]
    run, made = DigestRun.objects.get_or_create(
        unit=unit, day=day, defaults={"batches": len(batches)}
    )
    if not made:
        return run.batches
    for number, batch in enumerate(batches):
        jobs.enqueue(
            KIND_PEOPLE,
            f"{unit.pk}:{day.isoformat()}:{number}",
            args={"day": day.isoformat(), "first": batch[0], "last": batch[-1]},
            unit=unit,
            by=by,
        )
    return run.batches


@transaction.atomic
def store(unit: Unit, day: date, bodies: Iterable[Body], *, by: None = None) -> int:
    """Keeps a batch's digests, tells their people and registers their e-mails. Who has one already
    gets no second. The last batch of a unit registers the message of its robot."""
    at = clock.now()
    rows = [
        Digest(
            unit=unit,
            person_id=one.person_id,
            day=day,
            body=one.body,
            owed=len(one.body[settings.LANGUAGE_CODE]["owed"]),
            waiting=len(one.body[settings.LANGUAGE_CODE]["waiting"]),
            made_at=at,
        )
        for one in bodies
    ]
    those = [row.person_id for row in rows]
    had = set(Digest.objects.filter(day=day, person__in=those).values_list("person", flat=True))
    Digest.objects.bulk_create([r for r in rows if r.person_id not in had], ignore_conflicts=True)
    made = Digest.objects.filter(day=day, person__in=set(those) - had).select_related("person")
    notices.tell_each(
        [
            notices.Told(
                one.person,
                f"digest:{day.isoformat()}",
                lambda one=one: digests.counts_line(one),
                digests.page_of(one),
            )
            for one in made
        ],
        icon="sun",
    )
    _register_mails(unit, day, list(made))
    DigestRun.objects.filter(unit=unit, day=day).update(done=F("done") + 1)
    run = DigestRun.objects.get(unit=unit, day=day)
    if run.done >= run.batches:
        _register_robot(unit, day)
    return len(made)


def _register_mails(unit: Unit, day: date, made: list[Digest]) -> None:
    if not outward.has_mail():
        return
    wanted = DigestAddress.objects.filter(person__in=[one.person_id for one in made])
    wanting = set(wanted.values_list("person", flat=True))
    mails = [
        Delivery(unit=unit, day=day, channel=Channel.EMAIL, digest=one, moved_at=clock.now())
        for one in made
        if one.person_id in wanting
    ]
    Delivery.objects.bulk_create(mails, ignore_conflicts=True)
    rows = Delivery.objects.filter(digest__in=[one.digest_id for one in mails])
    for delivery in rows.order_by("pk"):
        _enqueue(delivery)


def _register_robot(unit: Unit, day: date) -> None:
    if not digests.setting_of(unit, day).robot:
        return
    if not Digest.objects.filter(unit=unit, day=day).exists():
        return
    delivery, made = Delivery.objects.get_or_create(
        unit=unit, day=day, channel=Channel.ROBOT, defaults={"moved_at": clock.now()}
    )
    if made:
        _enqueue(delivery)


def _enqueue(delivery: Delivery, after: timedelta | None = None) -> None:
    jobs.enqueue(
        KIND_SEND,
        f"{delivery.pk}:{delivery.tries}",
        args={"delivery": delivery.pk, "try": delivery.tries},
        unit=delivery.unit,
        run_after=clock.now() + after if after else None,
    )


# --- Sending them. Each try is begun and ended in a transaction of its own.


@transaction.atomic
def begin(pk: int, tried: int, *, by: None = None) -> Delivery | None:
    """Writes down that the try goes out, before it does. None when it must not: it is another's
    try, the day is over, or an earlier one was begun and never ended."""
    delivery = Delivery.objects.select_for_update().get(pk=pk)
    if delivery.state == State.SENDING and delivery.tries == tried + 1:
        # Whoever began it never came back: it may have arrived.
        _move(delivery, State.UNSURE, _("发送中断，可能已经送到"))
        return None
    if delivery.state != State.WAITING or delivery.tries != tried:
        return None
    if delivery.day != clock.today() or not digests.may_send(clock.now()):
        _move(delivery, State.FAILED, _("当天没有发成，过时不发"))
        return None
    delivery.tries += 1
    _move(delivery, State.SENDING, "")
    return delivery


@transaction.atomic
def end(pk: int, outcome: outward.Outcome, *, by: None = None) -> Delivery:
    """What became of the try: sent, unsure (never again), or surely not arrived, and then once
    more after a while; given up after five."""
    delivery = Delivery.objects.select_for_update().get(pk=pk)
    if delivery.state != State.SENDING:
        return delivery
    if outcome.sent:
        _move(delivery, State.SENT, "")
    elif outcome.unsure:
        _move(delivery, State.UNSURE, outcome.why)
    elif outcome.hopeless or delivery.tries >= MAX_TRIES:
        _move(delivery, State.FAILED, outcome.why)
    else:
        _move(delivery, State.WAITING, outcome.why)
        _enqueue(delivery, after=FIRST_WAIT * 2 ** (delivery.tries - 1))
    return delivery


def _move(delivery: Delivery, state: str, why: str) -> None:
    delivery.state, delivery.error, delivery.moved_at = state, str(why)[:200], clock.now()
    delivery.save(update_fields=["state", "tries", "error", "moved_at"])
