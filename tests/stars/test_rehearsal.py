from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from scheme import clock as time
from scheme import jobs
from scheme.errors import Refused
from scheme.models import Appointment, AuditEntry, BranchMembership, Job, Restriction
from scheme.offices import Office
from stars.actions import rehearsal, rounds, votes
from stars.actions.rehearsal import play
from stars.actions.rehearsing_sitting import PlayedSitting
from stars.ballots import Sitting
from stars.counting import Placing
from stars.models import Quota, Round
from tests.factories import again, appoint, make_entry
from tests.flows import images
from tests.stars import acts


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr(jobs, "send", lambda pk: None)


@pytest.fixture
def round_(scored, office):
    """Prepared, and confirmed by no section: the copy confirms for itself."""
    return rounds.prepare(scored.unit, "2026H1", by=office)


def files():
    return sorted(str(path) for path in Path(settings.FILES_ROOT).rglob("*"))


def facts(report, n):
    return dict(report["stages"][n]["facts"])


def test_it_plays_the_whole_round_and_leaves_no_trace(round_, office):
    # Nothing but the yes votes tells nominees apart: the chair has ties to settle.
    Round.objects.filter(pk=round_.pk).update(floating_persons=1, tie_order=[])
    before, lying, now = images.whole(), files(), time.now()
    told = []
    report = play(round_.pk, by=office, step=lambda done, total: told.append((done, total)))
    assert images.whole() == before and files() == lying
    assert abs((time.now() - now).total_seconds()) < 600 and told[-1] == (6, 6)

    assert report["finished"], report
    names = [stage["name"] for stage in report["stages"]]
    assert names == ["开启", "科室推星", "支部评星", "部务会定星", "公示", "展示亮星"]
    # Only what is really missing is said to be in the way.
    first = report["stages"][0]
    assert [text[:8] for text in first["problems"]] == ["没有确认参加名单"]
    assert report["verdict"] == "整轮走得通，有1处会受阻。"
    assert facts(report, 0)["参加"] == "3个科室、12人"
    committee = facts(report, 3)
    assert (committee["应到会"], committee["法定人数"]) == ("5人", "4人，最多缺1人")
    assert report["stages"][3]["items"] and "通过须3票" in report["stages"][3]["items"][0]
    assert any("由主持人裁定" in text for text in report["stages"][3]["notes"])
    assert facts(report, 5)["获评"] == facts(report, 4)["公示"] != "0项"
    assert dict(report["documents"])["证书"].removesuffix("份") == (
        facts(report, 5)["获评"].removesuffix("项")
    )
    assert "展示亮星" in names and report["stages"][4]["facts"][0][1].endswith("5个工作日")


def test_it_says_where_the_round_would_come_to_a_stop(round_, scored, office):
    # A committee of three of whom two head the nominated sections.
    Appointment.objects.filter(office=Office.COMMITTEE_MEMBER).delete()
    for chief in scored.chiefs[:2]:
        appoint(chief, Office.COMMITTEE_MEMBER)
    Quota.objects.filter(round=round_, kind="person").update(places=0)
    Round.objects.filter(pk=round_.pk).update(recusals=["same_section", "head", "charge"])
    before = images.whole()
    report = play(round_.pk, by=office)
    assert images.whole() == before
    stage = report["stages"][3]
    assert any("缺一个人" in text for text in stage["notes"]) is False
    assert facts(report, 3)["法定人数"] == "2人，最多缺1人"

    # Nobody heads a section, so nobody puts anybody forward: the office has to see to that.
    Appointment.objects.filter(office=Office.SECTION_CHIEF).delete()
    report = play(round_.pk, by=again(office))
    assert not report["finished"] and report["verdict"] == "走到“开启”走不下去。"
    assert any(text.startswith("没有负责人") for text in report["stages"][0]["problems"])
    assert report["documents"] == []


def test_items_that_cannot_pass_and_a_quorum_without_a_spare(round_, scored, office):
    # Each leader in charge stands back from the own section's: two of three votes are left.
    Appointment.objects.filter(office=Office.COMMITTEE_MEMBER, staff__in=scored.members).delete()
    Appointment.objects.filter(office=Office.COMMITTEE_MEMBER, staff=scored.leader).update(
        office=Office.COMMITTEE_CHAIR
    )
    BranchMembership.objects.exclude(staff__in=scored.chiefs).delete()
    Quota.objects.filter(round=round_, kind="person").update(places=0)
    Round.objects.filter(pk=round_.pk).update(
        recusals=["charge", "head", "nominator"], quorum_den=2, majority_num=2, majority_den=3
    )
    report = play(round_.pk, by=office)
    assert report["finished"], report
    branch, committee = report["stages"][2]["problems"], report["stages"][3]["problems"]
    assert any("没有人可以评" in text for text in branch)
    assert any("赞成过不了半数" in text for text in branch)
    assert any("不可能通过" in text for text in committee)
    assert "缺一个人就不够法定人数，请提前约好时间。" in report["stages"][3]["notes"]
    assert facts(report, 5) == {"获评": "0项"}


