"""Leaders' instructions and media bonuses: told apart, off and low by default, reason printed."""

from datetime import date
from decimal import Decimal

import pytest

from scheme.models import AuditEntry
from scoring import rulechecks
from scoring.actions import rulebooks
from scoring.cautions import CAUTIONS, What
from scoring.models import Rule
from tests.factories import make_department
from tests.scoring.test_rulebook_pages import admin, get, post
from tests.scoring.test_rulechecks import BASE, N, found, none, one, rule, tier


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    return make_department()


def book_of(d, *rows):
    from tests.scoring.test_rulebooks import content

    return rulebooks.propose(d.unit, content(BASE, *rows), by=d.personnel[0])


INSTRUCTION = rule("笔耕-加-02", title="领导批示", cap_half=N(2), tiers=[tier(enabled=False)])
MEDIA = rule("笔耕-加-01", title="稿件采用", trigger="adopted", cap_half=N(3),
             tiers=[tier(level="city"), tier(level="own", enabled=False)])  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({}, None),
        ({"title": "得到领导批示"}, "instruction"),
        ({"title": "领导 批示肯定"}, "instruction"),
        ({"tiers": [tier(clause="凡有批示的")]}, "instruction"),
        ({"trigger": "adopted", "title": "信息采用"}, "media"),
        ({"title": "在媒体上露面"}, "media"),
        ({"title": "经验刊发"}, "media"),
        ({"title": "宣传稿件"}, "media"),
        ({"title": "宣传稿件", "tiers": [tier(clause="领导批示、媒体刊发均为禁项")]}, "media"),
        ({"title": "领导批示刊发"}, "instruction"),
        ({"title": "批示办理逾期", "kind": "deduction"}, None),
        ({"trigger": "adopted", "kind": "deduction"}, None),
    ],
)
def test_which_caution_a_rule_falls_under(d, change, what):
    row = Rule.objects.get(book=book_of(d, rule(**change)), code="加")
    caution = rulechecks.caution(row)
    assert (caution and caution.what) == what
    assert rulechecks.caution(row, list(row.tiers.all())) == caution


def test_a_rule_not_saved_yet_is_told_by_its_words():
    assert rulechecks.caution(Rule(title="领导批示", kind="bonus")).what == What.INSTRUCTION
    assert rulechecks.caution(Rule(title="专项工作", kind="bonus")) is None


def test_reasons_name_their_source():
    for caution in CAUTIONS.values():
        assert "默认停用" in str(caution.reason)
        assert "《整治形式主义为基层减负若干规定》" in str(caution.source)


def test_a_caution_on_or_high_or_unbounded_is_said_and_may_stand(d):
    on = INSTRUCTION | {"tiers": [tier()]}
    assert one(d, "审慎项（领导批示）已启用：督查考核不得以领导批示", on) == ("笔耕-加-02", False)
    none(d, "审慎项", INSTRUCTION)
    assert one(d, "没有每期上限", INSTRUCTION | {"cap_half": None}) == ("笔耕-加-02", False)
    assert one(d, "每期上限6.01偏高", INSTRUCTION | {"cap_half": Decimal("6.01")})
    none(d, "偏高", INSTRUCTION | {"cap_half": N(6)})
    assert not any(blocking for _c, blocking, _t in found(d, on | {"cap_half": None}))


# --- On the page


def test_the_page_lists_each_with_its_switch_and_reason(client, d):
    book = book_of(d, INSTRUCTION, MEDIA, rule())
    page = get(client, d.personnel[0], "rulebook_detail", book.pk)
    assert [one["rule"].code for one in page.context["careful"]] == ["笔耕-加-02", "笔耕-加-01"]
    text = page.content.decode()
    assert "审慎项" in text and "督查考核不得以领导批示为内容" in text
    assert "部分启用" in text and text.count("/switch/") == 2
    seen = get(client, d.officers[0][0], "rulebook_detail", book.pk).content.decode()
    assert "督查考核不得以在报刊媒体上刊发" in seen and "/switch/" not in seen


