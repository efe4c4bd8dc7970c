"""What scoring rules cite, resolved for the day of their book and watched since."""

from datetime import date

import pytest

from scheme.actions import library
from scheme.models import Notice
from scoring import citations
from scoring.actions import citing
from scoring.models import Tier
from tests.factories import again, make_rule_book
from tests.scheme import regulation_world as world

TEXT = """第一条 目的。
第二条 不报日报的扣分。
迟报的也扣分。
第二条之一 补报算迟报。
第三条 其他。"""
NEWER = """第一条 目的。
第二条 不报日报的扣分。
迟报的扣一半。
第三条 其他。"""
CITED = {
    "精业-扣-01": "《日报制度》第二条第一款",
    "精业-扣-02": "第二条第二款",
    "精业-扣-03": "第二条之一",
    "精业-加-01": "《日报制度》第二条第三款",
    "精业-基-01": "《没有的制度》第一条",
    "精业-基-11": "暂停执行（上级规定）",
    "勤学-基-01": "《日报制度》第三条和第一条",
}


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-02 09:00")
    d = world.department()
    d.first = world.approved(d, text=TEXT, effective_on=date(2026, 1, 10))
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 2, 1), proposed_by=d.office, approved_by=d.leader,
        state="draft",
    )  # fmt: skip
    for code, clause in CITED.items():
        Tier.objects.filter(rule__book=d.book, rule__code=code).update(clause=clause)
    type(d.book).objects.filter(pk=d.book.pk).update(
        state="approved", approved_by=d.leader, approved_at="2026-01-20T00:00Z",
        in_force_from=date(2026, 2, 1), digest="0" * 64,
    )  # fmt: skip
    d.book.refresh_from_db()
    return d


def cite_bare(d, cited_bare=True):
    regulation = d.first.regulation
    regulation.refresh_from_db()
    library.describe(
        regulation.pk, area=3, number=1, title="日报制度", owner=d.one, review_on=None,
        cited_bare=cited_bare, by=d.office, seen=regulation.version,
    )  # fmt: skip


def states(d):
    return {use.clause: use.found.state for use in citations.uses(d.book)}


def test_texts_are_read():
    assert citations.read("《日报制度》第十三条之二第一款第（二）项") == ("日报制度", 13, 2, 1)
    assert citations.read("按第８条") == ("", 8, 0, 0)
    assert citations.read("暂停执行") is None and citations.read("") is None


def test_a_citation_holds_for_the_day_of_its_book_and_is_watched_since(d):
    assert states(d)["第二条第二款"] == citations.UNKNOWN, "nothing is meant where none is named"
    cite_bare(d)
    assert states(d) == {
        "《没有的制度》第一条": citations.UNKNOWN,
        "《日报制度》第二条第一款": citations.HOLDS,
        "第二条第二款": citations.HOLDS,
        "第二条之一": citations.HOLDS,
        "《日报制度》第二条第三款": citations.UNKNOWN,
        "《日报制度》第三条和第一条": citations.HOLDS,
    }
    used = citations.of_regulation(citations.uses(d.book), d.first.regulation)
    assert used[2, 0] == ["精业-扣-01", "精业-扣-02"]
    library_ = citations.Library(d.unit, date(2026, 2, 1))
    url = library_.resolve("第二条第二款").url
    assert url.endswith(f"/{d.first.regulation_id}/?version=1#c2-k2")

    second = world.revised(d.first, d, NEWER, date(2026, 3, 2))
    found = states(d)
    assert found["第二条之一"] == citations.GONE
    assert found["第二条第二款"] == found["《日报制度》第二条第一款"] == citations.CHANGED
    assert found["《日报制度》第三条和第一条"] == citations.HOLDS
    # The link still leads to the text of the book's day.
    assert "version=1#c2-1" in citations.Library(d.unit, date(2026, 2, 1)).resolve("第二条之一").url
    touched = citing.warn(second.pk, by=again(d.leader))
    assert {use.clause for use in touched} == {
        "第二条之一",
        "第二条第二款",
        "《日报制度》第二条第一款",
    }
    notice = Notice.objects.get(to=d.office, key=f"citations:{second.pk}")
    assert "《日报制度》有变化" in notice.text and "第二条之一" in notice.text
    citing.warn(second.pk, by=again(d.leader))
    assert Notice.objects.filter(key=f"citations:{second.pk}").count() == len(d.personnel)


def test_an_abolished_regulation_takes_its_clauses_with_it(d):
    end = world.acts.propose_abolition(
        d.first.regulation_id, effective_on=date(2026, 3, 2), reason="另有规定", by=d.office, seen=0
    )
    end = world.approve(end, d)
    assert states(d)["《日报制度》第二条第一款"] == citations.GONE
    assert citing.warn(end.pk, by=again(d.leader))


def test_a_change_nobody_cites_is_no_news(d):
    other = world.approved(d, title="请假制度", number=2)
    assert citing.warn(other.pk, by=again(d.leader)) == []
    assert not Notice.objects.filter(key__startswith="citations:").exists()
    assert citations.uses(None) == []
