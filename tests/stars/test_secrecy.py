"""Secret means secret. Nothing ties a ballot to its voter, whoever looks and wherever; nothing of a
box is known before it is closed. `SECRECY_BOXES` sets how many boxes are played: 40 before a
release.
"""

import logging
import os
import random
import re
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse

from scheme import clock as our_clock
from scheme.offices import Office
from stars.actions import boxes
from stars.ballots import Sitting
from tests.factories import again, appoint, make_staff
from tests.infra import processes
from tests.stars import acts, spying
from tests.stars.spying import WORDS, Loot

BOXES = spying.dose("SECRECY_BOXES", 4)
# Where a word of the ballot may stand: what was laid down, and a catalogue that explains it.
ALLOWED = {"stars_ballot", "django_migrations"}


@pytest.fixture
def s(committed_db, clock):
    """Seven members; a meeting under way, the ballots secret."""
    s = acts.at_branch(clock, secret=True, places=2)
    for person in (s.d.chiefs[1], s.d.officers[1][2]):
        appoint(person, Office.COMMITTEE_MEMBER)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    return s


def next_box(s):
    if Sitting(acts.fresh(s)).counted(s.a) is None:
        return acts.open_item(s, s.a)
    keys = [seat.staff_id for seat in Sitting(s.round).seats]
    office = again(s.d.personnel[0])
    return boxes.reconsider(s.a.pk, by=office, supporters=keys, reason="再议")


def play(s, db, chance) -> tuple[Loot, str, str]:
    """A box from opening to closing, over the members' own page, in any order, as they please."""
    box = next_box(s)
    people = [seat.staff for seat in Sitting(acts.fresh(s)).owing()]
    chance.shuffle(people)
    people.sort(key=lambda one: one == s.d.chair)
    votes = {one.pk: chance.choices(WORDS, [5, 3, 2, 2])[0] for one in people}
    loot = Loot([one.pk for one in people], votes)
    url = reverse("stars:vote_cast", args=[box.pk])
    since = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
    for one in people:
        client = Client()
        client.force_login(one)
        answer = client.post(url, spying.form_of(votes[one.pk], str(uuid4())))
        assert answer.status_code == 302, answer.content.decode()[:2000]
        loot.sizes[one.pk] = len(answer.content) + len(str(answer.headers))
    loot.sealed = spying.take_sealed(db, box.pk)
    until = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
    acts.close_box(s)
    spying.take(db, loot, box.pk)
    return loot, since, until


def naive(db, chance, people) -> Loot:
    """The control: who voted in one table, ballots under random keys in another, no times."""
    db.execute("CREATE TABLE IF NOT EXISTS naive_voter (staff int)")
    db.execute("CREATE TABLE IF NOT EXISTS naive_ballot (id uuid, choice text)")
    votes = {one: chance.choices(WORDS, [5, 3, 2, 2])[0] for one in people}
    for one, choice in votes.items():
        with db.transaction():
            db.execute("INSERT INTO naive_voter VALUES (%s)", [one])
            db.execute("INSERT INTO naive_ballot VALUES (%s, %s)", [uuid4(), choice])
    columns = "xmin::text::bigint AS xmin, ctid::text AS ctid"
    loot = Loot(list(votes), votes)
    loot.electors = spying.rows(db, f"SELECT staff, {columns} FROM naive_voter WHERE %s", True)
    loot.ballots = spying.rows(db, f"SELECT id, choice, {columns} FROM naive_ballot WHERE %s", True)
    for row in (*loot.electors, *loot.ballots):
        row["ctid"] = tuple(map(int, row["ctid"].strip("()").split(",")))
    return loot


def test_no_attack_does_better_than_the_count_itself(s, committed_db, caplog):
    chance, played, logs = random.Random(20260706), [], []
    caplog.set_level(logging.DEBUG)
    processes.empty_broker()
    with committed_db.connect() as db:
        for _n in range(BOXES):
            loot, since, until = play(s, db, chance)
            played.append(loot)
            logs += spying.words_in_log(db, since, until)

        bound = spying.baseline(played) + spying.margin(played)
        for attack in spying.ATTACKS:
            assert spying.accuracy(attack, played) <= bound, attack.__name__

        # No word of a ballot in any other row, log line, queue, dead row or log record.
        assert spying.words_in_database(db, ALLOWED) == {}
        assert not spying.TOKEN.search(caplog.text.encode())
        with processes.broker_client(os.environ["REDIS_URL"]) as broker:
            assert spying.words_in_broker(broker, os.environ["BROKER_KEY_PREFIX"]) == set()
        for table in ("stars_envelope", "stars_elector", "stars_box", "scheme_auditentry"):
            assert spying.words_in_file(db, table) == set(), table
        assert logs == []

        # The same spies find out the naive schema, and the log would have told.
        since = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
        control = [naive(db, chance, played[0].voters)]
        until = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
        assert spying.accuracy(spying.by_transaction, control) == 1
        assert spying.accuracy(spying.by_place, control) == 1
        assert spying.words_in_log(db, since, until)
        assert "naive_ballot" in spying.words_in_database(db, ALLOWED)


