"""Who has not filed: first one's own matter, then a gentle word, once a day."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.actions import reminders
from scheme.models import AuditEntry, Notice
from tests.factories import again, make_absence, make_report
from tests.ledgers.acting import THURSDAY, refusal

pytestmark = pytest.mark.django_db


def remind(person, by, day=THURSDAY):
    reminders.remind(person.pk, day, by=again(by))


def test_after_the_cutoff_once_a_day_and_nobody_else_s(d, author, clock):
    chief = d.chiefs[0]
    assert "先不用催" in str(refusal(lambda: remind(author, chief)))
    clock.set("2026-03-06 10:30")
    for who in (d.chiefs[1], d.leader, d.deputies[0], author):
        with pytest.raises(PermissionDenied):
            remind(author, who)

    remind(author, chief)

    notice = Notice.objects.get(to=author)
    assert "3月5日的日报还没报" in notice.text and notice.url == "/reports/2026-03-05/"
    assert AuditEntry.objects.get(act="report.remind").actor == chief
    assert "今天已经提醒过" in str(refusal(lambda: remind(author, chief)))
    clock.set("2026-03-07 09:00")
    remind(author, chief)
    assert Notice.objects.filter(to=author).count() == 2
    remind(chief, d.leader)
    # Filed, excused or past filing: nothing to remind of.
    make_report(author, THURSDAY)
    make_absence(d.officers[0][2], THURSDAY)
    for person in (author, d.officers[0][2]):
        assert "不用提醒" in str(refusal(lambda person=person: remind(person, chief)))
    clock.set("2026-03-14 09:00")
    assert "不用提醒" in str(refusal(lambda: remind(d.deputies[0], chief)))


def test_the_page_is_gentle_first(client, d, author, clock):
    make_report(d.officers[0][0], THURSDAY)
    enter = {"backend": "django.contrib.auth.backends.ModelBackend"}
    client.force_login(d.chiefs[0], **enter)
    page = client.get("/review/?day=2026-03-05").content.decode()
    assert "还没报，不算迟" in page and "review/remind" not in page

    clock.set("2026-03-06 10:30")
    client.logout()
    client.force_login(again(d.chiefs[0]), **enter)
    where = f"/review/remind/{author.pk}/"
    assert where in client.get("/review/?day=2026-03-05").content.decode()
    bad = {"idem": str(uuid.uuid4()), "day": "x"}
    assert client.post(where, bad).status_code == 422
    assert client.post(where, bad | {"day": "2199-01-01"}).status_code == 422
    body = {"idem": str(uuid.uuid4()), "day": "2026-03-05", "section": str(d.one.pk)}
    assert client.post(where, body).status_code == 302
    page = client.get("/review/?day=2026-03-05").content.decode()
    assert "已提醒" in page and where not in page
    assert f"/review/remind/{d.officers[0][2].pk}/" in page


def test_the_window_is_shown(client, author, clock):
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get("/reports/mine/").context["open"]
    days = [f"{one.day:%m-%d}" for one, _in_time in shown]
    assert days == ["02-26", "02-27", "02-28", "03-02", "03-03", "03-04"]
    assert not any(in_time for _one, in_time in shown)
    page = client.get("/reports/mine/").content.decode()
    assert "以前还没报的" in page and "3月5日23:59前可补报" in page
    clock.set("2026-03-06 09:30")
    client.logout()
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert "3月6日10:00前为按时" in client.get("/reports/mine/").content.decode()
    assert client.get("/reports/mine/?month=2025-01").context["open"] == []
