"""When the digest goes out, to whom, what it says; never twice."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from desk import digests, tasks
from desk.actions import digests as acts
from desk.models import Delivery, Digest, DigestAddress, DigestPolicy, DigestRun
from scheme.errors import Refused
from scheme.idempotency import new_key
from scheme.models import Absence, AuditEntry, CalendarDay, Job, Notice
from scheme.offices import Administrator
from tests import factories as make
from tests.desk.digest_world import MONDAY, drain

DAY = date(2026, 3, 9)


@pytest.fixture
def d(db, clock):
    clock.set(MONDAY)
    d = make.make_department()
    make.make_rule_book(d.unit)
    d.office, d.officer = d.personnel[0], d.officers[0][1]
    return d


def look():
    tasks.look()
    return drain()


def set_policy(d, **more):
    values = {
        "in_force_from": DAY,
        "enabled": True,
        "send_at": time(8, 30),
        "robot": "",
        "robot_url": "",
    }
    return acts.set_policy(d.unit, by=d.office, **(values | more))


def test_once_a_working_morning_to_whom_something_is_owed(d, clock):
    clock.set("2026-03-09 08:29")
    assert look() == 0
    clock.set(MONDAY)
    look()
    mine = Digest.objects.get(person=d.officer)
    assert mine.day == DAY and mine.owed == len(mine.body["zh-hans"]["owed"]) >= 2
    titles = {code: [row["title"] for row in mine.body[code]["owed"]] for code in mine.body}
    assert any("3月6日" in title for title in titles["zh-hans"])
    assert any("6 Mar" in title for title in titles["en"]), "every row in the reader's language"
    assert "今天的日报" not in titles["zh-hans"], "its day has only begun"
    notice = Notice.objects.get(to=d.officer, key="digest:2026-03-09")
    assert f"{mine.owed}件要报" in notice.text and "en" in notice.spoken
    assert notice.url == "/digest/?day=2026-03-09"
    # Leaders without anything to do hear nothing.
    assert not Digest.objects.filter(person__in=[d.chair, d.other_leader]).exists()
    before = Digest.objects.count()
    # Beat looks again all day long, and after a restart the same jobs come again.
    for at in ("2026-03-09 08:31", "2026-03-09 15:00", "2026-03-09 19:59"):
        clock.set(at)
        Job.objects.update(state="waiting", finished_at=None)
        look()
    assert Digest.objects.count() == before == Notice.objects.filter(icon="sun").count()
    assert Job.objects.filter(kind=acts.KIND_UNIT, state="done").count() == 1
    with pytest.raises(IntegrityError, match="digest_once_a_day"), transaction.atomic():
        Digest.objects.create(
            unit=d.unit, person=d.officer, day=DAY, owed=0, waiting=0, body={}, made_at=mine.made_at
        )
    clock.set("2026-03-10 08:30")
    look()
    assert Digest.objects.filter(person=d.officer).count() == 2


@pytest.mark.parametrize(
    ("moment", "goes_out"),
    [
        ("2026-03-09 06:59", False),
        ("2026-03-09 07:00", True),
        ("2026-03-09 19:59", True),
        ("2026-03-09 20:00", False),
        ("2026-03-08 09:00", False),  # a Sunday
        ("2026-02-17 09:00", False),  # the Spring Festival
        ("2026-02-14 09:00", True),  # a Saturday that is worked
        ("2199-01-02 09:00", False),  # no calendar
    ],
)
def test_never_at_night_never_on_a_day_off(db, clock, moment, goes_out):
    unit = make.make_unit()
    clock.set("2026-02-02 09:00")
    office = make.make_staff(unit, office="personnel_office")
    acts.set_policy(
        unit, in_force_from=date(2026, 2, 2), enabled=True, send_at=time(7), robot="",
        robot_url="", by=office,
    )  # fmt: skip
    clock.set(moment)
    tasks.look()
    assert Job.objects.filter(kind=acts.KIND_UNIT).exists() == goes_out


def test_a_job_that_comes_too_late_makes_nothing(d, clock):
    tasks.look()
    clock.set("2026-03-09 20:01")
    drain()
    assert not DigestRun.objects.exists()
    clock.set("2026-03-10 08:31")
    tasks.look()
    jobs_of_the_day = Job.objects.filter(kind=acts.KIND_UNIT, state="waiting")
    from scheme import jobs

    jobs.run(jobs_of_the_day.get().pk)
    clock.set("2026-03-10 21:00")
    drain()
    assert DigestRun.objects.exists() and not Digest.objects.exists()


def test_nobody_on_leave_and_everybody_on_the_road(d, clock):
    away, road, lent, gone = d.officers[0][1], d.officers[0][2], d.officers[1][0], d.officers[1][1]
    make.make_absence(away, DAY, DAY)
    make.make_absence(road, DAY, DAY, kind=Absence.Kind.TRAVEL)
    make.make_absence(lent, DAY - timedelta(3), kind=Absence.Kind.SECONDMENT)
    gone.left_on = DAY
    gone.save()
    shut = d.officers[1][2]
    shut.is_active = False
    shut.save()
    look()
    told = set(Digest.objects.values_list("person", flat=True))
    assert road.pk in told
    assert not told & {away.pk, lent.pk, gone.pk, shut.pk}


def test_the_chief_hears_of_a_missing_report_only_when_its_time_is_up(d, clock):
    """On Monday at half past eight Friday's report may still come; Thursday's is late."""
    chief, section = d.chiefs[0], [d.deputies[0], *d.officers[0][1:]]
    for person in section[1:]:
        make.make_report(person, date(2026, 3, 5))
    rows = digests.unfiled(make.again(chief))
    assert [row.note for row in rows] == [section[0].name]
    assert "3月5日" in rows[0].title and rows[0].url.endswith("?day=2026-03-05")
    clock.set("2026-03-09 10:01")
    assert "3月6日" in digests.unfiled(make.again(chief))[0].title
    for person in section:
        make.make_report(person, date(2026, 3, 6))
    assert digests.unfiled(make.again(chief)) == [], "one's own is owed, not somebody else's"
    assert digests.unfiled(make.again(d.officer)) == []
    many = [make.make_staff(section=d.one) for _n in range(10)]
    note = digests.unfiled(make.again(chief))[0].note
    assert note.endswith("…") and many[-1].name not in note
    CalendarDay.objects.filter(day__lt=DAY).delete()
    assert digests.unfiled(make.again(chief)) == []


def test_the_hour_is_the_offices_to_set_from_a_day_on(d, clock):
    assert digests.setting_of(d.unit, DAY) == digests.USUAL
    set_policy(d, in_force_from=date(2026, 3, 10), send_at=time(9))
    assert digests.setting_of(d.unit, DAY).send_at == time(8, 30)
    assert digests.setting_of(d.unit, date(2026, 3, 11)).send_at == time(9)
    clock.set("2026-03-10 08:59")
    assert look() == 0
    clock.set("2026-03-10 09:00")
    assert look() > 0
    set_policy(d, in_force_from=date(2026, 3, 11), enabled=False)
    clock.set("2026-03-11 12:00")
    assert look() == 0
    for more, said in (
        ({"in_force_from": date(2026, 3, 10)}, "今天或以后"),
        ({"in_force_from": date(2026, 3, 12), "send_at": time(6, 59)}, "7:00到20:00"),
        ({"in_force_from": date(2026, 3, 12), "send_at": time(20)}, "7:00到20:00"),
    ):
        with pytest.raises(Refused, match=said):
            set_policy(d, **more)
    row = DigestPolicy.objects.first()
    for change in (lambda: DigestPolicy.objects.update(enabled=True), lambda: row.delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    with pytest.raises(PermissionDenied):
        acts.set_policy(
            d.unit, in_force_from=date(2026, 3, 12), enabled=True, send_at=time(9), robot="",
            robot_url="", by=d.officer,
        )  # fmt: skip


def test_batches_are_split_once_and_kept_once(d, monkeypatch):
    monkeypatch.setattr(acts, "BATCH", 4)
    tasks.look()
    drain()
    run = DigestRun.objects.get()
    assert run.batches == run.done == -(-len(d.everybody) // 4)
    assert acts.split(d.unit, DAY, [1, 2, 3]) == run.batches
    body = Digest.objects.get(person=d.officer).body
    assert acts.store(d.unit, DAY, [acts.Body(d.officer.pk, body)]) == 0
    assert not Delivery.objects.exists(), "no mail server, no robot: nothing leaves the house"


def test_what_the_notice_says(d):
    for owed, waiting, said in ((2, 0, "2件要报"), (0, 1, "1件等您办"), (2, 1, "2件要报，1件")):
        assert said in digests.counts_line(Digest(owed=owed, waiting=waiting))


def test_two_beats_and_two_workers_at_once(committed_db, race, clock):
    clock.set(MONDAY)
    d = make.make_department()
    make.make_rule_book(d.unit)
    assert [r for r in race(*[look] * 3) if isinstance(r, Exception)] == []
    drain()
    assert Digest.objects.count() == Digest.objects.values("person").distinct().count() > 5
    assert Notice.objects.filter(icon="sun").count() == Digest.objects.count()
    run = DigestRun.objects.get()
    assert run.done == run.batches == 1


# --- Pages


def get(client, person, name, **asked):
    # The clock moves by days here, and a session ends when it is idle.
    client.logout()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(name), asked)


def post(client, person, name, **data):
    client.logout()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(reverse(name), {"idem": new_key(), **data})


def test_ones_own_digest_and_the_days_before(client, d, clock):
    assert "还没有提要" in get(client, d.officer, "desk:digest").content.decode()
    look()
    clock.set("2026-03-10 09:00")
    look()
    page = get(client, d.officer, "desk:digest").content.decode()
    assert "2026年3月10日" in page and "3月6日的日报" in page and "?day=2026-03-09" in page
    client.cookies["language"] = "en"
    english = client.get(reverse("desk:digest"), {"day": "2026-03-09"}).content.decode()
    assert "6 Mar" in english
    for day in ("2026-03-01", "2026-02-31", "x", "\x00"):
        assert get(client, d.officer, "desk:digest", day=day).status_code == 404
    waits = get(client, d.chiefs[0], "desk:digest").content.decode()
    assert "等您办的" in waits and "过时未报" in waits


def test_an_address_is_ones_own_and_may_be_held_to_the_house(client, d, settings):
    page = get(client, d.officer, "scheme:me").content.decode()
    assert "每日提要" in page and "还没有接邮件服务器" in page
    assert post(client, d.officer, "desk:digest_address", email="no").status_code == 422
    assert post(client, d.officer, "desk:digest_address", email="a@example.org").status_code == 302
    assert DigestAddress.objects.get().email == "a@example.org"
    assert "a@example.org" in get(client, d.officer, "scheme:me").content.decode()
    settings.DIGEST_MAIL_DOMAINS = ["office.example"]
    assert post(client, d.officer, "desk:digest_address", email="a@example.org").status_code == 422
    post(client, d.officer, "desk:digest_address", email="a@Office.Example")
    for _again in range(2):
        assert post(client, d.officer, "desk:digest_address", email="").status_code == 302
    assert not DigestAddress.objects.exists()
    trail = AuditEntry.objects.filter(act="digest.address").order_by("pk")
    assert [one.after["email"] for one in trail] == [True, True, False]
    administrator = make.make_administrator(Administrator.SYSTEM)
    assert "每日提要" not in get(client, administrator, "scheme:me").content.decode()


def test_the_settings_page_shows_no_key(client, d, settings):
    settings.DIGEST_ROBOT_ORIGINS = ["https://robot.example"]
    form = {
        "in_force_from": "2026-03-09",
        "enabled": "on",
        "send_at": "09:15",
        "robot": "wecom",
        "robot_url": "https://robot.example/send?key=secret-7",
    }
    wrong = post(client, d.office, "desk:digest_settings", **(form | {"send_at": "21:00"}))
    assert wrong.status_code == 422 and "7:00到20:00" in wrong.content.decode()
    old = post(client, d.office, "desk:digest_settings", **(form | {"in_force_from": "1900-01-01"}))
    assert old.status_code == 422
    other = form | {"robot_url": "https://elsewhere.example/"}
    assert (
        "不在允许的范围" in post(client, d.office, "desk:digest_settings", **other).content.decode()
    )
    assert post(client, d.office, "desk:digest_settings", **form).status_code == 302
    look()
    shown = get(client, d.office, "desk:digest_settings").content.decode()
    assert "https://robot.example/…" in shown and "09:15" in shown
    trail = AuditEntry.objects.get(act="digest.settings")
    assert trail.after["host"] == "robot.example" and "secret-7" not in str(trail.after)
    assert shown.count("secret-7") == 1, "in the box where it is changed, and nowhere else"
    assert get(client, d.officer, "desk:digest_settings").status_code == 403