def test_a_book_without_any_has_no_such_part(client, d):
    assert "审慎项" not in get(client, d.leader, "rulebook_detail", book_of(d).pk).content.decode()


def test_each_is_switched_by_itself(client, d):
    book = book_of(d, INSTRUCTION, MEDIA)
    instruction, media = book.rules.get(code="笔耕-加-02"), book.rules.get(code="笔耕-加-01")
    answer = post(client, d.personnel[0], "rule_switch", media.pk, enabled="0")
    assert answer.status_code == 302 and answer.url.endswith("#careful")
    assert not media.tiers.filter(enabled=True).exists()
    post(client, d.personnel[0], "rule_switch", instruction.pk, enabled="1")
    assert instruction.tiers.get().enabled and not media.tiers.filter(enabled=True).exists()
    assert AuditEntry.objects.filter(act="rule.switch").count() == 2
    assert post(client, d.leader, "rule_switch", media.pk, enabled="1").status_code == 403
    stranger = make_department().personnel[0]
    assert post(client, stranger, "rule_switch", media.pk, enabled="1").status_code == 404


def test_an_approved_book_shows_them_without_a_switch(client, d):
    book = book_of(d, INSTRUCTION, MEDIA)
    rulebooks.approve(book.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    text = get(client, d.personnel[0], "rulebook_detail", book.pk).content.decode()
    assert "审慎项" in text and "/switch/" not in text
    pk = book.rules.get(code="笔耕-加-01").pk
    assert post(client, d.personnel[0], "rule_switch", pk, enabled="0").status_code == 409


# --- In the admin


def new_rule(book, **more):
    return {
        "book": book.pk, "code": "新-01", "kind": "bonus", "subject": "person", "star": "geng",
        "title": "得到领导批示", "trigger": "declared", "stacking": "all", "position": 9,
        "tiers-TOTAL_FORMS": 2, "tiers-INITIAL_FORMS": 0, "tiers-0-points": "1.00",
        "tiers-0-enabled": "on", "tiers-0-position": 1, "tiers-0-level": "city",
        "tiers-1-points": "", "tiers-1-position": 0, "tiers-1-enabled": "on",
    } | more  # fmt: skip


def test_a_new_one_starts_switched_off_and_the_reason_is_said(client, d):
    book = book_of(d)
    answer = admin(client, d.personnel[0], "scoring_rule_add", data=new_rule(book))
    assert answer.status_code == 302
    assert book.rules.get(code="新-01").tiers.get().enabled is False
    said = " ".join(str(message) for message in answer.wsgi_request._messages)
    assert "先停用：督查考核不得以领导批示为内容" in said and "没有每期上限" in said
    assert AuditEntry.objects.get(act="rule.switch").after == {"enabled": False, "tiers": 1}


def test_other_new_rules_start_as_they_were_written(client, d):
    book = book_of(d)
    data = new_rule(book, title="专项工作")
    assert admin(client, d.personnel[0], "scoring_rule_add", data=data).status_code == 302
    assert book.rules.get(code="新-01").tiers.get().enabled is True


def test_switching_it_on_by_hand_is_left_alone(client, d):
    book = book_of(d, INSTRUCTION)
    row = book.rules.get(code="笔耕-加-02")
    held = row.tiers.get()
    data = new_rule(book, code=row.code) | {
        "tiers-TOTAL_FORMS": 1, "tiers-INITIAL_FORMS": 1, "tiers-0-id": held.pk,
        "tiers-0-rule": row.pk,
    }  # fmt: skip
    answer = admin(client, d.personnel[0], "scoring_rule_change", row.pk, data=data)
    assert answer.status_code == 302 and row.tiers.get().enabled
    said = " ".join(str(message) for message in answer.wsgi_request._messages)
    assert "已启用" in said
