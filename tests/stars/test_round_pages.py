import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme import jobs
from scheme.models import Job
from scoring.models import ScoreRun
from stars.actions import rehearsal, rounds
from stars.models import Participant, Round, SectionConfirmation
from stars.plan_forms import PlanForm
from tests.factories import make_round, make_section, make_staff, make_unit
from tests.stars.opening_world import confirm_all


def url(name, *args):
    return reverse(f"stars:{name}", args=args)


def post(client, where, **fields):
    return client.post(where, {"idem": str(uuid.uuid4()), **fields})


@pytest.fixture
def as_office(client, office):
    client.force_login(office)
    return client


@pytest.fixture
def as_chief(client, department):
    client.force_login(department.chiefs[0])
    return client


@pytest.fixture
def round_(department):
    return make_round(department.unit)


# The list, and preparing


def test_round_list_shows_the_running_one_and_the_earlier_ones(as_chief, department):
    make_round(department.unit, half="2025H1", state="published")
    make_round(department.unit, half="2025H2", state="cancelled")
    running = make_round(department.unit, state="at_branch")
    page = as_chief.get(url("round_list"))
    assert [round_ for round_, _steps in page.context["current"]] == [running]
    assert [round_.half for round_ in page.context["earlier"]] == ["2025H1"]
    assert "筹备" not in page.content.decode() and url("round_detail", running.pk) in page.text


def test_round_prepare_goes_to_the_new_round(as_office, department):
    page = as_office.get(url("round_list"))
    assert page.context["form"].fields["half"].choices[0][0] == "2026H1"
    answer = post(as_office, url("round_prepare"), half="2026H1")
    assert answer.url == url("round_detail", Round.objects.get().pk)


def test_round_prepare_refuses_what_is_no_choice(as_office, department):
    assert post(as_office, url("round_prepare"), half="2019H1").status_code == 422
    assert not Round.objects.exists()


@pytest.mark.parametrize("name", ["round_prepare"])
def test_preparing_is_closed_to_others(as_chief, name):
    assert post(as_chief, url(name), half="2026H1").status_code == 403


# Detail


def test_a_round_being_prepared_is_for_the_office_and_the_chiefs(as_chief, round_, department):
    page = as_chief.get(url("round_detail", round_.pk))
    assert url("round_confirm", round_.pk) in page.text
    assert url("round_plan", round_.pk) not in page.text and "演练" not in page.text
    as_chief.force_login(department.officers[0][1])
    assert as_chief.get(url("round_detail", round_.pk)).status_code == 404


def test_another_unit_s_round_is_out_of_sight(as_office):
    other = make_round(make_unit(), state="nominating")
    assert as_office.get(url("round_detail", other.pk)).status_code == 404


def test_round_detail_names_what_is_missing_and_offers_no_opening(as_office, round_):
    page = as_office.get(url("round_detail", round_.pk))
    assert page.context["blocked"] and "这个半年没有已批准的积分细则。" in page.text
    assert url("round_open", round_.pk) not in page.text


def test_round_detail_of_a_running_round_says_what_is_next_and_whose_turn_it_is(
    as_chief, department
):
    running = make_round(department.unit, state="nominating")
    page = as_chief.get(url("round_detail", running.pk))
    assert [duty.act for duty in page.context["duties"]] == ["推星"]
    assert "18:00为止" in page.text and "取消这一轮" not in page.text


@pytest.mark.parametrize(
    "state", ["preparing", "nominating", "at_branch", "at_committee", "publicity", "published"]
)
def test_round_detail_opens_in_every_state(as_office, department, state):
    running = make_round(department.unit, state=state)
    rounds_page = as_office.get(url("round_detail", running.pk))
    assert rounds_page.status_code == 200
    listed = as_office.get(url("round_list"))
    assert listed.status_code == 200


