"""Rating without a name: sealed while it lasts, opened at once, and no thread left to pull."""

import logging
import re
from decimal import Decimal
from statistics import mean

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.forms.models import model_to_dict

from ledgers import talking, tasks
from ledgers.actions import ratings, talks
from ledgers.models import LedgerMove, Talk
from scheme import jobs
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Job, Notice, RequestKey
from tests.factories import again, make_department, make_staff, moment
from tests.ledgers.acting import refusal
from tests.ledgers.study_world import ENDS, imported_talk, keeper, listeners, opened, talk
from tests.ledgers.test_talks import act

pytestmark = pytest.mark.django_db
State = Talk.State
VALUES = [Decimal(one) for one in ("98", "61.5", "77", "100", "0", "88")]


def rate_all(row, d, values=VALUES) -> dict:
    """Who gave what, which nobody must be able to tell afterwards."""
    given = dict(zip(listeners(d, row.speaker_id), values, strict=False))
    for person, value in given.items():
        ratings.rate(row.pk, value, by=again(person))
    return given


def shut(d, row, clock, **more):
    clock.set("2026-03-06 18:00")
    row.refresh_from_db()
    return act(d, ratings.shut, row, **more)


def test_opened_by_the_keeper_once_it_has_been_given(d):
    row = talk(d)
    until = {"until": moment(ENDS)}
    with pytest.raises(PermissionDenied):
        act(d, ratings.open_rating, row, **until, by=row.speaker)
    past = {"until": moment("2026-03-05 17:30")}
    assert refusal(lambda: act(d, ratings.open_rating, row, **past)).field == "until"
    coming = talk(d, day=moment(ENDS).date())
    assert "还没到" in str(refusal(lambda: act(d, ratings.open_rating, coming, **until)))

    row = act(d, ratings.open_rating, row, **until)

    assert (row.state, row.rating_ends_at) == (State.OPEN, moment(ENDS))
    asked = Notice.objects.filter(key=f"talk:{row.pk}:{row.version}")
    assert asked.count() == len(d.everybody) - 1 and not asked.filter(to=row.speaker).exists()
    assert refusal(lambda: act(d, ratings.open_rating, row, **until)).conflict
    # Entered as held by mistake, it may still be rated; with ratings never again.
    held = act(d, talks.hold, talk(d, day=moment("2026-03-02 09:00").date()))
    assert act(d, ratings.open_rating, held, **until).state == State.OPEN
    rated = imported_talk(d, [90] * 5, day=moment("2026-02-27 09:00").date())
    assert refusal(lambda: act(d, ratings.open_rating, rated, **until)).conflict


def test_who_may_rate_and_what(d):
    row, listener = opened(d), d.officers[1][1]
    with pytest.raises(PermissionDenied, match="主讲人不给自己评分"):
        ratings.rate(row.pk, Decimal(90), by=row.speaker)
    with pytest.raises(Talk.DoesNotExist):
        ratings.rate(row.pk, Decimal(90), by=make_department().chair)
    gone = make_staff(section=d.one, left_on=row.day)
    with pytest.raises(PermissionDenied):
        ratings.rate(row.pk, Decimal(90), by=gone)
    for wrong in ("-0.5", "100.5", "88.3", "1000"):
        assert refusal(lambda wrong=wrong: ratings.rate(row.pk, Decimal(wrong), by=listener)).field
    ratings.rate(row.pk, Decimal("99.5"), by=listener)
    assert refusal(lambda: ratings.rate(row.pk, Decimal(1), by=listener)).conflict
    # Leaders listen too, and so does whoever keeps the ledger.
    for one in (d.leader, keeper(d)):
        ratings.rate(row.pk, Decimal(90), by=one)
    assert talking.rated(row, 3) == (3, None)


def test_only_in_its_time(d, clock):
    waiting = talk(d, day=moment("2026-03-02 09:00").date())
    assert refusal(lambda: ratings.rate(waiting.pk, Decimal(90), by=d.chair)).conflict
    row = opened(d)
    early = refusal(lambda: act(d, ratings.shut, row))
    assert "到时才能结束" in str(early)
    clock.set("2026-03-06 18:00")
    assert refusal(lambda: ratings.rate(row.pk, Decimal(90), by=d.chair)).conflict


def test_closing_keeps_the_sorted_values_and_destroys_all_else(d, clock):
    row = opened(d)
    given = rate_all(row, d)
    with pytest.raises(PermissionDenied):
        shut(d, row, clock, by=row.speaker)
    with pytest.raises(Stale):
        shut(d, row, clock, version=0)

    row = shut(d, row, clock)

    row.refresh_from_db()
    assert row.state == State.HELD and row.ratings == sorted(given.values())
    assert row.locked_key is None
    assert list(row.envelopes.values_list("sealed", flat=True).distinct()) == [None]
    assert {one.person for one in row.envelopes.all()} == set(given)
    exact = Decimal(str(mean(given.values()))).quantize(Decimal("0.01"))
    assert talking.rated(row, len(given)) == (6, exact)
    assert refusal(lambda: act(d, ratings.shut, row)).conflict
    until = {"until": moment("2026-03-09 18:00")}
    assert refusal(lambda: act(d, ratings.open_rating, row, **until)).conflict


