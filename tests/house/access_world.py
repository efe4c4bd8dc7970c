"""A world in which every route has something to be refused on: two departments of the same shape.

Everybody holds one office and nothing else, so that a right that leaks shows at once. Things are
named from the first section's officer: `own.report` is the officer's, `other.…` lies beyond.
"""

import hashlib
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import openpyxl
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from scheme import clock
from scheme.actions import rosters
from scheme.models import Job, Notice, RosterUpload, Staff
from scheme.offices import Administrator, Office
from scoring.models import ManualEntry, Scorecard, ScoreRun
from stars import dossiers
from stars.models import Award, BranchOutcome, Decision, Dossier, Objection, Publication
from tests import factories as make
from tests.house import (
    access_awards,
    access_branch,
    access_declarations,
    access_facts,
    access_rounds,
    access_sitting,
)
from tests.house.access_areas import AREAS

NOW = "2026-07-08 09:30"
TODAY, YESTERDAY, BEFORE = date(2026, 7, 8), date(2026, 7, 7), date(2026, 7, 6)
NOWHERE = 9_000_000_000_000_000_000
# A round in every state; a unit has one a half-year.
ROUNDS = {
    "preparing": "2026H1",
    "nominating": "2025H2",
    "at_branch": "2025H1",
    "at_committee": "2024H2",
    "publicity": "2024H1",
    "published": "2023H2",
}


def build() -> SimpleNamespace:
    w = SimpleNamespace()
    w.here, w.there = _department(), _department()
    w.people = dict(w.here.people)
    # Of the other unit, and everything there: what it sees here, it sees by mistake.
    mighty = w.there.people["personnel"]
    for office, places in (
        (Office.SECTION_CHIEF, {"section": w.there.one}),
        (Office.LEADER_IN_CHARGE, {"section": w.there.one}),
        (Office.BRANCH_SECRETARY, {"branch": w.there.first}),
        (Office.COMMITTEE_CHAIR, {}),
    ):
        make.appoint(mighty, office, **places)
    w.people["stranger"] = mighty
    w.people["system"] = make.make_administrator(Administrator.SYSTEM)
    w.people["security"] = make.make_administrator(Administrator.SECURITY)
    w.people["auditor"] = make.make_administrator(Administrator.AUDIT)
    w.people["disabled"] = make.make_staff(
        section=w.here.one, branch=w.here.first, office=Office.SECTION_CHIEF, is_active=False
    )
    for department in (w.here, w.there):
        _papers(department)
    return w


def _department() -> SimpleNamespace:
    d = SimpleNamespace(unit=make.make_unit())
    d.one = make.make_section(d.unit, "干部一科")
    d.two = make.make_section(d.unit, "组织二科")
    d.office = make.make_section(d.unit, "机关人事科")
    d.first = make.make_branch(d.unit, "机关第一党支部")
    d.second = make.make_branch(d.unit, "机关第二党支部")
    d.people = p = {
        "officer": make.make_staff(section=d.one, branch=d.first, name="科员"),
        "chief": make.make_staff(
            section=d.one, branch=d.first, office=Office.SECTION_CHIEF, name="科长"
        ),
        "deputy": make.make_staff(
            section=d.one, branch=d.first, office=Office.DEPUTY_CHIEF, name="副科长"
        ),
        "leader": make.make_staff(d.unit, branch=d.second, name="分管"),
        "secretary": make.make_staff(
            section=d.two, branch=d.first, office=Office.BRANCH_SECRETARY, name="书记"
        ),
        "member": make.make_staff(section=d.two, branch=d.first, name="党员"),
        "committee": make.make_staff(d.unit, branch=d.second, name="部务委员"),
        "chair": make.make_staff(d.unit, branch=d.second, name="主持人"),
        "personnel": make.make_staff(section=d.office, branch=d.second, name="人事"),
    }
    for section in (d.one, d.office):
        make.appoint(p["leader"], Office.LEADER_IN_CHARGE, section=section)
    make.appoint(p["committee"], Office.COMMITTEE_MEMBER)
    make.appoint(p["chair"], Office.COMMITTEE_CHAIR)
    make.appoint(p["personnel"], Office.PERSONNEL_OFFICE)
    p["supervision"] = make.make_staff(section=d.two, branch=d.second, name="督查")
    make.appoint(p["supervision"], Office.SUPERVISION_OFFICE)
    d.other_chief = make.make_staff(
        section=d.two, branch=d.second, office=Office.SECTION_CHIEF, name="另一科长"
    )
    d.book = make.make_rule_book(
        d.unit,
        proposed_by=p["personnel"],
        approved_by=p["leader"],
        in_force_from=date(2023, 1, 1),
        rules=access_declarations.RULES,
    )
    d.draft_book = make.make_rule_book(
        d.unit, proposed_by=p["personnel"], state="draft", version=2, title="新细则"
    )
    d.clerk_book = d.draft_book
    d.returned_book = make.make_rule_book(
        d.unit,
        proposed_by=p["personnel"],
        state="draft",
        version=3,
        returned_by=p["leader"],
        returned_at=clock.now(),
        return_reason="再改",
    )
    _reports(d)
    for area in AREAS:
        area.build(d)
    _book(d)
    _rounds(d)
    return d


