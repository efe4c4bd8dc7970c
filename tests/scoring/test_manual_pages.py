from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk import queries
from ledgers.models import PointEntry
from scheme.idempotency import new_key
from scheme.names import search_key
from scoring.actions import manual
from scoring.models import ManualEntry
from scoring.views.manual import PAGE
from tests.factories import make_department, make_rule_book, make_staff

DAY = date(2026, 3, 5)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    d.person = make_staff(
        section=d.one, name="单雨晴", staff_no="ZC901", name_key=search_key("单雨晴")
    )
    return d


def sign_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def get(client, who, name, /, *args, **asked):
    return sign_in(client, who).get(reverse(f"scoring:{name}", args=args), asked)


def post(client, who, name, /, *args, **data):
    url = reverse(f"scoring:{name}", args=args)
    return sign_in(client, who).post(url, {"idem": new_key(), **data})


def form(d, **more):
    return {
        "person": d.person.pk,
        "rule_code": "精业-加-01",
        "points": "0.5",
        "event_on": "2026-03-05",
        "matter": "牵头接访",
        "reason": "台账没有这一项",
        "basis": "部务会纪要",
        **more,
    }


def propose(d, **more):
    values = {
        "person": d.person,
        "rule_code": "精业-加-01",
        "points": Decimal("0.5"),
        "event_on": DAY,
        "matter": "牵头接访",
        "reason": "台账没有这一项",
        "basis": "部务会纪要",
        "by": d.personnel[0],
        **more,
    }
    return manual.propose(d.unit, **values)


def test_from_the_search_to_the_book(client, d):
    office = d.personnel[0]
    assert "先找到这个人或科室" in get(client, office, "manual_new").content.decode()
    found = get(client, office, "manual_new", q="syq").content.decode()
    assert "单雨晴" in found and f"?person={d.person.pk}" in found
    page = get(client, office, "manual_new", person=d.person.pk).content.decode()
    assert "精业-加-01" in page and "精业-基-01" not in page and "精业-扣-11" not in page
    answer = post(client, office, "manual_new", **form(d, points="＋０．５"))
    one = ManualEntry.objects.get()
    assert answer.url == reverse("scoring:manual_detail", args=[one.pk])
    assert one.points == Decimal("0.5")

    page = get(client, d.leader, "manual_detail", one.pk)
    assert page.context["may_decide"] and "批准入账" in page.content.decode()
    assert post(client, d.leader, "manual_approve", one.pk).status_code == 302
    entry = PointEntry.objects.get()
    page = get(client, office, "manual_detail", one.pk).content.decode()
    assert "2026Q1" in page and f"{entry.pk:07d}" in page and d.leader.name in page


@pytest.mark.parametrize("asked", ["syq", "shanyuqing", "ZC901", "zc901", "雨晴"])
def test_found_by_name_number_or_pinyin(client, d, asked):
    assert "单雨晴" in get(client, d.personnel[0], "manual_new", q=asked).content.decode()


def test_found_are_a_few_however_many_there_are(client, d):
    for _n in range(30):
        make_staff(section=d.one, name="单一个", name_key="dyg danyige")
    found = get(client, d.personnel[0], "manual_new", q="单")
    assert len(found.context["people"]) == 20
    assert "没有找到" in get(client, d.personnel[0], "manual_new", q="无此人").content.decode()


def test_neither_oneself_nor_strangers_are_found(client, d):
    me, other = d.personnel[0], make_department().officers[0][0]
    for one in (me, other):
        assert not get(client, me, "manual_new", q=one.staff_no).context["people"]
    assert get(client, me, "manual_new", person=other.pk).status_code == 404
    assert post(client, me, "manual_new", **form(d, person=other.pk)).status_code == 404


@pytest.mark.parametrize("pk", ["x", "-1", "９", "9" * 30])
def test_a_subject_that_is_no_number_is_nobody(client, d, pk):
    assert get(client, d.personnel[0], "manual_new", person=pk).status_code == 404