def test_round_detail_after_it_was_cancelled_tells_the_reason(as_office, department, office):
    running = make_round(department.unit, state="nominating")
    rounds.cancel(running.pk, by=office, reason="机构改革", seen=running.version)
    page = as_office.get(url("round_detail", running.pk))
    assert page.context["moves"][-1]["kind"] == "back" and "机构改革" in page.text


def test_round_score_then_open(as_office, scored, office):
    ready = confirm_all(rounds.prepare(scored.unit, "2026H1", by=office), by=office)
    assert post(as_office, url("round_score", ready.pk)).url == url("round_detail", ready.pk)
    assert ScoreRun.objects.count() == 1
    page = as_office.get(url("round_detail", ready.pk))
    assert not page.context["blocked"] and url("round_open", ready.pk) in page.text
    answer = post(as_office, url("round_open", ready.pk), seen=0)
    assert answer.url == url("round_detail", ready.pk)
    assert Round.objects.get().state == "nominating"


def test_round_open_answers_the_refusal_in_words(as_office, round_):
    answer = post(as_office, url("round_open", round_.pk), seen=0)
    assert answer.status_code == 422 and "还不能开启" in answer.text
    assert post(as_office, url("round_open", round_.pk), seen=5).status_code == 409
    assert post(as_office, url("round_open", round_.pk), seen="x").status_code == 422


def test_the_same_form_opens_once(as_office, scored, office):
    ready = confirm_all(rounds.prepare(scored.unit, "2026H1", by=office), by=office)
    form = {"idem": str(uuid.uuid4()), "seen": 0}
    first = as_office.post(url("round_open", ready.pk), form)
    assert as_office.post(url("round_open", ready.pk), form).url == first.url
    assert Round.objects.get().version == 1


def test_round_cancel(as_office, round_):
    assert post(as_office, url("round_cancel", round_.pk), seen=0, reason="").status_code == 422
    answer = post(as_office, url("round_cancel", round_.pk), seen=0, reason="排错了")
    assert answer.url == url("round_list") and Round.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    "name", ["round_plan", "round_participants", "round_open", "round_cancel", "round_score"]
)
def test_the_office_s_pages_are_closed_to_others(as_chief, department, name):
    running = make_round(department.unit, state="nominating")
    assert post(as_chief, url(name, running.pk), seen=1).status_code == 403


# Plan


def plan_fields(round_, **more):
    fields = {
        "seen": round_.version, "nominate_until": "2026-07-24", "branch_until": "2026-07-31",
        "committee_until": "2026-08-05", "publicity_days": 5, "quorum_num": 2, "quorum_den": 3,
        "majority_num": 1, "majority_den": 2, "recused_count_as_entitled": "on",
        "floating_sections": 0, "floating_persons": 1, "statement_fewest": 20,
        "statement_most": 500, "most_returns": 2, "vetoes": ["sanction", "fraud"],
        "bar_probation": "on", "absence_limit": 30, "branch_method": "marks", "agreed_from": 85,
        "against_below": 60, "leaders_weight": 40, "trimmed": "on", "secret": "yes",
        "recusals": ["head", "charge"], "tie_1": "tasks", "tie_2": "", "tie_3": "score",
        "tie_last": "empty", "contact": "机关人事科",
    }  # fmt: skip
    for quota in round_.quotas.all():
        fields[f"places_{quota.star_id}_{quota.kind}"] = 1
        fields[f"per_section_{quota.star_id}_{quota.kind}"] = 1
    return fields | more


