"""One half-year of a whole department, from its Excel roster to published stars, by the acts that
the pages and the timers call."""

from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Sum

from ledgers.actions import reports
from ledgers.deadlines import Status, day_status
from ledgers.models import DailyReport, PointEntry
from scheme import clock as our_clock
from scheme import jobs, workdays
from scheme.actions import rosters
from scheme.errors import Refused
from scheme.models import AuditEntry, Branch, Job, Notice, Section, Staff, Star
from scoring import queries
from scoring.actions import posting
from scoring.models import RuleBook
from stars import tasks as star_tasks
from stars.actions import results, rounds, sittings, stages, votes
from stars.ballots import Sitting
from stars.models import Award, BranchOutcome, Decision, Dossier, Publication, Round
from tests.flows import story

S = Round.State


def run_what_is_due(kind: str) -> None:
    for pk in jobs.due().filter(kind=kind).values_list("pk", flat=True):
        assert jobs.run(pk), Job.objects.get(pk=pk).error


def the_clock_looks(round_: Round) -> Round:
    star_tasks.look()
    run_what_is_due("stars.advance")
    round_.refresh_from_db()
    return round_


def test_a_department_runs_one_half_year(committed_db, clock, tmp_path, settings):
    settings.FILES_ROOT = str(tmp_path)
    clock.set("2026-07-06 08:40")

    # --- The roster and the rules
    unit = story.department()
    assert Section.objects.filter(unit=unit).count() == 22
    assert Branch.objects.filter(unit=unit).count() == 6
    same = (story.DATA / "roster.xlsx").read_bytes()
    with pytest.raises(Refused):
        rosters.apply(
            rosters.read(unit, same, file_name="again.xlsx", by=story.office()).pk,
            by=story.office(),
        )
    book = RuleBook.objects.get()
    assert (book.state, book.approved_by.staff_no, book.sealed_at) == ("approved", "ZC003", None)

    # --- A live day: filed, returned, answered, graded
    author = story.person("ZC043")
    section = Section.objects.get(
        pk=Staff.objects.with_section(our_clock.today()).get(pk=author.pk).section_id
    )
    chief = story.chief_of(section)
    monday = date(2026, 7, 6)
    clock.set("2026-07-06 17:30")
    report = reports.file(
        monday,
        by=author,
        seen=0,
        answer="",
        open_matters="",
        plan="接着核对",
        lines=[reports.Line("核对任免材料", True)],
    )
    clock.set("2026-07-06 18:00")
    with pytest.raises(PermissionDenied):
        reports.accept(report.pk, by=story.person("ZC001"), grade="good", seen=report.version)
    report = reports.return_(report.pk, by=chief, reason="写明几份", seen=report.version)
    report = reports.file(
        monday,
        by=story.person("ZC043"),
        seen=report.version,
        answer="已补上",
        open_matters="",
        plan="接着核对",
        lines=[reports.Line("核对任免材料十二份", True)],
    )
    report = reports.accept(report.pk, by=chief, grade="good", seen=report.version)
    assert (report.state, report.first_filed_at.hour) == (DailyReport.State.ACCEPTED, 9)
    assert day_status(author, monday).status == Status.ON_TIME

    # --- The half-year becomes points, once however often it is asked
    clock.set("2026-07-17 09:00")
    story.half_year(unit)
    once = PointEntry.objects.count()
    assert once > 1000
    posting.settle(unit, date(2026, 1, 1), date(2026, 6, 30))
    assert PointEntry.objects.count() == once
    triggers = set(PointEntry.objects.values_list("rule_code", flat=True))
    assert triggers >= {"精业-基-01", "精业-扣-01", "精业-扣-02", "精业-扣-03", "精业-加-01"}
    book.refresh_from_db()
    assert book.sealed_at, "its first use seals it"
    posting.settle(unit, monday, monday)
    good = PointEntry.objects.get(person=author, event_on=monday)
    assert good.rule_code == "精业-加-01"
    assert good.source.startswith("report:") and good.source.endswith(str(monday))
    line = next(
        x for x in queries.scorecard_of(author, half=story.HALF) if x.star and x.star.key == "ye"
    )
    assert line.base == 20

    # --- The round: what is missing is said first
    by = story.office()
    bare = rounds.prepare(unit, story.HALF, by=by)
    with pytest.raises(Refused, match="计分卡"):
        rounds.open_(bare.pk, by=by, seen=bare.version)
    rounds.cancel(bare.pk, by=by, reason="试一下", seen=bare.version)
    story.score(unit)
    round_ = story.open_round(unit)
    assert (round_.state, round_.book, bool(round_.seal)) == (S.NOMINATING, book, True)

    # --- Chiefs put people and sections forward, within the quota
    star = Star.objects.get(pk="ye")
    taking = set(round_.participants.taking_part().values_list("person", flat=True))
    picked = []
    for home in Section.objects.filter(unit=unit):
        of_home = Staff.objects.of_section(home, our_clock.today()).filter(pk__in=taking)
        head = story.chief_of(home)
        nominee = of_home.exclude(pk=head.pk).first()
        if nominee:
            picked.append((home, head, nominee))
    first, second, third = picked[:3]
    made = [story.nominate(round_, star, home, nominee) for home, _head, nominee in (first, second)]
    of_section = story.nominate(round_, star, third[0])
    with pytest.raises(Refused):
        story.nominate(
            round_,
            star,
            first[0],
            Staff.objects.of_section(first[0], our_clock.today())
            .filter(pk__in=taking)
            .exclude(pk__in=[first[1].pk, first[2].pk])
            .first()
            or first[2],
        )
    assert Dossier.objects.count() == 3

    # --- The clock moves the stages when their moment has come
    round_.refresh_from_db()
    assert the_clock_looks(round_).state == S.NOMINATING
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    assert the_clock_looks(round_).state == S.AT_BRANCH
    assert story.everybody_judges(round_) > 20
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    assert the_clock_looks(round_).state == S.AT_COMMITTEE
    assert BranchOutcome.objects.filter(outcome="agreed").count() == 3

    # --- The committee: attendance, own nominations recused, a tie settled by the chair
    meeting = Sitting(round_).meeting
    with pytest.raises(Refused, match="登记到会"):
        sittings.begin(meeting.pk, by=story.office(), seen=meeting.version)
    story.everybody_comes(round_)
    story.everybody_votes(round_, lambda one, _member: "for")
    round_.refresh_from_db()
    tie = Sitting(round_).open_ties()
    assert list(tie) == [("ye", "person")]
    chair = next(seat.staff for seat in Sitting(round_).seats if seat.chairs)
    votes.settle(
        round_.pk, by=chair, star="ye", kind="person", winners=[made[0].pk], reason="一线优先"
    )
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    assert the_clock_looks(round_).state == S.PUBLICITY
    placed = Decision.objects.filter(placed=True).values_list("nomination", flat=True)
    assert set(placed) == {made[0].pk, of_section.pk}

    # --- Five working days of publicity, then the stars
    assert round_.publicity_until == workdays.following(our_clock.today(), 5)
    office = story.office()
    with pytest.raises(Refused):
        stages.advance(round_.pk, by=office, reason="急", seen=round_.version)
    clock.set(our_clock.local(round_.due_at).replace(minute=1))
    assert the_clock_looks(round_).state == S.PUBLISHED
    assert Award.objects.count() == 2
    winner = made[0].person
    assert Notice.objects.filter(to=winner, key__startswith="award:").count() == 1
    publication = Publication.objects.get()
    assert publication.body["rules"]["book_digest"] == book.digest

    # --- The workbook, by a job
    job = results.start_workbook(publication.pk, by=story.office(), key="k")
    assert jobs.run(job.pk), Job.objects.get(pk=job.pk).error
    job.refresh_from_db()
    file = openpyxl.load_workbook(tmp_path / job.result["file"])
    text = "\n".join(
        str(cell.value) for sheet in file for row in sheet for cell in row if cell.value
    )
    assert winner.name in text
    assert all(
        not str(cell.value).startswith(("=", "+", "@"))
        for sheet in file
        for row in sheet
        for cell in row
        if isinstance(cell.value, str)
    )

    # --- And the trail tells it all
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert acts >= {
        "rulebook.approve",
        "report.return",
        "report.accept",
        "entries.post",
        "round.open",
        "nomination.submit",
        "opinion.give",
        "vote.cast",
        "vote.settle",
        "round.advance",
        "result.publish",
        "result.export",
    }, acts
    assert PointEntry.objects.aggregate(Sum("points"))["points__sum"]