def test_a_stage_the_clock_cannot_end_and_a_chair_that_is_gone_by_then(round_, scored, office):
    Quota.objects.filter(round=round_, kind="person").update(places=0)
    held = Appointment.objects.filter(office=Office.COMMITTEE_CHAIR)
    held.update(end_on=date(2026, 7, 24))
    report = play(round_.pk, by=office)
    assert report["verdict"] == "走到“部务会定星”走不下去。"
    assert "指定到会的一位成员主持" in report["stages"][3]["problems"][0]
    for section in scored.sections:
        Restriction.objects.create(
            unit=scored.unit, section=section, kind="criticism", since="2026-01-01",
            authority="文号", recorded_by=office, recorded_at=time.now(),
        )  # fmt: skip
    report = play(round_.pk, by=again(office))
    assert report["verdict"] == "走到“科室推星”走不下去。"
    assert "还没有一个科室报来推荐" in report["stages"][1]["problems"][0]


def test_an_item_nobody_may_lead_and_a_tie_nobody_may_settle(clock, db, monkeypatch):
    s = acts.at_committee(clock)
    stage = {"problems": [], "notes": [], "items": []}
    played = PlayedSitting(s.round, s.d.personnel[0], stage)
    sitting = Sitting(s.round)
    with pytest.raises(Refused, match="没有人主持"):
        played._vote(sitting, sitting.nominations[0], {}, [], {}, s.d.chair)
    tie = Placing(frozenset(), frozenset({1, 2}), 1)
    monkeypatch.setattr(Sitting, "open_ties", lambda self: {(None, "person"): tie})

    def recused(*args, **more):
        raise Refused("须回避")

    monkeypatch.setattr(votes, "settle", recused)
    with pytest.raises(Refused, match="须回避"):
        played._settle([s.d.chair])
    with pytest.raises(Refused, match="没有主持人"):
        played._settle([])


def test_marks_scorecards_to_be_counted_and_people_to_be_taken_in(round_, scored, office):
    Round.objects.filter(pk=round_.pk).update(
        branch_method="marks", trimmed=True, leaders_weight=40, secret=False, tie_last="empty"
    )
    round_.participants.filter(person=scored.officers[0][1]).delete()
    make_entry(scored.officers[0][0], "-0.2", date(2026, 6, 29))
    before = images.whole()
    report = play(round_.pk, by=office)
    assert images.whole() == before and report["finished"], report
    assert not any("裁定" in text for text in report["stages"][3]["notes"])
    problems = report["stages"][0]["problems"]
    assert any(text.startswith("花名册里有") for text in problems)
    assert any(text.startswith("计分卡算好以后") for text in problems)


def test_who_is_barred_is_said_neutrally(round_, scored, office):
    barred = scored.officers[0][0]
    Restriction.objects.create(
        unit=scored.unit, staff=barred, kind="sanction", since="2026-01-01", authority="文号",
        recorded_by=office, recorded_at=time.now(),
    )  # fmt: skip
    Quota.objects.filter(round=round_).update(places=9, per_section=9)
    report = play(round_.pk, by=office)
    text = str(report)
    assert "处分" not in text.replace("处分影响期", "") and "不能参评" in text


def test_asking_registers_one_job_and_a_line(round_, scored, office):
    job = rehearsal.start(round_.pk, by=office, key="form")
    assert rehearsal.start(round_.pk, by=office, key="form") == job
    assert list(rehearsal.of(round_)) == [job]
    entry = AuditEntry.objects.filter(act="round.rehearse").first()
    assert entry.after == {"job": job.pk, "version": 0}
    with pytest.raises(PermissionDenied):
        rehearsal.start(round_.pk, by=scored.chiefs[0], key="form")
    Round.objects.filter(pk=round_.pk).update(state="cancelled")
    with pytest.raises(Refused, match="不再演练"):
        rehearsal.start(round_.pk, by=office, key="form")
    # Asked for in time, come to too late.
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["finished"] is False and job.result["stages"] == []


def test_the_job_keeps_the_report_and_nothing_else(round_, office, monkeypatch):
    monkeypatch.setattr(rehearsal, "signs_of", lambda job: lambda done, total: None)
    job = rehearsal.start(round_.pk, by=office, key="form")
    before = images.whole(without=("scheme.Job",))
    assert jobs.run(job.pk)
    assert images.whole(without=("scheme.Job",)) == before
    job.refresh_from_db()
    assert job.state == Job.State.DONE and job.result["finished"]


def test_signs_of_life_are_given_now_and_then_on_a_connection_of_their_own(monkeypatch):
    seen, at = [], [0.0]
    monkeypatch.setattr(rehearsal.jobs, "progress", lambda job, done, total: seen.append(done))
    monkeypatch.setattr(rehearsal.time, "monotonic", lambda: at[0])
    step = rehearsal.signs_of(object())
    step(1, 6)
    step(2, 6)
    at[0] = 3.0
    step(3, 6)
    assert seen == [1, 3]

    def lost(job, done, total):
        raise jobs.FenceLost

    monkeypatch.setattr(rehearsal.jobs, "progress", lost)
    at[0] = 6.0
    with pytest.raises(jobs.FenceLost):
        step(4, 6)