def test_round_plan_shows_and_saves(as_office, round_, settings):
    settings.DEMO = True
    page = as_office.get(url("round_plan", round_.pk))
    assert 'value="2026-07-27"' in page.text and page.text.count("places_") > 10
    answer = post(
        as_office, url("round_plan", round_.pk),
        **plan_fields(round_, places_ye_person=4, publicity_seconds=30),
    )  # fmt: skip
    assert answer.url == url("round_detail", round_.pk)
    round_.refresh_from_db()
    assert round_.quotas.get(star="ye", kind="person").places == 4
    assert round_.publicity_seconds == 30
    assert (round_.secret, round_.branch_method, round_.trimmed) == (True, "marks", True)
    assert (round_.vetoes, round_.recusals) == (["sanction", "fraud"], ["head", "charge"])
    assert (round_.tie_order, round_.tie_last) == (["tasks", "score"], "empty")
    assert (round_.absence_limit, round_.leaders_weight) == (30, 40)
    page = as_office.get(url("round_plan", round_.pk))
    assert page.context["form"]["tie_2"].value() == "score"
    assert re.search(r'name="secret" value="yes"[^>]* checked', page.text)
    rules = dict(as_office.get(url("round_detail", round_.pk)).context["rules"])
    assert rules["表决方式"] == "无记名投票" and rules["名额不够时"] == (
        "依次看同意票多者、办结重点任务多者、该星积分高者；仍相同的名额空缺"
    )
    assert rules["支部评星"] == "打分，平均85分以上为同意推荐，不到60分为不同意"
    assert rules["平均分"] == "去掉一个最高分和一个最低分；领导和科室负责人的分占40%"
    assert rules["名额"] == "科室5个、个人8个，另有机动名额科室0个、个人1个"
    assert rules["不能参评"] == "处分影响期、申报弄虚作假、试用期、缺勤超过30个工作日"
    assert rules["回避"].endswith("亲属关系；本人负责这个科室；本人分管推荐的科室")
    assert "公示（演示）" in as_office.get(url("round_detail", round_.pk)).text


def test_round_plan_says_what_is_wrong_at_the_field(as_office, round_, settings):
    settings.DEMO = False
    page = post(
        as_office, url("round_plan", round_.pk),
        **plan_fields(round_, nominate_until="2026-07-25", publicity_seconds=30),
    )  # fmt: skip
    assert page.status_code == 422
    assert "须是工作日" in page.context["form"].errors["nominate_until"][0]
    assert "publicity_seconds" not in page.text
    page = post(as_office, url("round_plan", round_.pk), **plan_fields(round_, publicity_days=""))
    assert page.status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("against_below", 90), ("statement_fewest", 501), ("tie_3", "tasks"), ("secret", ""),
        ("absence_limit", 999999999999), ("vetoes", ["face"]), ("contact", "长" * 201),
    ],
)  # fmt: skip
def test_round_plan_says_which_rule_cannot_be(as_office, round_, field, value):
    answer = post(as_office, url("round_plan", round_.pk), **plan_fields(round_, **{field: value}))
    named = "tie_1" if field.startswith("tie") else field
    assert answer.status_code == 422 and named in answer.context["form"].errors
    round_.refresh_from_db()
    assert round_.version == 0


def test_round_plan_counts_working_days_from_a_first_day_and_keeps_nothing(as_office, round_):
    where = url("round_plan", round_.pk)
    days = {f"days_{name}": n for name, n in zip(PlanForm.DATES, (3, 4, 2), strict=True)}
    page = as_office.get(where, {"first_day": "2026-07-22", **days})
    form = page.context["form"]
    assert [str(form[name].value()) for name in PlanForm.DATES] == [
        "2026-07-24", "2026-07-30", "2026-08-03",
    ]  # fmt: skip
    assert "7月22日（星期三）至7月24日（星期五），3个工作日" in page.text
    assert "下面的截止日已按推算填好" in page.text
    assert Round.objects.get().version == 0
    for wrong in ("2026-07-01", "x", ""):
        page = as_office.get(where, {"first_day": wrong, **days})
        assert page.status_code == 200 and page.context["count"].errors["first_day"]
    page = as_office.get(where, {"first_day": "2026-07-22", **days, "days_branch_until": 0})
    assert page.context["count"].errors["days_branch_until"]


