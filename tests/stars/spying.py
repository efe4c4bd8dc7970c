"""Ten ways in which somebody who owns database, logs, broker and write-ahead log would try to tie a
secret ballot to its voter. Each gets what it could get hold of and says who voted what."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from scheme.idempotency import FIELD

WORDS = ("for", "against", "abstain", "defer")
LABELS = ("不同意", "弃权", "缓议")
# As it stands in a row, a form or a log; "for" alone is in every English sentence.
TOKEN = re.compile(
    rb"(?<![a-z_])(against|abstain|defer)(?![a-z_])|choice\W{1,4}for\b|" + "|".join(LABELS).encode()
)


@dataclass
class Loot:
    """What was taken of one box. `voters` in the order they voted; `rows` of what was laid down;
    `votes` is what only the test knows."""

    voters: list[int]
    votes: dict[int, str]
    # While the box was open: (voter, sealed) from a dump, with its system columns.
    sealed: list[dict] = field(default_factory=list)
    # Afterwards.
    electors: list[dict] = field(default_factory=list)
    ballots: list[dict] = field(default_factory=list)
    trail: list[dict] = field(default_factory=list)
    keys: list[dict] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)

    def best_guess(self) -> float:
        """What the published count alone gives away."""
        given = list(self.votes.values())
        return max(given.count(word) for word in WORDS) / len(given)

    def most(self) -> str:
        given = list(self.votes.values())
        return max(WORDS, key=given.count)


Guess = dict[int, str]


def in_step(voters: list[int], ballots: list[dict]) -> Guess:
    return dict(zip(voters, (row["choice"] for row in ballots), strict=False))


def by_transaction(loot: Loot) -> Guess:
    """Rows written by one transaction belong together."""
    writer = {row["xmin"]: row["choice"] for row in loot.ballots}
    alone = len(writer) == len(loot.ballots)
    if alone and any(row["xmin"] in writer for row in loot.electors):
        return {r["staff"]: writer.get(r["xmin"], loot.most()) for r in loot.electors}
    voters = sorted(loot.electors, key=lambda row: row["xmin"])
    ballots = sorted(loot.ballots, key=lambda row: row["xmin"])
    return in_step([row["staff"] for row in voters], ballots)


def by_place(loot: Loot) -> Guess:
    """Rows lie in the file in the order they were written."""
    voters = sorted(loot.electors, key=lambda row: row["ctid"])
    ballots = sorted(loot.ballots, key=lambda row: row["ctid"])
    return in_step([row["staff"] for row in voters], ballots)


def by_number(loot: Loot) -> Guess:
    """Keys are given out one after the other."""
    return in_step(loot.voters, sorted(loot.ballots, key=lambda row: row["id"]))


def by_time(loot: Loot) -> Guess:
    """The trail says when everybody voted."""
    order = [row["actor"] for row in sorted(loot.trail, key=lambda row: (row["at"], row["id"]))]
    return in_step(order, sorted(loot.ballots, key=lambda row: row["id"]))


def by_size(loot: Loot) -> Guess:
    """A longer word makes a longer envelope."""
    lengths = sorted({len(row["sealed"]) for row in loot.sealed})
    words = sorted(WORDS, key=len)
    if len(lengths) < 2:
        return {}
    return {row["staff"]: words[lengths.index(len(row["sealed"]))] for row in loot.sealed}


def by_answer(loot: Loot) -> Guess:
    """A longer answer of the server says what was sent."""
    lengths = sorted(set(loot.sizes.values()))
    if len(lengths) < 2:
        return {}
    return {who: WORDS[min(lengths.index(size), 3)] for who, size in loot.sizes.items()}


def by_sealed_bytes(loot: Loot) -> Guess:
    """A sealing that is not salted seals the same word to the same bytes."""
    bodies = {bytes(row["sealed"])[32:] for row in loot.sealed}
    if len(bodies) == len(loot.sealed):
        return {}
    return {row["staff"]: loot.most() for row in loot.sealed}


def by_trail(loot: Loot) -> Guess:
    """The trail tells more than that somebody voted."""
    return {row["actor"]: word for row in loot.trail for word in WORDS if word in row["text"]}


def by_request_key(loot: Loot) -> Guess:
    """The fingerprint of a form is a hash of few possible contents: try them all."""
    found = {}
    for row in loot.keys:
        for word in WORDS:
            for body in ([("choice", [word])], [("choice", [word]), ("confirmed", ["1"])]):
                text = repr((row["route"], body, []))
                if hashlib.sha256(text.encode()).hexdigest() == row["fingerprint"]:
                    found[row["staff"]] = word
    return found


def by_sorting(loot: Loot) -> Guess:
    """Ballots were laid down in the order of the seats, perhaps."""
    voters = sorted(row["staff"] for row in loot.electors)
    return in_step(voters, sorted(loot.ballots, key=lambda row: row["number"]))


ATTACKS: list[Callable[[Loot], Guess]] = [
    by_transaction,
    by_place,
    by_number,
    by_time,
    by_size,
    by_answer,
    by_sealed_bytes,
    by_trail,
    by_request_key,
    by_sorting,
]


def accuracy(attack, boxes: list[Loot]) -> float:
    """The share of voters told rightly; where the attack knows nothing, it guesses the commonest
    word of the count."""
    right = total = 0
    for loot in boxes:
        guess = attack(loot)
        for who, word in loot.votes.items():
            right += guess.get(who, loot.most()) == word
            total += 1
    return right / total


def baseline(boxes: list[Loot]) -> float:
    votes = sum(len(loot.votes) for loot in boxes)
    return sum(loot.best_guess() * len(loot.votes) for loot in boxes) / votes


def margin(boxes: list[Loot]) -> float:
    """Two points, and three standard deviations of luck in so few votes."""
    votes = sum(len(loot.votes) for loot in boxes)
    return 0.02 + 3 * (0.25 / votes) ** 0.5


# Taking


def take_sealed(db, box: int) -> list[dict]:
    rows = db.execute(
        "SELECT staff_id, sealed FROM stars_envelope WHERE box_id = %s ORDER BY ctid", [box]
    )
    return [{"staff": staff, "sealed": bytes(sealed)} for staff, sealed in rows]


def take(db, loot: Loot, box: int) -> None:
    """All that is left once the box is closed."""
    loot.electors = rows(
        db,
        "SELECT staff_id AS staff, xmin::text::bigint AS xmin, ctid::text AS ctid"
        " FROM stars_elector WHERE box_id = %s AND has_voted",
        box,
    )
    loot.ballots = rows(
        db,
        "SELECT id, number, choice, xmin::text::bigint AS xmin, ctid::text AS ctid"
        " FROM stars_ballot WHERE box_id = %s",
        box,
    )
    loot.trail = rows(
        db,
        "SELECT id, at, actor_id AS actor, after::text || before::text || reason AS text"
        " FROM scheme_auditentry"
        " WHERE act = 'vote.cast' AND object_id = %s",
        str(box),
    )
    loot.keys = rows(
        db,
        "SELECT staff_id AS staff, route, fingerprint FROM scheme_requestkey WHERE route LIKE %s",
        f"%/boxes/{box}/%",
    )
    for row in (*loot.electors, *loot.ballots):
        row["ctid"] = tuple(map(int, row["ctid"].strip("()").split(",")))


def rows(db, query: str, value) -> list[dict]:
    found = db.execute(query, [value])
    names = [column.name for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def words_in_database(db, but: set[str]) -> dict[str, list[str]]:
    """Tables in which a word of the ballot stands, in any column of any row."""
    tables = [
        name
        for (name,) in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    found = {}
    for table in sorted(set(tables) - but):
        for (text,) in db.execute(f'SELECT t::text FROM "{table}" t'):
            if hit := TOKEN.search(text.encode()):
                found.setdefault(table, []).append(hit[0].decode())
    return found


def words_in_file(db, table: str) -> set[bytes]:
    """In the raw pages of a table, dead rows included."""
    db.execute("CHECKPOINT")
    ((data,),) = db.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", [table])
    return {hit[0] for hit in TOKEN.finditer(bytes(data))}


def words_in_log(db, since: str, until: str) -> list[bytes]:
    """In the write-ahead log between two places, of this database alone: the record of a row names
    its database shortly before the row."""
    # Whatever was not yet on the disk is now.
    db.execute("CHECKPOINT")
    ((oid,),) = db.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
    mark = int(oid).to_bytes(4, "little")
    first, last = (
        db.execute("SELECT pg_walfile_name(%s)", [at]).fetchone()[0] for at in (since, until)
    )
    names = [
        name
        for (name,) in db.execute("SELECT name FROM pg_ls_waldir() ORDER BY name")
        if first <= name <= last
    ]
    start = db.execute("SELECT (pg_walfile_name_offset(%s)).file_offset", [since]).fetchone()[0]
    stop = db.execute("SELECT (pg_walfile_name_offset(%s)).file_offset", [until]).fetchone()[0]
    data = b""
    for name in names:
        (piece,) = db.execute("SELECT pg_read_binary_file('pg_wal/' || %s)", [name]).fetchone()
        piece = bytes(piece)
        low, high = start if name == first else 0, stop if name == last else len(piece)
        data += piece[low:high]
    return [
        hit[0]
        for hit in TOKEN.finditer(data)
        if mark in data[max(0, hit.start() - 200) : hit.start()]
    ]


def words_in_broker(client, prefix: str) -> set[bytes]:
    found = set()
    for key in client.scan_iter(match=f"{prefix}*", count=500):
        found |= {hit[0] for hit in TOKEN.finditer(client.dump(key) or b"")}
    return found


def form_of(choice: str, key: str) -> dict:
    return {"choice": choice, FIELD: key}


def dose(name: str, usual: int) -> int:
    return int(os.environ.get(name, usual))
