"""The pages and the admin through a version's whole life, as the office and the leader use them."""

import threading
from datetime import date, time
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from scheme.models import AuditEntry
from scoring.actions import rulebooks
from scoring.models import Rule, RuleBook, Tier
from tests.factories import make_department, make_rule_book
from tests.scoring.test_rulebook_pages import admin, get, post, rule_form
from tests.scoring.test_rulebooks import a_rule, content


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    return d


@pytest.fixture
def draft(d):
    return rulebooks.propose(d.unit, content(), by=d.personnel[0])


# --- Sent back and handed in on the page


def test_sent_back_and_handed_in_on_the_page(client, d, draft):
    answer = post(client, d.leader, "rulebook_return", draft.pk, reason="上限太高")
    assert answer.status_code == 302
    seen = get(client, d.leader, "rulebook_detail", draft.pk).content.decode()
    assert "退回修改" in seen and "上限太高" in seen and "等机关人事科再送" in seen
    assert 'name="in_force_from"' not in seen and "/return/" not in seen
    mine = get(client, d.personnel[0], "rulebook_detail", draft.pk).content.decode()
    assert "改好了，再送" in mine
    assert "退回修改" in get(client, d.leader, "rulebook_list").content.decode()
    refused = post(client, d.leader, "rulebook_approve", draft.pk, in_force_from="2026-07-01")
    assert refused.status_code == 409
    assert post(client, d.personnel[0], "rulebook_hand_in", draft.pk).status_code == 302
    again = get(client, d.leader, "rulebook_detail", draft.pk).content.decode()
    assert 'name="in_force_from"' in again and "/return/" in again and "上限太高" in again


def test_a_reason_is_asked_for(client, d, draft):
    assert post(client, d.leader, "rulebook_return", draft.pk).status_code == 422
    assert post(client, d.personnel[0], "rulebook_discard", draft.pk).status_code == 422
    draft.refresh_from_db()
    assert draft.returned_at is None


def test_a_draft_is_discarded_on_the_page(client, d, draft):
    assert "/discard/" in get(client, d.personnel[0], "rulebook_detail", draft.pk).content.decode()
    assert "/discard/" not in get(client, d.leader, "rulebook_detail", draft.pk).content.decode()
    answer = post(client, d.personnel[0], "rulebook_discard", draft.pk, reason="拟错了")
    assert answer.status_code == 302 and not RuleBook.objects.filter(pk=draft.pk).exists()
    assert get(client, d.personnel[0], "rulebook_detail", draft.pk).status_code == 404


def test_the_date_box_is_given_a_date_it_takes(client, d, draft):
    text = get(client, d.leader, "rulebook_detail", draft.pk).content.decode()
    assert 'value="2026-07-01"' in text


# --- Superseded and retired


def test_a_superseded_version_is_retired_on_its_page(client, d, draft):
    rulebooks.seal(d.book.pk, by=None)
    page = get(client, d.leader, "rulebook_detail", d.book.pk)
    assert not page.context["may_retire"] and "施行中" in page.content.decode()
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 6, 10))
    page = get(client, d.leader, "rulebook_detail", d.book.pk)
    text = page.content.decode()
    assert page.context["may_retire"] and "已被替代" in text and "按它计过的分一分不动" in text
    office = get(client, d.personnel[0], "rulebook_detail", d.book.pk)
    assert not office.context["may_retire"]
    answer = post(client, d.leader, "rulebook_retire", d.book.pk, reason="新版已施行")
    assert answer.status_code == 302
    page = get(client, d.officers[0][0], "rulebook_detail", d.book.pk)
    assert "已停用" in page.content.decode() and "新版已施行" in page.content.decode()
    assert page.context["state"] == ("done", "已停用") and not page.context["may_retire"]


def test_all_clauses_of_a_rule_are_shown(client, d):
    one = a_rule()["tiers"][0]
    tiers = [
        one | {"level": "city", "clause": "第八条"},
        one | {"level": "own", "clause": "第九条"},
    ]
    book = rulebooks.propose(
        d.unit, content(a_rule(trigger="declared", tiers=tiers)), by=d.personnel[0]
    )
    text = get(client, d.leader, "rulebook_detail", book.pk).content.decode()
    assert "第八条" in text and "第九条" in text


# --- The admin


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("code", " 精业-扣-０９ ", "精业-扣-09"),
        ("title", " 不报 ", "不报"),
        ("tiers-0-clause", " 第 二条 ", "第 二条"),
        ("tiers-0-clause", "无", ""),
        ("tiers-0-clause", "/", ""),
    ],
)
def test_words_are_kept_as_the_workbook_would_give_them_back(client, d, draft, field, typed, kept):
    rule = draft.rules.get()
    data = rule_form(rule, **{field: typed})
    assert (
        admin(client, d.personnel[0], "scoring_rule_change", rule.pk, data=data).status_code == 302
    )
    row = Tier.objects.get(rule=rule) if field.startswith("tiers") else Rule.objects.get(pk=rule.pk)
    assert getattr(row, field.removeprefix("tiers-0-")) == kept