def test_round_plan_says_whose_rules_it_took_over(as_office, department, office):
    where = lambda: as_office.get(url("round_plan", Round.objects.first().pk))  # noqa: E731
    rounds.prepare(department.unit, "2026H1", by=office)
    assert "第一轮按常规预填" in where().text
    make_round(department.unit, half="2025H2", state="published")
    assert "沿用2025年下半年评星" in where().text


def test_round_plan_refuses_a_stale_page(as_office, round_):
    answer = post(as_office, url("round_plan", round_.pk), **plan_fields(round_, seen=9))
    assert answer.status_code == 409


# Participants


def ticks(round_, **but):
    rows = Participant.objects.filter(round=round_)
    return {f"part-{row.pk}": "on" for row in rows} | but


def test_round_participants_saves_ticks_and_reasons(as_office, round_, department):
    row = Participant.objects.get(person=department.officers[0][1])
    assert "保存名单" in as_office.get(url("round_participants", round_.pk)).text
    fields = ticks(round_, **{f"reason-{row.pk}": "借调在外", "seen": 0})
    del fields[f"part-{row.pk}"]
    answer = post(as_office, url("round_participants", round_.pk), **fields)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.takes_part, row.reason) == (False, "借调在外")
    assert "11人参加" in as_office.get(url("round_participants", round_.pk)).text


def test_round_participants_keeps_what_was_typed_when_a_reason_is_missing(
    as_office, round_, department
):
    row = Participant.objects.get(person=department.officers[0][1])
    fields = ticks(round_, seen=0)
    del fields[f"part-{row.pk}"]
    page = post(as_office, url("round_participants", round_.pk), **fields)
    assert page.status_code == 422 and f'href="#reason-{row.pk}"' in page.text
    assert f'name="part-{row.pk}" checked' not in page.text
    fields["seen"] = 4
    assert post(as_office, url("round_participants", round_.pk), **fields).status_code == 409


def test_round_participants_are_completed_from_the_roster(as_office, round_, department):
    make_staff(section=department.one)
    assert "按花名册补齐" in as_office.get(url("round_participants", round_.pk)).text
    answer = post(as_office, url("round_participants", round_.pk), move="complete")
    assert answer.status_code == 302
    assert "按花名册补齐" not in as_office.get(url("round_participants", round_.pk)).text


def test_round_participants_of_an_open_round_are_only_read(as_office, department):
    running = make_round(department.unit, state="nominating")
    page = as_office.get(url("round_participants", running.pk))
    assert "已封存" in page.text and "保存名单" not in page.text
    answer = post(as_office, url("round_participants", running.pk), **ticks(running, seen=1))
    assert answer.status_code == 422


# Confirmed by the sections


def test_a_chief_looks_the_own_part_over_and_confirms_it(as_chief, round_, department):
    duties = as_chief.get(url("round_detail", round_.pk)).context["duties"]
    assert [duty.text for duty in duties] == ["干部一科的参加名单等您核对。"]
    where = url("round_confirm", round_.pk)
    page = as_chief.get(where)
    names = [row.person.name for row in page.context["parts"][0]["rows"] if row.person]
    assert set(names) == {p.name for p in [department.chiefs[0], *department.officers[0]]}
    assert "组织二科" not in page.text
    answer = post(as_chief, where, section=department.one.pk, seen=0)
    assert answer.url == where
    assert SectionConfirmation.objects.get().by == department.chiefs[0]
    page = as_chief.get(where)
    assert "已确认" in page.text and "确认干部一科的名单" not in page.text
    assert post(as_chief, where, section=department.one.pk, seen=0).status_code == 409
    assert post(as_chief, where, section=department.two.pk, seen=0).status_code == 403
    for nonsense in ("", "x", "9" * 30, "\0"):
        assert post(as_chief, where, section=nonsense, seen=0).status_code in (404, 422)