def test_too_few_are_not_kept(d, clock):
    row = opened(d)
    rate_all(row, d, VALUES[: talking.FEWEST - 1])
    row = shut(d, row, clock)
    assert row.ratings == [] and talking.rated(row, 4) == (4, None)
    assert "ratings" not in str(LedgerMove.objects.filter(kind="shut").values())
    # A workbook's few are kept as it brings them, and shown to nobody.
    few = imported_talk(d, VALUES[:4])
    assert talking.rated(few, 0) == (4, None)
    assert talking.rated(
        opened(d, day=moment("2026-02-27 09:00").date(), until="2026-03-09 18:00"), 0
    ) == (0, None)


def test_a_box_that_does_not_open_is_said_and_can_be_called_off(d, clock, settings):
    row = opened(d)
    rate_all(row, d)
    settings.SEALING_KEY, settings.SECRET_KEY = "another", "and another"
    assert "评分打不开" in str(refusal(lambda: shut(d, row, clock)))
    row.refresh_from_db()
    assert row.state == State.OPEN and row.locked_key
    assert act(d, talks.void, row, reason="密钥丢失").locked_key is None


def test_the_clock_opens_them_once(d, clock):
    row, other = (
        opened(d),
        opened(d, day=moment("2026-03-02 09:00").date(), until="2026-03-09 18:00"),
    )
    rate_all(row, d)
    tasks.look_for_ratings()
    assert not Job.objects.exists()
    clock.set("2026-03-06 18:00")
    tasks.look_for_ratings()
    tasks.look_for_ratings()
    (job,) = Job.objects.all()
    assert jobs.run(job.pk) and not jobs.run(job.pk)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, len(row.ratings), other.state) == (State.HELD, 6, State.OPEN)
    assert LedgerMove.objects.get(ledger="talk", row_id=row.pk, kind="shut").by is None
    # The keeper, or a paper, was faster.
    with pytest.raises(Refused):
        ratings.shut(row.pk, version=row.version - 1, by=None)
    Job.objects.update(state=Job.State.WAITING, finished_at=None)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert "skipped" in job.result


# --- What somebody sees who holds the whole database


def everything_stored() -> set[str]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table} {row}" for row in cursor.fetchall()]
    return set(found)


def send(client, row, person, value, field="value"):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    other = "quick" if field == "value" else "value"
    body = {field: value, other: "", "idem": f"00000000-0000-4000-8000-{person.pk:012d}"}
    return client.post(f"/talks/{row.pk}/rate/", body)


def test_nothing_anywhere_tells_what_was_given(d, clock, client, caplog):
    """Not the answer, its length, a log, the trail, the key of the form, nor what is sealed."""
    caplog.set_level(logging.DEBUG)
    row = opened(d)
    before = everything_stored()
    marked = {d.chair: "17.5", d.leader: "83.5", d.chiefs[0]: "100"}
    answers = [send(client, row, person, value) for person, value in marked.items()]
    answers.append(send(client, row, d.chiefs[1], "60", field="quick"))

    assert {one.status_code for one in answers} == {302}
    assert len({(one["Location"], len(one.content)) for one in answers}) == 1
    keys = RequestKey.objects.filter(route__contains="/rate/")
    assert len(set(keys.values_list("fingerprint", "route", "status", "location"))) == 1
    sealed = [bytes(one) for one in row.envelopes.values_list("sealed", flat=True)]
    assert len({len(one) for one in sealed}) == 1 and len(set(sealed)) == 4
    trail = AuditEntry.objects.filter(act="talk.rate")
    assert {str(one.after) for one in trail} == {"{'rated': True}"}
    written = "\n".join(everything_stored() - before)
    assert written.count("ledgers_ratingenvelope") == 4
    # Not as a number of its own; the seconds of a time may look like one.
    value = re.compile(r"(?<![\d:.])(17\.5|83\.5)(?!\d)")
    assert not value.search(written) and not value.search(caplog.text)
    page = client.get(f"/talks/{row.pk}/").content.decode()
    assert "<b>4</b>" in page and "平均" not in page

    # The same key again answers as before, whatever it brings, and changes nothing.
    again_ = send(client, row, d.chair, "99")
    assert again_.status_code == 302 and row.envelopes.count() == 4


def test_after_closing_raters_and_values_have_no_link(d, clock):
    row = opened(d)
    given = rate_all(row, d)
    row = shut(d, row, clock)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin, sealed IS NULL, id, person_id FROM ledgers_ratingenvelope ORDER BY ctid"
        )
        envelopes = cursor.fetchall()
        cursor.execute("SELECT xmin FROM ledgers_talk WHERE id = %s", [row.pk])
        ((closing,),) = cursor.fetchall()
    # Written anew by the closing, one and all; the values stand in one row, by size.
    assert {(xmin, empty) for xmin, empty, _id, _person in envelopes} == {(closing, True)}
    assert len(envelopes) == len(given)
    assert model_to_dict(row)["ratings"] == sorted(given.values())
    assert list(given.values()) != sorted(given.values())


def test_the_admin_shows_no_single_rating(d, client):
    row = imported_talk(d, [Decimal("71.5"), Decimal("72.5")])
    client.force_login(keeper(d), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/admin/ledgers/talk/{row.pk}/change/")
    assert page.status_code == 200 and "71.5" not in page.content.decode()


def test_every_guard_stands():
    call_command("check", verbosity=0)
