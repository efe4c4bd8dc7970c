from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledgers.models import Quarter, QuarterMove
from scheme.idempotency import new_key
from scheme.models import CalendarDay
from scheme.offices import Office
from stars import readiness
from tests.factories import (
    appoint,
    make_department,
    make_entry,
    make_quarter,
    make_round,
    make_rule_book,
)

DAY = date(2026, 3, 5)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    d.q1, d.q2 = make_quarter(d.unit, "2026Q1"), make_quarter(d.unit, "2026Q2")
    return d


def sign_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client, person):
    return sign_in(client, person).get(reverse("scoring:quarter_list"))


def act(client, person, name, quarter, **data):
    url = reverse(f"scoring:{name}", args=[quarter.pk])
    return sign_in(client, person).post(url, {"idem": new_key(), **data})


def test_the_office_sees_what_stands_in_each_quarter(client, d):
    make_entry(d.officers[0][0], "20", DAY, kind="base")
    make_entry(d.officers[0][0], "-0.2", DAY)
    make_entry(d.one, "0.5", date(2026, 4, 2))
    answer = page(client, d.personnel[0])
    rows = {row["quarter"].code: row for row in answer.context["rows"]}
    assert list(rows) == ["2026Q2", "2026Q1"]
    assert (rows["2026Q1"]["entries"], rows["2026Q1"]["points"]) == (2, Decimal("19.80"))
    assert [part[1:] for part in rows["2026Q1"]["kinds"]] == [
        (1, Decimal("20.00")),
        (1, Decimal("-0.20")),
        (0, 0),
    ]
    assert rows["2026Q2"]["points"] == Decimal("0.50")
    assert "关2026Q1的账" in answer.content.decode()


def test_before_any_quarter(client, d):
    Quarter.objects.all().delete()
    text = page(client, d.personnel[0]).content.decode()
    assert (
        "还没有季度账" in text and "关账" not in text.split("还没有季度账")[1].split("page-foot")[0]
    )


def test_closed_with_a_tick_and_signed(client, d):
    answer = act(client, d.personnel[0], "quarter_close", d.q1, checked="yes")
    assert answer.status_code == 302
    move = QuarterMove.objects.get()
    text = page(client, d.leader).content.decode()
    assert "已关账" in text and f"当时有{move.entries}笔分录" in text
    assert d.personnel[0].name in text
    assert "关2026Q2的账" not in text and "由机关人事科关账" in text


def test_without_the_tick_nothing_is_signed(client, d):
    answer = act(client, d.personnel[0], "quarter_close", d.q1)
    assert answer.status_code == 422 and "我已核对" in answer.content.decode()
    assert not QuarterMove.objects.exists()


def test_what_is_missing_is_named_with_the_way_there(client, d, clock):
    clock.set("2026-04-03 09:00")
    answer = page(client, d.personnel[0])
    assert answer.context["blocked"]
    assert "4月7日23:59截止补报" in answer.content.decode()
    assert "quarter_close" not in answer.content.decode()
    refused = act(client, d.personnel[0], "quarter_close", d.q1, checked="yes")
    assert refused.status_code == 422 and "还不能关账" in refused.content.decode()


def test_a_calendar_too_short_is_said_on_the_page(client, d):
    CalendarDay.objects.filter(day__gt=date(2026, 3, 31)).delete()
    assert "工作日历" in page(client, d.personnel[0]).content.decode()


def test_the_leader_opens_again_with_a_reason(client, d):
    act(client, d.personnel[0], "quarter_close", d.q1, checked="yes")
    assert "由分管机关人事科的领导决定" in page(client, d.personnel[0]).content.decode()
    assert page(client, d.leader).context["may_reopen"]
    assert act(client, d.leader, "quarter_reopen", d.q1).status_code == 422
    answer = act(client, d.leader, "quarter_reopen", d.q1, reason="漏记一份文件")
    assert answer.status_code == 302
    text = page(client, d.personnel[0]).content.decode()
    assert "漏记一份文件" in text and "重新开账" in text
    assert Quarter.objects.get(code="2026Q1").closed_at is None


def test_who_closed_does_not_find_the_way_back(client, d):
    appoint(d.leader, Office.PERSONNEL_OFFICE)
    act(client, d.leader, "quarter_close", d.q1, checked="yes")
    answer = page(client, d.leader)
    assert answer.context["own"] and "关账人不能自己重新开账" in answer.content.decode()
    refused = act(client, d.leader, "quarter_reopen", d.q1, reason="漏记")
    assert refused.status_code == 422


def test_a_leader_of_other_sections_has_no_business_here(client, d):
    assert page(client, d.other_leader).status_code == 403
    assert page(client, d.leader).status_code == 200
    act(client, d.personnel[0], "quarter_close", d.q1, checked="yes")
    assert act(client, d.other_leader, "quarter_reopen", d.q1, reason="x").status_code == 403


def queries_of(client, person):
    sign_in(client, person)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(reverse("scoring:quarter_list")).status_code == 200
    return len(caught)


def test_the_page_costs_the_same_for_years_of_quarters(client, d):
    few = queries_of(client, d.personnel[0])
    for year in range(2021, 2026):
        for n in range(1, 5):
            quarter = make_quarter(d.unit, f"{year}Q{n}", closed_by=d.personnel[n % 2])
            make_entry(d.officers[0][0], "0.1", quarter.starts_on, quarter=make_quarter(
                d.unit, "2026Q2"))  # fmt: skip
            QuarterMove.objects.create(
                quarter=quarter, kind="closed", at=quarter.closed_at, by=quarter.closed_by
            )
    assert queries_of(client, d.personnel[0]) <= few


def test_the_round_leads_here(d):
    gaps = readiness.missing(make_round(d.unit, by=d.personnel[0]))
    gap = next(gap for gap in gaps if "关账" in gap.text)
    assert gap.url == reverse("scoring:quarter_list") and not gap.blocking and gap.act