def _reports(d) -> None:
    p = d.people
    chief = p["chief"]
    d.report = SimpleNamespace(
        own=make.make_report(p["officer"], YESTERDAY),
        draft=make.make_report(p["officer"], TODAY, state="draft"),
        accepted=make.make_report(p["officer"], BEFORE, state="accepted", reviewed_by=chief),
        returned=make.make_report(p["deputy"], BEFORE, state="returned", reviewed_by=chief),
        chiefs=make.make_report(chief, YESTERDAY),
        other_section=make.make_report(p["member"], YESTERDAY),
    )
    make.make_entry(p["officer"], "-0.20", YESTERDAY)
    make.make_absence(p["officer"], date(2026, 3, 2), date(2026, 3, 3))
    d.entry = SimpleNamespace(
        own=make.make_entry(p["officer"], "0.05", YESTERDAY),
        other_section=make.make_entry(p["member"], "0.05", YESTERDAY),
        section=make.make_entry(d.one, "-0.05", YESTERDAY),
    )


def _book(d) -> None:
    """Quarters, one of them closed, and entries made by hand."""
    p = d.people
    d.quarter = SimpleNamespace(
        closed=make.make_quarter(d.unit, "2026Q1", closed_by=p["personnel"]),
        open=make.make_quarter(d.unit, "2026Q2"),
    )
    common = {
        "unit": d.unit,
        "person": p["officer"],
        "rule_code": "精业-加-01",
        "points": Decimal("0.5"),
        "event_on": YESTERDAY,
        "matter": "临时任务",
        "reason": "台账里没有",
        "basis": "部务会纪要",
        "proposed_by": p["personnel"],
        "proposed_at": clock.now(),
    }
    d.manual = SimpleNamespace(
        waiting=ManualEntry.objects.create(**common),
        done=ManualEntry.objects.create(
            state="approved",
            entry=make.make_entry(p["officer"], "0.5", YESTERDAY, source="manual:probe"),
            decided_by=p["leader"],
            decided_at=clock.now(),
            **common,
        ),
    )


def _rounds(d) -> None:
    p = d.people
    chief, today = p["chief"], clock.today()
    d.round = SimpleNamespace()
    d.nomination = SimpleNamespace()
    for state, half in ROUNDS.items():
        more = {} if state == "preparing" else {"book": d.book}
        if state in ("publicity", "published"):
            more |= {"publicity_from": BEFORE, "publicity_until": date(2026, 7, 13)}
        round_ = make.make_round(
            d.unit, state=state, half=half, by=p["personnel"], places=3, per_section=3, **more
        )
        setattr(d.round, state, round_)

    nominating, at_branch = d.round.nominating, d.round.at_branch
    n = d.nomination
    n.draft = make.make_nomination(nominating, p["officer"], by=chief, statement="写" * 40)
    n.submitted = _frozen(
        make.make_nomination(nominating, p["deputy"], by=chief, state="submitted")
    )
    n.at_branch = _frozen(
        make.make_nomination(at_branch, p["officer"], by=chief, state="at_branch")
    )
    n.other_branch = _frozen(
        make.make_nomination(
            at_branch, d.other_chief, by=d.other_chief, branch=d.second, state="at_branch"
        )
    )
    make.make_seats(
        at_branch,
        "branch",
        [p[name] for name in ("officer", "chief", "deputy", "secretary", "member")],
        branch=d.first,
    )
    make.make_seats(
        at_branch,
        "branch",
        [p["leader"], p["committee"], p["chair"], p["personnel"], d.other_chief],
        branch=d.second,
    )
    sitting = d.round.at_committee
    n.at_committee = _judged(
        make.make_nomination(sitting, p["officer"], by=chief, state="at_committee")
    )
    make.make_seats(
        sitting, "committee", [p["committee"], p["chair"]], present=True, chair=p["chair"]
    )
    n.other_sitting = _judged(
        make.make_nomination(
            sitting, d.other_chief, by=d.other_chief, branch=d.second, state="at_committee"
        )
    )
    n.placed = _judged(
        make.make_nomination(d.round.publicity, p["officer"], by=chief, state="closed"), placed=True
    )
    n.honoured = _judged(
        make.make_nomination(d.round.published, p["officer"], by=chief, state="closed"), placed=True
    )
    body = {
        "unit": d.unit.name,
        "half": ROUNDS["published"],
        "published_on": today.isoformat(),
        "publicity": {"from": "2026-07-06", "until": "2026-07-13", "days": 5},
        "rules": {
            "quorum": [2, 3],
            "majority": [1, 2],
            "recused_count_as_entitled": True,
            "seal": d.round.published.seal,
            "book": str(d.book),
            "book_digest": d.book.digest,
            "run_hash": "",
        },
        "objections": {"raised": 0, "upheld": 0, "dismissed": 0},
        "stars": [],
        "counts": [],
    }
    Publication.objects.create(
        unit=d.unit,
        round=d.round.published,
        body=body,
        digest=hashlib.sha256(b"body").hexdigest(),
        published_at=clock.now(),
        published_by=p["personnel"],
    )
    run = ScoreRun.objects.create(
        unit=d.unit,
        half=ROUNDS["preparing"],
        book=d.book,
        input_hash="0" * 64,
        output_hash="1" * 64,
        at=clock.now(),
    )
    zero = dict.fromkeys(("base", "deduction", "bonus", "score"), 0)
    Scorecard.objects.create(run=run, person=p["officer"], place=1, **zero)
    Award.objects.create(
        unit=d.unit,
        round=d.round.published,
        nomination=n.honoured,
        star=n.honoured.star,
        person=p["officer"],
        section=d.one,
        number="〔2023〕下-01",
        awarded_on=today,
    )
    d.objection = Objection.objects.create(
        round=d.round.publicity,
        nomination=n.placed,
        raised_by=p["secretary"],
        raised_at=clock.now(),
        text="数字有出入",
    )
    access_rounds.finish(d)
    access_branch.finish(d)
    access_awards.finish(d, _judged)
    access_sitting.finish(d)