def test_the_office_sees_who_has_not_confirmed_asks_and_confirms_in_their_stead(
    as_office, round_, department
):
    where = url("round_participants", round_.pk)
    page = as_office.get(where)
    assert "还差3个" in page.text
    assert post(as_office, url("round_ask", round_.pk)).url == where
    stead = url("round_confirm_stead", round_.pk)
    fields = {"section": department.two.pk, "seen": 0}
    assert post(as_office, stead, **fields).status_code == 422
    assert post(as_office, stead, **fields, reason="科长出差").url == where
    page = as_office.get(where)
    assert "还差2个" in page.text and "代为确认：科长出差" in page.text


# Put off


def test_the_office_puts_a_stage_off_and_the_page_says_so(as_office, department):
    running = make_round(department.unit, state="nominating")
    where = url("round_detail", running.pk)
    assert url("round_extend", running.pk) in as_office.get(where).text
    extend = url("round_extend", running.pk)
    seen = {"seen": running.version}
    for until in ("", "x", "2026-07-25", "99999-01-01"):
        assert post(as_office, extend, until=until, reason="试", **seen).status_code == 422
    assert post(as_office, extend, until="2026-07-29", reason="材料不齐", **seen).url == where
    page = as_office.get(where)
    assert page.context["moves"][-1]["what"] == "科室推星延期"
    assert "延期到7月29日18:00：材料不齐" in page.text
    publicity = make_round(department.unit, state="publicity", half="2025H2")
    page = as_office.get(url("round_detail", publicity.pk))
    assert url("round_extend", publicity.pk) not in page.text


# Rehearsed


def test_a_rehearsal_is_asked_for_watched_and_read(as_office, round_, office, monkeypatch):
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    monkeypatch.setattr(rehearsal, "signs_of", lambda job: lambda done, total: None)
    assert "演练一遍" in as_office.get(url("round_detail", round_.pk)).text
    answer = post(as_office, url("round_rehearse", round_.pk))
    job = Job.objects.get()
    where = url("round_rehearsal", round_.pk, job.pk)
    assert answer.url == where and "正在演练" in as_office.get(where).text
    progress = url("round_rehearsal_progress", round_.pk, job.pk)
    assert as_office.get(progress).status_code == 200
    assert jobs.run(job.pk)
    assert as_office.get(progress).url == where
    swapped = as_office.get(progress, headers={"HX-Request": "true"})
    assert swapped.headers["HX-Redirect"] == where
    page = as_office.get(where)
    # Without a rule book it cannot open, and says so.
    assert "走到“开启”走不下去。" in page.text and "这个半年没有已批准的积分细则。" in page.text
    assert where in as_office.get(url("round_detail", round_.pk)).text


# Cost


@pytest.mark.parametrize("name", ["round_list", "round_detail", "round_participants", "round_plan"])
def test_pages_cost_the_same_for_a_large_department(as_office, department, round_, name):
    where = url(name) if name == "round_list" else url(name, round_.pk)
    as_office.get(where)
    with CaptureQueriesContext(connection) as few:
        as_office.get(where)
    for n in range(30):
        section = make_section(department.unit)
        person = make_staff(section=section)
        Participant.objects.create(round=round_, person=person)
        Participant.objects.create(round=round_, section=section)
        make_round(department.unit, half=f"{2010 + n // 2}H{n % 2 + 1}", state="cancelled")
    with CaptureQueriesContext(connection) as many:
        as_office.get(where)
    assert len(many) <= len(few)


# Windows in Django's admin


@pytest.mark.parametrize("model", ["round", "award", "publication"])
def test_the_admin_looks_and_never_touches(as_office, department, model):
    make_round(department.unit)
    make_round(make_unit(), half="2024H1")
    page = as_office.get(reverse(f"admin:stars_{model}_changelist"))
    assert page.status_code == 200 and "2024H1" not in page.text
    assert as_office.get(reverse(f"admin:stars_{model}_add")).status_code == 403
