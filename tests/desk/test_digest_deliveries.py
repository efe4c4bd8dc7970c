"""Mail and robots, against real servers: sent once, retried only when surely not arrived."""

from datetime import date, time

import pytest
from django.core import mail as django_mail
from django.db import IntegrityError, transaction

from desk import outward, tasks
from desk.actions import digests as acts
from desk.models import Delivery, Digest
from scheme.models import Job
from tests import factories as make
from tests.desk.digest_world import MONDAY, drain, mail_server, robot_server

DAY = date(2026, 3, 9)
State = Delivery.State


@pytest.fixture
def d(db, clock):
    clock.set(MONDAY)
    d = make.make_department()
    make.make_rule_book(d.unit)
    d.office, d.officer = d.personnel[0], d.officers[0][1]
    acts.set_address("officer@example.org", language="en", by=d.officer)
    return d


@pytest.fixture
def box(settings):
    with mail_server(settings) as box:
        yield box


@pytest.fixture
def robot(settings):
    with robot_server(settings) as robot:
        yield robot


def look():
    tasks.look()
    drain()


def delivery():
    return Delivery.objects.get()


def wait(clock, minutes):
    clock.advance(minutes=minutes)
    drain()


def test_a_mail_in_the_readers_language_and_only_one(d, box, clock):
    look()
    (envelope,) = box.mails
    assert envelope.rcpt_tos == ["officer@example.org"]
    message = django_mail.message.message_from_bytes(envelope.content)
    text = message.get_payload(decode=True).decode()
    assert d.officer.name in text and "6 Mar" in text and "https://star.example.org/" in text
    digest = Digest.objects.get(person=d.officer)
    assert message["Message-ID"] == f"<digest-{digest.pk}-20260309@example.org>"
    assert delivery().state == State.SENT
    # The same jobs come again: after a lost answer of the broker, or a restart.
    Job.objects.update(state="waiting", finished_at=None)
    look()
    wait(clock, 60)
    assert len(box.mails) == 1
    with pytest.raises(IntegrityError, match="desk_delivery_steps"), transaction.atomic():
        Delivery.objects.update(state=State.WAITING)
    with pytest.raises(IntegrityError, match="delivery_once_a_digest"), transaction.atomic():
        Delivery.objects.create(
            unit=d.unit, day=DAY, channel="email", digest=digest, moved_at=delivery().moved_at
        )


def test_a_worker_killed_while_sending_leaves_it_unsure(d, box, monkeypatch):
    def die(_delivery):
        raise SystemExit

    monkeypatch.setattr(tasks, "_send", die)
    with pytest.raises(SystemExit):
        look()
    assert delivery().state == State.SENDING
    monkeypatch.undo()
    Job.objects.filter(state="running").update(lease_until="2026-01-01T00:00Z")
    drain()
    assert (delivery().state, box.mails) == (State.UNSURE, [])
    assert acts.end(delivery().pk, outward.SENT).state == State.UNSURE, "too late to know"


@pytest.mark.parametrize(
    ("answers", "state", "tries", "arrived"),
    [
        (["451 busy", "451 busy"], State.SENT, 3, 1),
        (["451 busy"] * 9, State.FAILED, 5, 0),
        (["554 no"], State.FAILED, 1, 0),
        # Its answer was lost: it may have been delivered, and is not sent a second time.
        (["hang up"], State.UNSURE, 1, 1),
    ],
)
def test_what_a_mail_server_answers(d, box, clock, answers, state, tries, arrived):
    box.answers += answers
    look()
    for minutes in (1, 2, 4, 8, 16):
        wait(clock, minutes + 1)
    sent = delivery()
    assert (sent.state, sent.tries, len(box.mails)) == (state, tries, arrived)
    assert bool(sent.error) == (state != State.SENT)


