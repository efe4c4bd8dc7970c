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
from stars.actions import archives
from stars.archive import package
from stars.models import Award, RoundArchive
from tests.factories import again
from tests.stars import archive_world as world

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("secret", [False, True], ids=["open", "secret"])
def test_a_finished_round_is_one_package_that_verifies(clock, settings, secret):
    s = world.published(clock, secret=secret, contested=secret)
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
    path.unlink()
    assert made(s, by=s.d.personnel[1], key="two") == {"archive": archive.pk, "again": True}
    files = package.contents(s.round)
    again_ = path.with_name("again.zip")
    assert package.write(files, again_) == (archive.sha256, archive.root)
    assert again_.read_bytes() == path.read_bytes() == data
    entry = AuditEntry.objects.get(act="archive.make")
    assert entry.after == {"edition": 1, "root": archive.root}

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        boxes = json.loads(packed.read("sitting.json"))["boxes"]
        assert all(("votes" in box) != secret and ("ballots" in box) == secret for box in boxes)
        opinions = json.loads(packed.read("branch.json"))["outcomes"][0]["opinions"]
        assert set(opinions[0]) == {"mark", "points", "leads"}
        everything = "".join(
            packed.read(name).decode() for name in packed.namelist() if name.endswith(".json")
        )
        # What was said in confidence is not there.
        assert world.LETTER not in everything and world.FINDING not in everything
        assert len(json.loads(packed.read("objections.json"))) == secret
        # Nor who said it: that one stands on no more lists than somebody who said nothing.
        numbers = [one.staff_no for one in s.d.officers[2][1:]]
        assert everything.count(f'"{numbers[0]}"') == everything.count(f'"{numbers[1]}"')
        workbook = packed.read("documents/评定结果-第1版.xlsx")
        assert workbook.startswith(b"PK")
        names = packed.namelist()
        assert "documents/公示.docx" in names
        assert ("documents/部务会纪要-第1次.docx" in names) == secret

    tampered_is_found(path, archive.root)


# --- Every part


# Runs the program on many packages, still alone: no folder but its own is looked into.
MANY = """
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import verify_round
found = []
for arguments in json.load(sys.stdin):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = verify_round.main(arguments)
    found.append([code, said.getvalue()])
json.dump(found, sys.stdout)
"""


class Forgeries:
    """Packages to try, each with what the program has to say of it."""

    def __init__(self, path: Path, root: str):
        with zipfile.ZipFile(path) as packed:
            self.files = {name: packed.read(name) for name in packed.namelist()}
        self.folder, self.root, self.tried = path.parent, root, []

    def add(self, changed: dict[str, bytes], *said: str, honest: bool, rooted: bool = False):
        """Honest: the manifest stays as it was; else it is made to match."""
        parts = {name: data for name, data in changed.items() if name != package.MANIFEST}
        listed = self.files[package.MANIFEST] if honest else package.manifest(parts)
        forged = self.folder / f"forged-{len(self.tried)}.zip"
        with zipfile.ZipFile(forged, "w") as packed:
            for name, data in [(package.MANIFEST, listed), *parts.items()]:
                packed.writestr(name, data)
        self.tried.append(([str(forged), *(["--root", self.root] if rooted else [])], said))

    def are_found(self):
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-c", MANY, str(self.folder)],
            input=json.dumps([arguments for arguments, _said in self.tried]),
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        answers = json.loads(done.stdout or "[]")
        assert len(answers) == len(self.tried), done.stderr
        for (code, printed), (_arguments, said) in zip(answers, self.tried, strict=True):
            assert code == 1, (said, printed)
            assert all(one in printed for one in said), (said, printed)


def tampered_is_found(path: Path, root: str) -> None:
    forged = Forgeries(path, root)
    files = forged.files
    # A byte of any file, a file taken away, one put in; and that with a manifest to match.
    for name in sorted(set(files) - {package.MANIFEST}):
        spoilt = files | {name: files[name][:-2] + b"~\n"}
        forged.add(spoilt, f"{name} 被改动过", honest=True)
    spoilt = files | {"awards.json": files["awards.json"] + b" ", "more.txt": b"x"}
    del spoilt["audit.json"]
    said = ("缺文件 audit.json", "清单上没有 more.txt", "awards.json 被改动过")
    forged.add(spoilt, *said, honest=True)
    forged.add(spoilt, "清单校验值与登记的不符", honest=False, rooted=True)
    # What the parts say about each other, with a manifest to match and no register to ask.
    for part, change, said in FORGERIES:
        body = json.loads(files[f"{part}.json"])
        change(body)
        spoilt = files | {f"{part}.json": package.written(body)}
        forged.add(spoilt, said, honest=False)
    sitting = json.loads(files["sitting.json"])
    for meeting in sitting["meetings"]:
        if meeting["minutes"]:
            meeting["minutes"]["text"] += "另议"
            spoilt = files | {"sitting.json": package.written(sitting)}
            forged.add(spoilt, "会议纪要被改动过", honest=False)
    forged.are_found()

    # And what is no package at all.
    program, rubbish = path.with_name("verify_round.py"), path.with_name("rubbish.zip")
    for data in (b"", path.read_bytes()[:-400]):
        rubbish.write_bytes(data)
        done = run(program, rubbish)
        assert done.returncode == 2 and not done.stderr, (data[:9], done.stderr)
    with zipfile.ZipFile(rubbish, "w") as packed:
        packed.writestr("round.json", b"{}")
    assert run(program, rubbish).returncode == 2
    assert run(program, path.with_name("nowhere.zip")).returncode == 2


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
                "key": 1,
                "reviews": None,
                "handled_at": None,
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
                "key": 1,
                "reviews": None,
                "handled_at": None,
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
    ("audit", lambda body: forget_publication(body), "公布记录与公布文本不符"),
]


def forget_publication(body):
    for row in body:
        if row["act"] == "result.publish":
            row["after"]["digest"] = "0" * 64


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

    # A star is taken back: another edition beside the first, which stays as it is.
    world.revoked(s, Award.objects.first())
    second = RoundArchive.objects.get(pk=made(s, key="after")["archive"])
    assert (second.edition, first.edition) == (2, 1) and second.root != first.root
    for archive in (first, second):
        done = verified(path_of(archive, settings), "--root", archive.root)
        assert done.returncode == 0, done.stdout

    # One form, one package.
    again_ = archives.start(s.round.pk, by=again(s.d.personnel[0]), key="one")
    assert again_.state == "done"
