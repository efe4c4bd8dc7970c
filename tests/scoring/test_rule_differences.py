"""Two versions set against each other: every field, rule and tier, in words; nothing left out."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from scoring import differences
from scoring.actions import rulebooks
from scoring.contents import canonical
from scoring.differences import Change, TierChange, between
from scoring.edits import edits_of
from tests.factories import make_department
from tests.scoring.test_rulebook_pages import admin, get, post, rule_form
from tests.scoring.test_rulebooks import SETTINGS, a_rule, content
from tests.scoring.test_rulechecks import rule, tier
from tests.scoring.test_rules_export import books

N = Decimal


def book(*rows, title="细则", **more):
    return rulebooks.Content(title, SETTINGS | more, list(rows))


def test_the_same_says_nothing(db):
    found = between(book(rule(), rule("乙")), book(rule(), rule("乙")))
    assert found.is_none and found == differences.Difference([], [], [], [], False)


def test_settings_and_title_old_and_new(db):
    new = book(title="新细则", bonus_cap=N("15.50"), report_cutoff=time(11), backfill_days=3)
    assert between(book(), new).settings == [
        Change("名称", "细则", "新细则"),
        Change("加分总上限", "20.0", "15.5"),
        Change("日报截止", "09:30", "11:00"),
        Change("补报天数", "5", "3"),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "base"}, Change("类别", "加分事项", "基础分值")),
        ({"subject": "section"}, Change("对象", "个人", "科室")),
        ({"star_id": "xue"}, Change("星级", "精业", "勤学")),
        ({"title": "另一事项"}, Change("事项", "专项工作", "另一事项")),
        ({"trigger": "adopted"}, Change("触发", "申报", "信息采用")),
        ({"cap_item": N(3)}, Change("单项上限", "", "3.0")),
        ({"cap_quarter": N("2.25")}, Change("每季上限", "", "2.25")),
        ({"cap_half": N(9)}, Change("每期上限", "", "9.0")),
        ({"stacking": "highest"}, Change("叠加", "累加", "取最高")),
    ],
)
def test_every_field_of_a_rule(db, change, said):
    found = between(book(rule()), book(rule(**change)))
    assert [one.changes for one in found.changed] == [[said]]
    assert not (found.settings or found.added or found.removed or found.reordered)
    back = between(book(rule(**change)), book(rule()))
    assert back.changed[0].changes == [Change(said.label, said.after, said.before)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": "2.5"}, Change("分值", "1.0", "2.5")),
        ({"enabled": False}, Change("启用", "是", "否")),
        ({"clause": ""}, Change("依据", "第一条", "")),
    ],
)
def test_every_field_of_a_tier(db, change, said):
    old = rule(trigger="adopted", tiers=[tier(level="city", role="main"), tier(level="own")])
    new = old | {"tiers": [tier(level="city", role="main", **change), tier(level="own")]}
    changed = between(book(old), book(new)).changed[0]
    assert changed.tiers_changed == [TierChange("市主报", [said])]
    assert not (changed.changes or changed.tiers_added or changed.tiers_removed)


def test_tiers_come_and_go(db):
    old = rule(tiers=[tier(level="city"), tier("2", level="province")])
    new = rule(tiers=[tier(level="city"), tier("5", level="nation", enabled=False, clause="")])
    changed = between(book(old), book(new)).changed[0]
    assert changed.tiers_added == ["国家　5.0，停用"] and changed.tiers_changed == []
    assert changed.tiers_removed == ["省　2.0，第一条"]
    single = between(book(rule()), book(rule(tiers=[])))
    assert single.changed[0].tiers_removed == ["不分级别角色　1.0，第一条"]


def test_two_tiers_of_one_kind_in_a_draft_are_told_apart(db):
    old = rule(tiers=[tier("1"), tier("2")])
    new = rule(tiers=[tier("1"), tier("3")])
    changed = between(book(old), book(new)).changed[0]
    assert changed.tiers_changed == [TierChange("不分级别角色", [Change("分值", "2.0", "3.0")])]


def test_rules_come_and_go_whole(db):
    found = between(book(rule("甲")), book(rule("乙", cap_half=N(4))))
    assert [line.code for line in found.removed] == ["甲"]
    (line,) = found.added
    assert (line.code, line.title, line.tiers) == ("乙", "专项工作", ["不分级别角色　1.0，第一条"])
    assert line.said == [
        "类别　加分事项", "对象　个人", "星级　精业", "触发　申报", "每期上限　4.0", "叠加　累加",
    ]  # fmt: skip
    assert found.changed == []


def test_order_alone_is_said_apart(db):
    one, two = rule("甲"), rule("乙")
    found = between(book(one, two), book(two, one))
    assert found.reordered and not found.changed and not found.is_none
    tiers = [tier(level="city"), tier(level="own")]
    found = between(book(rule(tiers=tiers)), book(rule(tiers=tiers[::-1])))
    assert found.reordered and not found.changed
    # A rule put in between moves nothing.
    assert not between(book(one, two), book(one, rule("丙"), two)).reordered


@given(old=books(), new=books())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_to_say_means_the_same_text(db, old, new):
    assert between(old, new).is_none == (canonical(old) == canonical(new))
    assert between(old, old).is_none
    part = rulebooks.Content(old.title, old.settings, [*old.rules, *new.rules])
    if len({r["code"] for r in part.rules}) == len(part.rules):
        found = between(old, part)
        assert [line.code for line in found.added] == [r["code"] for r in new.rules]
        assert not found.changed and not found.removed and not found.reordered


# --- The page


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    first = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    d.first = rulebooks.approve(first.pk, by=d.leader, in_force_from=date(2026, 6, 1))
    return d


def page(client, person, book, query=""):
    from django.urls import reverse

    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("scoring:rulebook_difference", args=[book.pk]) + query)


def test_a_draft_is_set_against_the_version_in_force(client, d):
    dearer = a_rule(cap_quarter=Decimal(6), title="不报日报")
    draft = rulebooks.propose(d.unit, content(dearer, rule("新")), by=d.personnel[0])
    detail = get(client, d.leader, "rulebook_detail", draft.pk).content.decode()
    assert "与施行中的第1版比较" in detail
    text = page(client, d.officers[0][0], draft).content.decode()
    assert "第2版与第1版比较" in text and "<del>4.0</del> → <ins>6.0</ins>" in text
    assert "新增的规则" in text and "无故不报日报" in text and "改了的规则" in text
    assert "删去的规则" not in text


def test_any_two_versions_of_the_unit(client, d):
    second = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    third = rulebooks.propose(d.unit, content(rule("丙")), by=d.personnel[0])
    text = page(client, d.leader, third, f"?with={second.pk}").content.decode()
    assert "第3版与第2版比较" in text and "删去的规则" in text
    assert (
        "两版说的完全一样" in page(client, d.leader, second, f"?with={d.first.pk}").content.decode()
    )
    assert (
        "第1版与第3版比较" in page(client, d.leader, d.first, f"?with={third.pk}").content.decode()
    )


def test_what_is_not_there_or_not_in_sight_is_404(client, d):
    other = make_department()
    theirs = rulebooks.propose(other.unit, content(), by=other.personnel[0])
    for query in (f"?with={theirs.pk}", "?with=x", "?with=999999", f"?with={d.first.pk}"):
        assert page(client, d.leader, d.first, query).status_code == 404
    assert page(client, d.leader, theirs).status_code == 404


def test_the_first_version_has_nothing_to_be_set_against(client, d):
    assert "没有别的一版可比" in page(client, d.leader, d.first).content.decode()


def test_a_later_version_of_the_past_is_set_against_the_one_before(client, d, clock):
    draft = rulebooks.propose(d.unit, content(rule("乙")), by=d.personnel[0])
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 6, 10))
    draft.refresh_from_db()
    assert page(client, d.leader, draft).context["old"] == d.first
    assert page(client, d.leader, d.first).context["old"] == draft


# --- The edits of a draft


def test_the_edits_of_a_draft_are_told_on_its_page(client, d):
    draft = rulebooks.propose(d.unit, content(a_rule(), rule("乙")), by=d.personnel[0])
    row = draft.rules.get(code="精业-扣-01")
    data = rule_form(row, **{"tiers-0-points": "-0.30", "cap_quarter": "", "star": "xue"})
    admin(client, d.personnel[0], "scoring_rule_change", row.pk, data=data)
    gone = draft.rules.get(code="乙")
    admin(client, d.personnel[0], "scoring_rule_delete", gone.pk, data={"post": "yes"})
    post(client, d.personnel[0], "rule_switch", row.pk, enabled="0")
    post(client, d.leader, "rulebook_return", draft.pk, reason="再低些")
    items, earlier = edits_of(draft)
    assert earlier == 0
    said = [(item["who"], item["what"], item["text"]) for item in items]
    office, leader = d.personnel[0].name, d.leader.name
    assert (office, "拟订", "版本：2") in said
    assert (office, "修改规则 精业-扣-01", "星级：精业 → 勤学；每季上限：4.0 → 无") in said
    assert (office, "修改一档 精业-扣-01", "分值：−0.2 → −0.3") in said
    assert (office, "删除规则 乙", "") in said
    assert (office, "开关规则 精业-扣-01", "停用") in said
    assert said[-1] == (leader, "退回修改", "再低些")
    text = get(client, d.personnel[0], "rulebook_detail", draft.pk).content.decode()
    assert "修改记录" in text and "再低些" in text
    seen = get(client, d.officers[0][0], "rulebook_detail", draft.pk)
    assert "修改记录" not in seen.content.decode() and "edits" not in seen.context


def test_only_the_latest_are_shown(d, monkeypatch):
    from scoring import edits

    monkeypatch.setattr(edits, "SHOWN", 2)
    draft = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    for _n in range(2):
        rulebooks.send_back(draft.pk, by=d.leader, reason="改")
        rulebooks.hand_in(draft.pk, by=d.personnel[0])
    items, earlier = edits_of(draft)
    assert [item["what"] for item in items] == ["退回修改", "改好再送"] and earlier == 3


def test_the_trail_of_another_book_stays_away(d):
    draft = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    whats = [item["what"] for item in edits_of(draft)[0]]
    assert whats == ["拟订"]
    assert [item["what"] for item in edits_of(d.first)[0]] == ["拟订", "批准"]
    rulebooks.seal(d.first.pk, by=None)
    assert edits_of(d.first)[0][-1]["who"] == "系统"