@pytest.mark.parametrize(
    ("field", "typed"), [("code", "注1"), ("code", "无"), ("title", "无"), ("title", " / ")]
)
def test_words_no_workbook_could_carry_are_refused(client, d, draft, field, typed):
    rule = draft.rules.get()
    page = admin(client, d.personnel[0], "scoring_rule_change", rule.pk,
                 data=rule_form(rule, **{field: typed}))  # fmt: skip
    assert page.status_code == 200 and field in page.context["adminform"].form.errors
    assert getattr(Rule.objects.get(pk=rule.pk), field) == getattr(rule, field)


def book_form(book, **more):
    return {
        "title": book.title, "bonus_cap": book.bonus_cap, "report_cutoff": book.report_cutoff,
        "backfill_days": book.backfill_days, "talk_min_ratings": book.talk_min_ratings,
        "talk_good_line": book.talk_good_line, "rules-TOTAL_FORMS": 0, "rules-INITIAL_FORMS": 0,
    } | more  # fmt: skip


def test_every_setting_of_a_draft_is_edited(client, d, draft):
    data = book_form(
        draft, title=" 新细则 ", bonus_cap="12.5", report_cutoff="09:45:10.5", backfill_days=3,
        talk_min_ratings=4, talk_good_line="85",
    )  # fmt: skip
    who = d.personnel[0]
    assert admin(client, who, "scoring_rulebook_change", draft.pk, data=data).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.bonus_cap, draft.report_cutoff, draft.backfill_days) == (
        "新细则", Decimal("12.50"), time(9, 45, 10), 3,
    )  # fmt: skip
    assert (draft.talk_min_ratings, draft.talk_good_line) == (4, Decimal(85))
    assert AuditEntry.objects.filter(act="rulebook.change", actor=who).exists()
    refused = admin(
        client, who, "scoring_rulebook_change", draft.pk, data=book_form(draft, title="无")
    )
    assert "title" in refused.context["adminform"].form.errors


def test_the_book_leads_to_a_new_rule_and_tells_what_is_off(client, d, draft):
    Tier.objects.filter(rule__book=draft).update(enabled=False)
    text = admin(client, d.personnel[0], "scoring_rulebook_change", draft.pk).content.decode()
    assert f"/admin/scoring/rule/add/?book={draft.pk}" in text and "−0.2（停用）" in text
    text = admin(client, d.personnel[0], "scoring_rulebook_change", d.book.pk).content.decode()
    assert "/admin/scoring/rule/add/?book=" not in text


def test_saving_a_rule_says_what_the_whole_book_makes_of_it(client, d):
    one = a_rule()["tiers"][0]
    rows = [
        a_rule(
            "基",
            kind="base",
            trigger="base",
            cap_quarter=None,
            tiers=[one | {"points": Decimal(5)}],
        ),
        a_rule("扣", cap_quarter=None),
    ]
    draft = rulebooks.propose(d.unit, content(*rows), by=d.personnel[0])
    rule = draft.rules.get(code="扣")
    data = rule_form(rule, cap_half="6")
    answer = admin(client, d.personnel[0], "scoring_rule_change", rule.pk, data=data)
    said = " ".join(str(message) for message in answer.wsgi_request._messages)
    assert "高于这颗星的基础分值5.00" in said


def test_the_history_of_a_rule_is_kept_and_readable(client, d, draft):
    rule = draft.rules.get()
    data = rule_form(rule, title="不报日报")
    admin(client, d.personnel[0], "scoring_rule_change", rule.pk, data=data)
    page = admin(client, d.personnel[0], "scoring_rule_history", rule.pk)
    assert "不报日报" in page.content.decode()


def test_one_who_saves_while_it_is_approved_is_told_so(committed_db, clock, race):
    """Not a crash: the form waits for the approval and then may not change the book any more."""
    clock.set("2026-06-15 09:00")
    d = make_department()
    draft = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    rule = draft.rules.get()
    signed = threading.Event()

    def approve():
        with transaction.atomic():
            rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
            signed.set()
            threading.Event().wait(0.5)

    def save(name, pk, data):
        signed.wait(10)
        return admin(Client(raise_request_exception=False), d.personnel[0], name, pk, data=data)

    answers = race(
        approve,
        lambda: save("scoring_rule_change", rule.pk, rule_form(rule, title="另一事项")),
        lambda: save("scoring_rulebook_change", draft.pk, book_form(draft, title="另一名称")),
    )
    assert [answer.status_code for answer in answers[1:]] == [403, 403]
    draft.refresh_from_db()
    assert (draft.state, draft.title) == ("approved", "积分细则")
    assert draft.digest == rulebooks.digest_of(draft, draft.in_force_from)


def test_a_rule_that_is_not_there_is_led_away(client, d):
    answer = admin(client, d.personnel[0], "scoring_rule_change", 999999, data={"code": "x"})
    assert answer.status_code == 302


def test_the_database_refuses_what_slips_by(d):
    with pytest.raises(IntegrityError, match="no draft any more"), transaction.atomic():
        d.book.rules.first().tiers.update(enabled=False)
