"""An accepted report given back: who may, what goes, what stays, and what its points do."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, PointEntry, ReportEvent
from ledgers.revisions import compare
from scheme.errors import Stale
from scheme.models import AuditEntry, Notice
from scoring.actions import closing, posting
from tests.factories import again, make_department, make_report, make_rule_book
from tests.ledgers.acting import THURSDAY, refusal

pytestmark = pytest.mark.django_db


def unlock(report, by, reason="份数写错了", version=None):
    version = report.version if version is None else version
    return reports.unlock(report.pk, version=version, reason=reason, by=again(by))


def test_unlocking_takes_the_grade_and_leaves_the_word(d, author):
    report = make_report(author, THURSDAY, state="accepted", reviewed_by=d.chiefs[0], grade="good")

    for who in (author, d.deputies[0], d.leader, d.chiefs[1]):
        with pytest.raises(PermissionDenied):
            unlock(report, who)
    assert refusal(lambda: unlock(report, d.chiefs[0], reason=" ")).field == "reason"
    assert refusal(lambda: unlock(report, d.chiefs[0], reason="字" * 201)).field == "reason"
    assert refusal(lambda: unlock(report, d.chiefs[0], version=1)).conflict
    unlock(report, d.chiefs[0])

    report.refresh_from_db()
    assert (report.state, report.grade, report.reviewed_by) == ("returned", "", None)
    assert report.first_filed_at is not None and report.plan == "继续核对"
    event = report.events.last()
    assert (event.kind, event.text, event.by) == ("unlocked", "份数写错了", d.chiefs[0])
    entry = AuditEntry.objects.get(act="report.unlock")
    assert entry.before == {"state": "accepted", "grade": "good"} and entry.reason
    assert "已解锁" in Notice.objects.get(to=author).text
    with pytest.raises(Stale):
        unlock(report, d.chiefs[0])
    # Mended, filed and graded again, as after any return; as punctual as it was.
    again_filed = reports.file(
        THURSDAY, by=again(author), lines=[Line("核对档案13卷")], seen=report.version
    )
    assert again_filed.first_filed_at == report.first_filed_at
    reports.accept(report.pk, by=again(d.chiefs[0]), grade="fair", seen=again_filed.version)


def test_a_chief_s_report_is_the_leader_s_to_unlock(d):
    report = make_report(d.chiefs[0], THURSDAY, state="accepted", reviewed_by=d.leader)

    with pytest.raises(PermissionDenied):
        unlock(report, d.chiefs[0])
    assert unlock(report, d.leader).state == "returned"


def test_the_database_lets_a_grade_go_by_no_other_door(d, author):
    report = make_report(author, THURSDAY, state="accepted", reviewed_by=d.chiefs[0])
    for change in ({"grade": "good"}, {"state": "returned", "grade": "", "plan": "另写"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DailyReport.objects.filter(pk=report.pk).update(**change)


def test_pages_unlock_and_set_the_filings_side_by_side(client, d, author):
    report = make_report(author, THURSDAY, state="accepted", reviewed_by=d.chiefs[0])
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert "解锁" not in client.get(f"/reports/by/{report.pk}/").content.decode()
    client.force_login(again(d.chiefs[0]), backend="django.contrib.auth.backends.ModelBackend")
    where = f"/reports/by/{report.pk}/"
    assert client.get(where).context["may_unlock"]
    body = {"seen": 2, "reason": "份数写错了", "idem": "6f1b9c0e-3f9f-4f0e-8d9b-0c7b8a1f2e3d"}
    assert client.post(f"{where}unlock/", body | {"seen": "x"}).status_code == 422
    assert client.post(f"{where}unlock/", body)["Location"] == where
    page = client.get(where).content.decode()
    assert "份数写错了" in page and "解锁" in page
    for seen, text in ((3, "核对干部档案12卷"), (5, "核对干部档案15卷")):
        reports.file(THURSDAY, by=again(author), lines=[Line(text)], seen=seen)
        if seen == 3:
            reports.return_(report.pk, by=again(d.chiefs[0]), reason="再核", seen=4)

    shown = client.get(where).context["comparison"]
    assert (shown["old"].version, shown["new"].version) == (4, 6)
    shown = client.get(where, {"old": "1", "new": "4"})
    assert shown.context["comparison"]["old"].version == 1
    assert "核对干部档案<ins>12卷</ins>" in shown.content.decode()
    assert client.get(where, {"old": "x"}).context["comparison"]["old"].version == 4


def test_lines_are_paired_before_they_are_compared():
    def body(*lines, plan="", number=""):
        return {
            "lines": [{"text": text, "done": True, "number": number} for text in lines],
            "plan": plan,
        }

    same, mended = "接待来访3人", ("起草通知", "起草通知稿2份")
    old = body(same, mended[0], "开会", plan="甲\n乙")
    new = body(same, mended[1], "走访脱贫户并座谈", "打扫", plan="甲")
    lines, plan = compare(old, new)

    def said(pieces):
        return "".join(f"[{p.text}]" if p.changed else p.text for p in pieces)

    assert [(said(pair.left), said(pair.right)) for pair in lines.pairs] == [
        (same, same),
        ("起草通知", "起草通知[稿2份]"),
        ("[开会]", ""),
        ("", "[走访脱贫户并座谈]"),
        ("", "[打扫]"),
    ]
    assert [(said(pair.left), said(pair.right)) for pair in plan.pairs] == [
        ("甲", "甲"),
        ("[乙]", ""),
    ]
    assert lines.pairs[0].same and not lines.same
    assert compare(old, old)[0].same
    unfinished = {"lines": [{"text": "甲", "done": False, "number": "一-1"}]}
    assert said(compare(unfinished, {})[0].pairs[0].left) == "[一-1 甲（没做完）]"


@pytest.fixture
def graded(db, clock):
    """A good report of March, settled in April; the first quarter may be closed by then."""
    clock.set("2026-04-20 09:00")
    d = make_department()
    make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    d.author = d.officers[0][1]
    d.report = make_report(
        d.author, THURSDAY, state="accepted", reviewed_by=d.chiefs[0], grade="good"
    )
    posting.settle(d.unit, THURSDAY, THURSDAY)
    return d


@pytest.mark.parametrize("closed", [False, True])
def test_the_points_of_the_grade_go_and_come_again(graded, closed):
    d = graded

    def good():
        rows = PointEntry.objects.filter(person=d.author, rule_code="精业-加-01").order_by("pk")
        return list(rows.values_list("points", "quarter__code"))

    assert [str(points) for points, _quarter in good()] == ["0.05"]
    if closed:
        posting.settle(d.unit, date(2026, 1, 1), date(2026, 3, 31))
        closing.close("2026Q1", unit=d.unit, by=d.personnel[0])
    counts_in = "2026Q2" if closed else "2026Q1"

    unlock(d.report, d.chiefs[0])
    posting.settle(d.unit, THURSDAY, THURSDAY)
    assert [(str(p), q) for p, q in good()][1:] == [("-0.05", counts_in)]
    report = reports.file(THURSDAY, by=again(d.author), lines=[Line("改好了")], seen=3)
    reports.accept(report.pk, by=again(d.chiefs[0]), grade="good", seen=report.version)
    posting.settle(d.unit, THURSDAY, THURSDAY)
    posting.settle(d.unit, THURSDAY, THURSDAY)
    assert [(str(p), q) for p, q in good()][2:] == [("0.05", counts_in)]
    assert ReportEvent.objects.filter(report=report, kind="unlocked").count() == 1