def test_a_section_is_chosen_by_name(client, d):
    found = get(client, d.personnel[0], "manual_new", q="干部一科").content.decode()
    assert f"?section={d.one.pk}" in found
    page = get(client, d.personnel[0], "manual_new", section=d.one.pk).content.decode()
    assert "精业-扣-11" in page and "精业-加-01" not in page
    body = form(d, rule_code="精业-扣-11", points="−0.05", section=d.one.pk) | {"person": ""}
    assert post(client, d.personnel[0], "manual_new", **body).status_code == 302
    assert ManualEntry.objects.get().section == d.one


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("points", "", "必填"),
        ("points", "许多", "数字"),
        ("points", "NaN", "数字"),
        ("points", "1E+9", "数字"),
        ("points", "0.505", "两位小数"),
        ("points", "1.6", "最多1.50分"),
        ("points", "-1", "写正数"),
        ("event_on", "2026-05-01", "还没有发生"),
        ("event_on", "0001-01-01", "年份不对"),
        ("event_on", "明天", "日期"),
        ("rule_code", "精业-基-01", "精业-基-01"),
        ("rule_code", "", "必填"),
        ("matter", "x" * 201, "200"),
        ("reason", " ", "必填"),
        ("basis", "", "必填"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, d, field, value, why):
    answer = post(client, d.personnel[0], "manual_new", **form(d, **{field: value}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field] and (why in str(errors[field]) or why == "必填")
    assert "牵头接访" in answer.content.decode() or field == "matter"
    assert not ManualEntry.objects.exists()


def test_a_form_without_a_subject_leads_back_to_the_search(client, d):
    answer = post(client, d.personnel[0], "manual_new", **form(d, person=""))
    assert answer.status_code == 422 and "先找到" in answer.content.decode()


def test_the_list_shows_what_waits_first(client, d):
    first, second = propose(d), propose(d, matter="又一件")
    manual.refuse(first.pk, answer="依据不足", by=d.leader)
    page = get(client, d.leader, "manual_list")
    assert [row["manual"].pk for row in page.context["waiting"]] == [second.pk]
    assert [row["manual"].pk for row in page.context["decided"]] == [first.pk]
    assert "提出一笔" not in page.content.decode()
    assert "提出一笔" in get(client, d.personnel[0], "manual_list").content.decode()


def test_who_sees_them(client, d):
    one = propose(d)
    for person in (d.person, d.chiefs[0], d.chair):
        assert get(client, person, "manual_list").status_code == 403
        assert get(client, person, "manual_detail", one.pk).status_code == 403
    # In charge of another section only.
    assert get(client, d.other_leader, "manual_list").status_code == 403
    assert get(client, d.other_leader, "manual_detail", one.pk).status_code == 404
    assert post(client, d.other_leader, "manual_approve", one.pk).status_code == 404


def test_refused_with_the_leaders_answer(client, d):
    one = propose(d)
    assert post(client, d.leader, "manual_refuse", one.pk).status_code == 422
    assert post(client, d.leader, "manual_refuse", one.pk, answer="依据不足").status_code == 302
    page = get(client, d.personnel[0], "manual_detail", one.pk).content.decode()
    assert "依据不足" in page and "未批准" in page and "批准入账" not in page


def test_withdrawn_from_its_page(client, d):
    one = propose(d)
    assert not get(client, d.personnel[1], "manual_detail", one.pk).context["may_withdraw"]
    assert get(client, d.personnel[0], "manual_detail", one.pk).context["may_withdraw"]
    assert post(client, d.personnel[0], "manual_withdraw", one.pk).status_code == 302
    assert "已撤回" in get(client, d.leader, "manual_detail", one.pk).content.decode()


def test_taken_back_from_its_page(client, d):
    one = propose(d)
    assert post(client, d.personnel[0], "manual_reverse", one.pk, reason="x").status_code == 422
    manual.approve(one.pk, by=d.leader)
    assert get(client, d.personnel[0], "manual_detail", one.pk).context["may_reverse"]
    assert not get(client, d.leader, "manual_detail", one.pk).context["may_reverse"]
    answer = post(client, d.personnel[0], "manual_reverse", one.pk, reason="记重了")
    back = ManualEntry.objects.get(reverses__isnull=False)
    assert answer.url == reverse("scoring:manual_detail", args=[back.pk])
    page = get(client, d.leader, "manual_detail", back.pk).content.decode()
    assert "这一笔冲销的是" in page and reverse("scoring:manual_detail", args=[one.pk]) in page
    assert "正等批准" in get(client, d.leader, "manual_detail", one.pk).content.decode()
    post(client, d.leader, "manual_approve", back.pk)
    page = get(client, d.personnel[0], "manual_detail", one.pk)
    assert "已经冲销" in page.content.decode() and not page.context["may_reverse"]
    assert not get(client, d.personnel[0], "manual_detail", back.pk).context["may_reverse"]


def test_somebody_was_faster(client, d):
    one = propose(d)
    manual.withdraw(one.pk, by=d.personnel[0])
    assert post(client, d.leader, "manual_approve", one.pk).status_code == 409


def test_the_desk_leads_the_leader_there(d):
    assert queries.waiting(d.leader, None) == []
    one = propose(d)
    (task,) = queries.waiting(d.leader, None)
    assert task.url == reverse("scoring:manual_detail", args=[one.pk]) and "单雨晴" in task.title
    propose(d, matter="又一件")
    (task,) = queries.waiting(d.leader, None)
    assert task.url == reverse("scoring:manual_list") and "2笔" in task.title
    for person in (d.other_leader, d.personnel[0], d.person):
        assert queries.waiting(person, None) == []


def queries_of(client, who, name, /, *args, **asked):
    sign_in(client, who)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(reverse(f"scoring:{name}", args=args), asked)
        assert answer.status_code == 200
    return len(caught)


def test_the_pages_cost_the_same_for_many(client, d):
    one, office = propose(d), d.personnel[0]

    def costs():
        return [
            queries_of(client, d.leader, "manual_list"),
            queries_of(client, d.leader, "manual_detail", one.pk),
            queries_of(client, office, "manual_new", q="单"),
            queries_of(client, office, "manual_new", person=d.person.pk),
        ]

    few = costs()
    for n in range(PAGE + 2):
        person = make_staff(section=d.one, name=f"单{n}", name_key="d dan")
        other = propose(d, person=person, matter=f"第{n}件")
        if n % 2:
            manual.refuse(other.pk, answer="不足", by=d.leader)
    many = costs()
    # With something decided the list counts its pages and fetches one.
    assert [found - had for found, had in zip(many, few, strict=True)] in ([0] * 4, [1, 0, 0, 0])


def test_the_decided_come_by_pages(client, d):
    ManualEntry.objects.bulk_create(
        ManualEntry(
            unit=d.unit, person=d.person, rule_code="精业-加-01", points=1, event_on=DAY,
            matter=f"第{n}件", reason="因", basis="据", state="withdrawn",
            proposed_by=d.personnel[0], proposed_at=d.book.proposed_at,
        )
        for n in range(PAGE + 1)
    )  # fmt: skip
    page = get(client, d.leader, "manual_list", page=2)
    assert len(page.context["decided"]) == 1 and "上一页" in page.content.decode()