def test_a_server_that_is_away_is_tried_again_until_the_evening(d, box, clock, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    look()
    assert (delivery().state, delivery().tries) == (State.WAITING, 1)
    assert "Error" in delivery().error
    settings.EMAIL_PORT = port
    clock.set("2026-03-09 20:30")
    drain()
    assert (delivery().state, box.mails) == (State.FAILED, [])
    assert "过时不发" in delivery().error


def test_refused_recipients_and_addresses_taken_back(d, box, clock, monkeypatch):
    import smtplib

    from django.core.mail.backends.smtp import EmailBackend

    for code, hopeless in ((450, False), (550, True)):

        def refuse(self, messages, code=code):
            raise smtplib.SMTPRecipientsRefused({"officer@example.org": (code, b"no")})

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        look()
        one = Delivery(digest=Digest.objects.get(person=d.officer))
        assert outward.mail(one).hopeless == hopeless
    monkeypatch.undo()
    acts.set_address("", language="en", by=d.officer)
    assert outward.mail(one).hopeless

    class Stuck:
        connection = object()

        def close(self):
            raise OSError

    stuck = Stuck()
    outward._close(stuck)
    assert stuck.connection is None


def with_robot(d, robot, kind="wecom"):
    acts.set_policy(
        d.unit, in_force_from=DAY, enabled=True, send_at=time(8, 30), robot=kind,
        robot_url=f"{robot.origin}/send?key=7", by=d.office,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_a_group_is_told_how_many_and_nothing_else(d, robot, clock, kind):
    with_robot(d, robot, kind)
    look()
    ((path, message),) = robot.told
    count = Digest.objects.count()
    assert path == "/send?key=7" and message["msgtype"] == "text"
    assert f"{count}人有待办" in message["text"]["content"]
    assert ("at" in message) == (kind == "dingtalk")
    assert not any(one.name in str(message) for one in d.everybody)
    Job.objects.update(state="waiting", finished_at=None)
    look()
    assert len(robot.told) == 1 and delivery().state == State.SENT


@pytest.mark.parametrize(
    ("answers", "state", "told"),
    [
        ([(200, b'{"errcode": 45009}'), (500, b""), (429, b"")], State.SENT, 4),
        ([(302, b"")], State.FAILED, 1),
        ([(403, b"no")], State.FAILED, 1),
        ([(200, b"<html>")], State.UNSURE, 1),
        ([(200, b"[1]")], State.UNSURE, 1),
        (["hang up"], State.UNSURE, 1),
    ],
)
def test_what_a_robot_answers(d, robot, clock, answers, state, told):
    with_robot(d, robot)
    robot.answers += answers
    look()
    for minutes in (1, 2, 4):
        wait(clock, minutes + 1)
    assert (delivery().state, len(robot.told)) == (state, told)
    assert {path for path, _message in robot.told} == {"/send?key=7"}, "no redirect is followed"


def test_only_configured_hosts_are_called(d, robot, settings, clock):
    with_robot(d, robot)
    settings.DIGEST_ROBOT_ORIGINS = []
    look()
    assert robot.told == [] and delivery().state == State.FAILED
    settings.DIGEST_ROBOT_ORIGINS = ["https://robot.example", "http://127.0.0.1:1"]
    for url in (
        "https://robot.example.evil/x", "http://robot.example/x", "https://robot.example:8443/x",
        "https://robot.example@evil/x", "https://u:p@robot.example/x", "ftp://robot.example/x",
        "https://robot.example/x\r\nHost: evil", "https://robot.example:99999999/", "", "//x",
    ):  # fmt: skip
        assert not outward.is_allowed(url), url
    assert outward.is_allowed("https://robot.example:443/send?key=1")
    away = outward.robot(delivery(), "wecom", "http://127.0.0.1:1/")
    assert not (away.sent or away.unsure or away.hopeless) and away.why


def test_no_digest_at_all_is_no_news_for_the_group(db, robot, clock):
    clock.set(MONDAY)
    unit = make.make_unit()
    office = make.make_staff(unit, office="personnel_office")
    acts.set_policy(
        unit, in_force_from=DAY, enabled=True, send_at=time(8, 30), robot="wecom",
        robot_url=f"{robot.origin}/", by=office,
    )  # fmt: skip
    look()
    assert not Digest.objects.exists() and not Delivery.objects.exists() and robot.told == []