# Nothing before the box is closed


CHANGING = re.compile(
    r'value="[^"]{20,}"|nonce="[^"]*"|nonce-[^"\' ;]*|x-csrftoken[^}]*|/static/[^"]*'
)
# Pages that stand still on purpose while they wait, or make a file anew.
ELSEWHERE = re.compile(r"logout|^desk:demo")


def pages(s, box) -> list[str]:
    """Every address that is of this round, its item, its meeting or its ballot, and the desk's."""
    keys = {"rounds/": s.round.pk, "nominations/": s.a.pk, "boxes/": box.pk}
    keys["sittings/"] = box.meeting_id
    found = []
    for group in get_resolver().url_patterns:
        if getattr(group, "namespace", None) not in ("stars", "desk"):
            continue
        for one in group.url_patterns:
            name, route = f"{group.namespace}:{one.name}", str(one.pattern)
            about = [key for start, key in keys.items() if route.startswith(start)]
            if ELSEWHERE.search(name) or len(re.findall("<", route)) > len(about):
                continue
            found.append(reverse(name, args=about if "<" in route else []))
    return sorted(set(found))


@pytest.mark.django_db
def test_no_page_knows_anything_of_an_open_box(clock):
    """Every page and file of the round, read by a member who has voted and by the office, with two
    opposite ways of voting: not a byte differs."""
    # Open ballots: their rows are there to be read by whatever page is careless.
    s = acts.at_committee(clock, places=2)
    acts.attend(s)
    box = acts.open_item(s, s.a)
    readers = [s.d.leader, s.d.personnel[0]]
    voters = s.d.committee[1:4]
    urls = pages(s, box)
    assert len(urls) > 30
    connection.cursor().execute("SELECT setval('scheme_auditentry_id_seq', 900000)")

    def read(words):
        shown, opened = {}, 0
        with transaction.atomic():
            for person, word in zip(voters, words, strict=True):
                boxes.cast(box.pk, by=again(person), choice=word)
            for reader in readers:
                client = Client(raise_request_exception=False)
                client.force_login(reader)
                for url in urls:
                    answer = client.get(url)
                    body = b"".join(answer) if answer.streaming else answer.content
                    opened += answer.status_code == 200
                    kind = answer.headers.get("Content-Type", "")
                    text = CHANGING.sub("", body.decode()) if "html" in kind else len(body)
                    shown[reader.pk, url] = (answer.status_code, text)
            transaction.set_rollback(True)
        return shown, opened

    one, opened = read(("for", "for", "for"))
    other, _opened = read(("against", "defer", "abstain"))
    assert opened > 30
    assert [key for key in one if one[key] != other[key]] == []


@pytest.mark.django_db
def test_a_member_of_another_day_or_unit_finds_no_box(clock):
    """R-23 over the pages: recused, absent, late and strange all get no further."""
    s = acts.at_committee(clock, secret=True)
    late = make_staff(s.d.unit)
    acts.attend(s, absent=[s.d.members[0]])
    s.round.recusals_of.create(
        body="committee",
        nomination=s.a,
        staff=s.d.leader,
        kind="ordered",
        at=our_clock.now(),
    )
    box = acts.open_item(s, s.a)
    appoint(late, Office.COMMITTEE_MEMBER)
    url = reverse("stars:vote_cast", args=[box.pk])
    for person, status in (
        (s.d.leader, 422),
        (s.d.members[0], 422),
        (late, 422),
        (s.d.officers[0][1], 403),
        (s.d.personnel[0], 403),
        (make_staff(), 403),
    ):
        client = Client()
        client.force_login(person)
        for _again in range(2):
            answer = client.post(url, spying.form_of("for", str(uuid4())))
            assert answer.status_code == status, person
    assert not box.envelopes.exists() and not box.electors.filter(has_voted=True).exists()