def _frozen(nomination):
    body = dossiers.build(nomination)
    Dossier.objects.create(
        nomination=nomination,
        version=nomination.version,
        body=body,
        digest=dossiers.digest_of(body),
        at=clock.now(),
    )
    return nomination


def _judged(nomination, *, placed=None):
    """Past the branch; with `placed` past the committee too."""
    count = {"entitled": 5, "recused": 0, "votes_against": 0, "votes_abstain": 0, "votes_for": 5}
    _frozen(nomination)
    BranchOutcome.objects.create(nomination=nomination, outcome="agreed", at=clock.now(), **count)
    if placed is not None:
        Decision.objects.create(
            nomination=nomination, present=5, passed=True, placed=placed, at=clock.now(), **count
        )
    return nomination


def _papers(d) -> None:
    """Jobs with their files, uploads of a roster, a notice."""
    at = clock.now()
    d.job = {}
    for name in ("officer", "personnel"):
        file = default_storage.save("probe.xlsx", _content())
        d.job[name] = Job.objects.create(
            kind="probe",
            dedupe_key=f"{d.unit.pk}:{name}",
            unit=d.unit,
            asked_by=d.people[name],
            state="done",
            run_after=at,
            created_at=at,
            finished_at=at,
            result={"file": file, "name": "结果.xlsx"},
        )
    common = {
        "unit": d.unit,
        "file_name": "花名册.xlsx",
        "sha256": "0" * 64,
        "uploaded_by": d.people["personnel"],
        "uploaded_at": at,
    }
    d.upload = SimpleNamespace(
        preview=_roster(d),
        refused=RosterUpload.objects.create(
            state="refused",
            rows=[],
            errors=[{"sheet": "花名册", "row": 5, "column": "工号", "reason": "空着"}],
            **common,
        ),
    )
    Notice.objects.create(to=d.people["officer"], key="probe", text="有事", icon="bell", at=at)


def _roster(d):
    """The unit's own roster, taken out and brought in again with one person changed."""
    Staff.objects.filter(unit=d.unit).update(post="科员", rank="一级科员")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        rosters.export(d.unit, path, by=d.people["personnel"])
        book = openpyxl.load_workbook(path)
        sheet = book.active
        heads = {cell.value: cell for row in sheet["A1:Z4"] for cell in row if cell.value}
        number = d.people["member"].staff_no
        line = next(c.row for c in sheet[heads["工号"].column_letter] if c.value == number)
        sheet.cell(line, heads["职级"].column, "四级主任科员")
        book.save(path)
        return rosters.read(
            d.unit, path.read_bytes(), file_name="花名册.xlsx", by=d.people["personnel"]
        )


def _content():
    return ContentFile(b"PK not really a workbook")


def clean_up() -> None:
    """The files of the jobs; the rows go with their database."""
    access_facts.clean_up()
    for path in Path(settings.FILES_ROOT).glob("probe*.xlsx"):
        path.unlink()
