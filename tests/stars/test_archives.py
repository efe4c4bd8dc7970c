"""The sealed package: the same bytes each time, verified by a program that knows nothing of ours,
and every part of it that is tampered with is found."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from scheme import jobs
from scheme.errors import Refused
from scheme.models import AuditEntry, Job
from stars.actions import archives, objections
from stars.archive import package
from stars.models import Award, Objection, RoundArchive
from tests.factories import again
from tests.stars import archive_world as world

pytestmark = pytest.mark.django_db
LETTER = "推荐理由与事实不符，五月那次任务不是他办的。"


@pytest.fixture(autouse=True)
def here(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    settings.FILES_ROOT = str(tmp_path / "files")


def made(s, *, by=None, key="one") -> dict:
    job = archives.start(s.round.pk, by=again(by or s.d.personnel[0]), key=key)
    assert jobs.run(job.pk), Job.objects.get(pk=job.pk).error
    return Job.objects.get(pk=job.pk).result


def path_of(archive: RoundArchive, settings) -> Path:
    return Path(settings.FILES_ROOT) / archive.file


def verified(path: Path, *more: str) -> subprocess.CompletedProcess:
    """By the program as it lies in the package, alone: no module of ours is in reach."""
    with zipfile.ZipFile(path) as packed:
        program = path.with_name("verify_round.py")
        program.write_bytes(packed.read("verify_round.py"))
    return run(program, path, *more)


def run(program: Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-I", str(program), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=program.parent,
        env={},
    )


def objected(s, clock) -> Objection:
    """One who is not concerned objects, and the office finds nothing in it."""
    from scheme import clock as time

    clock.set(time.local(s.round.stage_since).replace(tzinfo=None, hour=19))
    row = objections.raise_(s.round.pk, s.b.pk, by=again(s.d.officers[1][2]), text=LETTER)
    return row


@pytest.mark.parametrize("secret", [False, True], ids=["open", "secret"])
def test_a_finished_round_is_one_package_that_verifies(clock, settings, secret):
    s = world.published(clock, secret=secret)
    archive = RoundArchive.objects.get(pk=made(s)["archive"])
    path = path_of(archive, settings)
    data = path.read_bytes()
    assert (archive.edition, archive.made_by) == (1, s.d.personnel[0])
    assert Award.objects.count() == 3

    done = verified(path, "--root", archive.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部相符" in done.stdout and "all in order" in done.stdout

    # The same round, another day and another hand: the same bytes, no second edition.
    clock.set("2026-12-01 09:00")
    assert made(s, by=s.d.personnel[1], key="two") == {"archive": archive.pk, "again": True}
    files = package.contents(s.round)
    again_ = path.with_name("again.zip")
    assert package.write(files, again_) == (archive.sha256, archive.root)
    assert again_.read_bytes() == data
    entry = AuditEntry.objects.get(act="archive.make")
    assert entry.after == {"edition": 1, "root": archive.root}

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        boxes = json.loads(packed.read("sitting.json"))["boxes"]
        assert all(("votes" in box) != secret and ("ballots" in box) == secret for box in boxes)
        opinions = json.loads(packed.read("branch.json"))["outcomes"][0]["opinions"]
        assert set(opinions[0]) == {"mark", "points", "leads"}
        workbook = packed.read("documents/评定结果-第1版.xlsx")
        assert workbook.startswith(b"PK")

    tampered_is_found(path, archive.root)


# --- Every part


def tampered_is_found(path: Path, root: str) -> None:
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    program = path.with_name("verify_round.py")
    forged = path.with_name("forged.zip")

    def written(changed: dict[str, bytes], *, honest=True) -> Path:
        """As somebody would who forges the manifest, too, or leaves it."""
        listed = files[package.MANIFEST]
        parts = {name: data for name, data in changed.items() if name != package.MANIFEST}
        if not honest:
            listed = package.manifest(parts)
        with zipfile.ZipFile(forged, "w") as packed:
            for name, data in [(package.MANIFEST, listed), *parts.items()]:
                packed.writestr(name, data)
        return forged

    # A byte of any file, a file taken away, one put in; and all that with a manifest to match.
    for name in sorted(set(files) - {package.MANIFEST}):
        spoilt = files | {name: files[name][:-2] + b"~\n"}
        done = run(program, written(spoilt))
        assert done.returncode == 1 and f"{name} 被改动过" in done.stdout, name
    spoilt = files | {"awards.json": files["awards.json"] + b" ", "more.txt": b"x"}
    del spoilt["audit.json"]
    done = run(program, written(spoilt))
    for said in ("缺文件 audit.json", "清单上没有 more.txt", "awards.json 被改动过"):
        assert said in done.stdout
    done = run(program, written(spoilt, honest=False), "--root", root)
    assert done.returncode == 1 and "清单校验值与登记的不符" in done.stdout

    # What the parts say about each other, with a manifest to match and no register to ask.
    for part, change, said in FORGERIES:
        body = json.loads(files[f"{part}.json"])
        if change(body) is False:
            continue
        spoilt = files | {f"{part}.json": package.written(body)}
        done = run(program, written(spoilt, honest=False))
        assert done.returncode == 1, (part, said, done.stdout)
        assert said in done.stdout, (part, said, done.stdout, done.stderr)

    # And what is no package at all.
    for rubbish in (b"", b"PK\x03\x04 no", path.read_bytes()[:-400]):
        forged.write_bytes(rubbish)
        done = run(program, forged)
        assert done.returncode == 2 and not done.stderr, (rubbish[:9], done.stderr)
    with zipfile.ZipFile(forged, "w") as packed:
        packed.writestr("round.json", b"{}")
    assert run(program, forged).returncode == 2
    assert run(program, path.with_name("nowhere.zip")).returncode == 2
    assert "参数" not in run(program, written(files)).stderr


def set_in(*where, to):
    """Goes along keys and places of a body and puts something else there."""

    def change(body):
        for key in where[:-1]:
            body = body[key]
        old = body[where[-1]]
        new = to(old) if callable(to) else to
        assert new != old, where
        body[where[-1]] = new

    return change


def more(n):
    return n + 1


def turned(flag):
    return not flag


def ballot_turned(body):
    """One who was for is against now, and the sums follow."""
    box = body["boxes"][0]
    cast = box.get("ballots") or box["votes"]
    cast[0]["choice"] = "against"
    box["votes_for"] -= 1
    box["votes_against"] += 1


def recused_voter(body):
    voter = next(one for one in body["boxes"][0]["electors"] if one["has_voted"])
    voter["standing"] = "recused"
    body["boxes"][0]["recused"] += 1


def without_last(*where):
    def change(body):
        for key in where:
            body = body[key]
        body.pop()

    return change


def first_with_dossier(body):
    body[0]["dossiers"][0]["body"]["cards"][0]["score"] = "99.00"


FORGERIES = [
    ("round", set_in("seal", to="0" * 64), "规则、参加名单与封存校验值不符"),
    ("round", set_in("sealed", "publicity_days", to=1), "规则、参加名单与封存校验值不符"),
    ("round", set_in("rules", "quorum_num", to=1), "规则“quorum”与封存的不同"),
    ("round", set_in("quotas", 0, "places", to=more), "名额与封存的不同"),
    ("round", set_in("state", to="cancelled"), "本轮没有公布"),
    ("round", set_in("moves", 1, "from_state", to="publicity"), "本轮的经过不连贯"),
    ("participants", set_in("people", 0, "takes_part", to=turned), "参加名单与封存的不同"),
    ("rulebook", set_in("text", to=lambda text: text + " "), "积分细则与校验值不符"),
    ("scorecards", set_in("cards", 0, "line", to="x"), "积分卡与校验值不符"),
    ("scorecards", set_in("cards", 0, "score", to="77.00"), "的积分卡前后不一"),
    ("nominations", first_with_dossier, "的材料被改动过"),
    ("nominations", without_last(0, "moves"), "的状态与经过不符"),
    ("branch", without_last("seats"), "的应评、回避人数不符"),
    ("branch", set_in("outcomes", 0, "opinions", 0, "mark", to="against"), "的支部票数不符"),
    ("branch", set_in("outcomes", 0, "outcome", to="split"), "的支部意见不符"),
    ("sitting", set_in("boxes", 0, "votes_for", to=more), "的票数与票不符"),
    ("sitting", ballot_turned, "与校验值不符"),
    ("sitting", ballot_turned, "的决定与表决不符"),
    ("sitting", recused_voter, "有回避或未到会的人投票"),
    ("sitting", without_last("boxes", 0, "electors"), "的应到、回避不符"),
    ("sitting", set_in("boxes", 0, "present", to=1), "的实到不符"),
    ("sitting", set_in("boxes", 0, "state", to="open"), "没有结束"),
    ("sitting", without_last("boxes"), "没有按最后一次表决"),
    ("decisions", set_in("decisions", 0, "votes_for", to=1), "的决定与表决不符"),
    ("decisions", set_in("decisions", 0, "passed", to=turned), "的通过与否不符"),
    ("decisions", set_in("decisions", 0, "placed", to=turned), "没有依据"),
    ("decisions", set_in("decisions", 1, "floating", to=turned), "超过名额"),
    ("publicity", set_in("until", to="2026-08-07"), "公示期的日历不全"),
    ("publicity", set_in("calendar", 1, 1, to=turned), "公示不足规定的工作日"),
    ("publicity", set_in("calendar", -1, 1, to=turned), "公示止于休息日"),
    ("publicity", set_in("from", to="2026-08-04"), "公布文本的公示日期不符"),
    (
        "objections",
        lambda body: body.append(
            {
                "number": "异〔2026〕01",
                "nomination": 0,
                "outcome": "",
                "handled_by": None,
                "raised_at": "2026-08-07T00:00:00+00:00",
            }
        ),
        "没有处理",
    ),
    (
        "objections",
        lambda body: body.append(
            {
                "number": "异〔2026〕01",
                "nomination": 0,
                "outcome": "upheld",
                "handled_by": {},
                "raised_at": "2026-08-07T00:00:00+00:00",
            }
        ),
        "公布文本的异议条数不符",
    ),
    ("awards", set_in("awards", 0, "number", to="〔2026〕上-09"), "编号不连续"),
    ("awards", set_in("awards", 0, "star", to="xin"), "与提名不符"),
    ("awards", without_last("awards"), "公布的名单与评定不符"),
    (
        "awards",
        lambda body: body["revocations"].append({"award": "〔2026〕上-99"}),
        "撤销的编号不存在",
    ),
    ("publications", set_in(0, "body", "published_on", to="2026-01-01"), "与校验值不符"),
    ("publications", set_in(0, "edition", to=2), "版次不连续"),
    (
        "publications",
        set_in(0, "published_at", to="2026-08-07T03:00:00+00:00"),
        "公示没有期满就公布",
    ),
    (
        "publications",
        set_in(0, "body", "counts", 0, "committee", "votes_for", to=9),
        "公布的计票与决定不符",
    ),
    ("audit", lambda body: forget_seal(body), "开启记录与封存不符"),
]


def forget_seal(body):
    for row in body:
        if row["act"] == "round.open":
            row["after"]["seal"] = "0" * 64


# --- Who, and when


def test_only_a_finished_round_and_only_the_office(clock, settings):
    s = world.in_publicity(clock)
    with pytest.raises(Refused, match="公布结果以后"):
        archives.start(s.round.pk, by=again(s.d.personnel[0]), key="early")
    world.on_time(clock, s)
    for person in (s.d.chair, s.d.officers[0][0], s.d.chiefs[0]):
        with pytest.raises(PermissionDenied):
            archives.start(s.round.pk, by=again(person), key="other")
    assert not Job.objects.filter(kind="stars.archive").exists()

    first = RoundArchive.objects.get(pk=made(s)["archive"])
    archives.note_download(first, by=again(s.d.chair))
    entry = AuditEntry.objects.get(act="archive.download")
    assert (entry.actor, entry.object_id) == (s.d.chair, str(first.pk))
    with pytest.raises(PermissionDenied):
        archives.note_download(first, by=again(s.d.officers[0][0]))

    # One form, one package.
    again_ = archives.start(s.round.pk, by=again(s.d.personnel[0]), key="one")
    assert again_.state == "done"
