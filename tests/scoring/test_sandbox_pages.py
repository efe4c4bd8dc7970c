"""The pages of the sandbox and its workbook."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ledgers.models import Level, PointEntry, WritingCredit, WritingItem
from scheme import clock as house_clock
from scheme import jobs
from scheme.errors import Refused
from scheme.idempotency import new_key
from scheme.models import AuditEntry, Job
from scheme.offices import Office
from scoring.actions import posting
from scoring.actions import sandbox as trying
from scoring.exports import sandbox as trial_book
from scoring.models import RuleBook, ScoreRun
from scoring.views import sandbox as views
from tests.factories import (
    appoint,
    make_department,
    make_report,
    make_rule_book,
    make_staff,
    make_unit,
)
from tests.scoring.test_sandbox import changed

HALF = "2026H1"
NEW = ("勤学-基-11", "base", "section", "xue", "学习基础分", "base", "5", None, None, None)


@pytest.fixture
def d(db, clock):
    clock.set("2026-07-15 09:00")
    d = make_department()
    d.book = make_rule_book(d.unit, in_force_from=date(2026, 1, 1), approved_by=d.leader)
    d.draft = make_rule_book(
        d.unit,
        state="draft",
        version=2,
        rules=[*changed(精业_扣_01={"points": "-0.50", "quarter": "3"})[:-1], NEW],
        proposed_by=d.personnel[0],
    )
    for person, days in ((d.officers[1][0], 60), (d.officers[2][0], 20)):
        for n in range(days):
            day = date.fromordinal(date(2026, 3, 2).toordinal() + n)
            make_report(person, day)
    d.draft.rules.filter(code="精业-加-01").update(stacking="highest")
    item = WritingItem.objects.create(
        unit=d.unit,
        adopted_on=date(2026, 3, 5),
        title="信息",
        kind="information",
        level=Level.CITY,
        recorded_at=house_clock.now(),
    )
    WritingCredit.objects.create(item=item, person=d.officers[1][0], role="main")
    return d


def page(client, person, book, **asked):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("scoring:rulebook_sandbox", args=[book.pk]), asked)


def export(client, person, book, **asked):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("scoring:rulebook_sandbox_export", args=[book.pk])
    return client.post(url, {"idem": new_key(), "half": HALF, **asked})


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_office_and_its_leader_try_it_and_nobody_else(client, d):
    for person in (d.personnel[0], d.personnel[1], d.leader):
        said = text(page(client, person, d.draft))
        assert "试算不入账" in said and "每星前3名" in said
    other = make_staff(d.unit)
    appoint(other, Office.LEADER_IN_CHARGE, section=d.one)
    for person in (other, d.officers[0][0], d.chiefs[0], d.chair):
        assert page(client, person, d.draft).status_code == 403
    assert page(client, make_department().personnel[0], d.draft).status_code == 404
    link = reverse("scoring:rulebook_sandbox", args=[d.draft.pk])
    for person, shown in ((d.personnel[0], True), (d.leader, True), (other, False)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        detail = client.get(reverse("scoring:rulebook_detail", args=[d.draft.pk]))
        assert (link in detail.content.decode()) is shown


@pytest.mark.parametrize("part", ["overview", "moves", "rules", "caps"])
def test_every_part_in_both_languages_and_with_every_book(client, d, part):
    for book in (d.draft, d.book):
        for language in ("zh-hans", "en"):
            client.cookies["language"] = language
            assert page(client, d.personnel[0], book, part=part).status_code == 200
    said = text(page(client, d.personnel[0], d.book, part=part))
    assert PointEntry.objects.count() == ScoreRun.objects.count() == 0 and said


def test_what_the_parts_say(client, d):
    clerk = d.personnel[0]
    overview = text(page(client, clerk, d.draft))
    assert "颗星换人" in overview or "没有一颗星换人" in overview
    moves = text(page(client, clerk, d.draft, part="moves"))
    assert "+2.0" in moves and "差额的分布" in moves
    rules = text(page(client, clerk, d.draft, part="rules"))
    assert (
        "信息采用 市 主报" in rules
        and "没有用上" in rules
        and "这一版没有" in rules
        and "新增" in rules
    )
    caps = text(page(client, clerk, d.draft, part="caps"))
    assert (
        "取最高" in caps
        and "每季上限" in caps
        and "设了但没有切到的" in caps
        and "扣完为止" in caps
    )


def test_the_filters_choose_and_nonsense_is_as_if_nothing_was_asked(client, d):
    clerk = d.personnel[0]
    asked = {"part": "moves", "pool": "section", "star": "ye", "order": "office"}
    said = text(page(client, clerk, d.draft, **asked))
    assert d.one.name in said and d.officers[1][0].name not in said
    said = text(page(client, clerk, d.draft, part="moves", section=d.two.pk, star="total"))
    assert f'<th scope="row" class="lead">{d.officers[1][0].name}' in said
    assert f'<th scope="row" class="lead">{d.chiefs[0].name}' not in said
    plain = text(page(client, clerk, d.draft, part="moves"))
    mad = dict.fromkeys(("half", "persons", "sections", "pool", "star", "section", "order"), "\x00")
    mad_said = text(page(client, clerk, d.draft, part="moves", page="9" * 30, **mad))
    assert mad_said.count("<tr>") == plain.count("<tr>")
    assert "没有这样的人或科室" in text(page(client, clerk, d.draft, part="moves", star="xin"))


def test_a_list_is_paged_and_costs_the_same_however_many(client, d, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 4)
    clerk = d.personnel[0]
    page(client, clerk, d.draft, part="moves")
    with CaptureQueriesContext(connection) as few:
        first = text(page(client, clerk, d.draft, part="moves"))
    assert "第1页" in first and 'rel="next"' in first
    for n in range(6):
        make_staff(section=d.one, name=f"新{n}")
    with CaptureQueriesContext(connection) as more:
        second = text(page(client, clerk, d.draft, part="moves", page=2))
    assert "第2页" in second and len(more) == len(few)


def test_a_unit_without_records_has_nothing_to_try(client, db, clock):
    clock.set("2026-07-15 09:00")
    d = make_department(make_unit())
    draft = make_rule_book(d.unit, state="draft", proposed_by=d.personnel[0])
    assert "还没有可以试算的半年" in text(page(client, d.personnel[0], draft))
    answer = export(client, d.personnel[0], draft)
    assert answer.status_code == 422 and not Job.objects.filter(kind=trying.KIND).exists()


def test_a_half_year_before_any_book(client, d):
    make_report(d.officers[1][0], date(2025, 11, 3))
    said = text(page(client, d.personnel[0], d.draft, half="2025H2"))
    assert "这个半年没有施行的细则" in said and "没有可比的合计" in said
    content = trial_book.read(d.draft, "2025H2", persons=1, sections=1)
    assert content.in_force is None


def test_a_large_unit_is_tried_in_the_background(client, d, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 2)
    said = text(page(client, d.personnel[0], d.draft))
    assert "在后台试算并导出" in said and "每星前3名" not in said


# --- The workbook


def run(client, d, settings, tmp_path, **asked) -> Job:
    settings.FILES_ROOT = str(tmp_path)
    answer = export(client, d.personnel[0], d.draft, **asked)
    job = Job.objects.get(kind=trying.KIND)
    assert answer.url == reverse("desk:job", args=[job.pk])
    assert jobs.run(job.pk), Job.objects.get().error
    job.refresh_from_db()
    return job


def test_the_workbook_is_made_by_a_job(client, d, settings, tmp_path):
    posting.settle(d.unit, date(2026, 1, 1), date(2026, 6, 30))
    entries = PointEntry.objects.count()
    job = run(client, d, settings, tmp_path, persons=2, sections=2)
    assert job.result["name"] == "第2版试算 2026H1.xlsx" and job.percent == 100
    assert job.done_count == job.total_count > 80
    line = AuditEntry.objects.get(act="rulebook.sandbox")
    assert line.actor == d.personnel[0] and line.after["half"] == HALF
    assert PointEntry.objects.count() == entries and not ScoreRun.objects.exists()
    assert RuleBook.objects.get(pk=d.draft.pk).state == "draft"
    book = load_workbook(tmp_path / job.result["file"])
    assert book.sheetnames == ["总览", "个人", "科室", "易主", "规则", "上限"]
    for sheet in book:
        assert sheet["A1"].value.startswith("2026年上半年积分试算（第2版）")
        values = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
        assert any("试算不入账" in str(value) for value in values)
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    rows = {(r[1], r[3]): r for r in book["个人"].iter_rows(min_row=5, values_only=True)}
    total = rows[d.officers[1][0].name, "合计"]
    with_figures = [Decimal(value) for value in total[4:7]]
    assert with_figures[1] - with_figures[0] == with_figures[2]
    hands = list(book["易主"].iter_rows(min_row=5, values_only=True))
    assert {row[2] for row in hands if row[0] in ("个人", "科室")} == {2}
    rules = {row[0]: row for row in book["规则"].iter_rows(min_row=5, values_only=True)}
    assert rules["精业-扣-11"][-1] == "试算的细则里没有"
    assert rules["精业-扣-03"][-1] == "这半年没有用上"
    assert rules[None][1] == "信息采用市主报" and rules[None][-1] == "试算细则不给分"
    assert "取最高" in [row[8] for row in book["上限"].iter_rows(min_row=5, values_only=True)]
    caps = [row[4] for row in book["上限"].iter_rows(min_row=5, values_only=True)]
    assert {"每季上限", "加分总上限"} <= set(caps)
    overview = {row[0]: row for row in book["总览"].iter_rows(min_row=5, values_only=True)}
    assert overview["细则校验值"][2].startswith("草案 ")


def test_the_workbook_says_the_same_whatever_its_maker_reads(client, d, settings, tmp_path):
    from django.utils import translation

    with translation.override("en"):
        content = trial_book.read(d.draft, HALF, persons=3, sections=1)
        trial_book.write(content, tmp_path / "en.xlsx", progress=lambda done, total: None)
    trial_book.write(content, tmp_path / "zh.xlsx", progress=lambda done, total: None)
    assert Path(tmp_path / "en.xlsx").read_bytes() == Path(tmp_path / "zh.xlsx").read_bytes()


def test_a_tie_too_long_to_list_is_said(d, tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.sandbox.trial.SHOWN", 2)
    content = trial_book.read(d.draft, HALF, persons=1, sections=1)
    path = tmp_path / "ties.xlsx"
    trial_book.write(content, path, progress=lambda done, total: None)
    listed = [hand for hand in content.hands if hand.pool == "person" and hand.star == "xue"]
    assert listed[0].n_after > 2 and len(listed[0].holders) == 2
    said = [row[0] for row in load_workbook(path)["易主"].iter_rows(values_only=True)]
    assert any("没有列出" in str(value) for value in said)


def test_one_form_makes_one_workbook(client, d):
    client.force_login(d.personnel[0], backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("scoring:rulebook_sandbox_export", args=[d.draft.pk])
    form = {"idem": new_key(), "half": HALF}
    assert client.post(url, form).url == client.post(url, form).url
    assert Job.objects.filter(kind=trying.KIND).count() == 1


def test_a_draft_discarded_meanwhile_makes_no_workbook(client, d, settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path)
    export(client, d.personnel[0], d.draft)
    d.draft.delete()
    job = Job.objects.get(kind=trying.KIND)
    assert jobs.run(job.pk)
    assert Job.objects.get().result == {"skipped": "discarded"} and not list(tmp_path.iterdir())


def test_who_may_not_try_may_not_export_either(d):
    asked = {"persons": 3, "sections": 1, "key": "k"}
    with pytest.raises(PermissionDenied):
        trying.start(d.draft.pk, half=HALF, by=d.chiefs[0], **asked)
    with pytest.raises(Refused, match="没有台账"):
        trying.start(d.draft.pk, half="2021H1", by=d.personnel[0], **asked)
    assert trying.start(d.draft.pk, half=HALF, by=d.leader, **asked).args["half"] == HALF
