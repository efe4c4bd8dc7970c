"""季评比: what was declared and verified, and the sections' cards, in office order."""

from datetime import date

import pytest
from django.urls import reverse

from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars
from ledgers.models import Circular, PointEntry
from scheme.idempotency import new_key
from scoring import comparing
from scoring.actions import posting
from tests.factories import make_declaration, make_department, make_entry, make_rule_book
from tests.ledgers.circular_world import content
from tests.scoring.declaring import department

Q1 = date(2026, 2, 3)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def parts(found):
    return {part.key: part.table or part.text for part in found.parts}


def test_declared_and_verified_by_section_and_the_cards_up_to_the_quarter(d):
    make_declaration(d.who, state="confirmed", quarter="2026Q1")
    make_declaration(d.one, "效能-加-12", level="city", quarter="2026Q1")
    make_declaration(d.officers[1][0], state="refused", quarter="2026Q1")
    make_declaration(d.officers[1][0], state="draft", quarter="2026Q1")
    make_declaration(d.officers[1][0], quarter="2025Q4")
    make_entry(d.one, 20, Q1, kind="base", rule_code="精业-基-11")
    make_entry(d.one, -1, Q1, rule_code="精业-扣-11")
    make_entry(d.two, 20, Q1, kind="base", rule_code="精业-基-11")
    make_entry(d.two, "0.5", date(2026, 4, 2), rule_code="效能-加-12", star="xiao")
    found = parts(comparing.drawn(d.unit, "2026Q1"))
    rows = found["declared"]["rows"]
    assert [row[0] for row in rows] == ["干部一科", "组织二科", "机关人事科", "合计"]
    assert rows[0] == ["干部一科", "2", "3.0", "1", "1.0", "0", "1"]
    assert rows[1] == ["组织二科", "1", "1.0", "0", "0", "1", "0"]
    assert rows[3] == ["合计", "3", "4.0", "1", "1.0", "1", "1"]
    assert found["declared-text"] == (
        "本季共申报3项、4.0分，核验通过1项、1.0分，不予认定1项，在办1项。申报未经核验的不计分。"
    )
    # What came in April is the next quarter's; nobody has a place.
    compared = found["compared"]
    assert compared["head"] == [["科室", "精业", "效能", "合计"]]
    assert compared["rows"] == [
        ["干部一科", "19.0", "0", "19.0"],
        ["组织二科", "20.0", "0", "20.0"],
        ["机关人事科", "0", "0", "0"],
    ]
    assert found["star-ye"]["rows"][0] == ["干部一科", "20.0", "−1.0", "0", "19.0"]
    assert found["best"] == "各星积分最高的科室是：精业之星组织二科（20.0分）。"
    assert "星级由科室推荐、支部评议、部务会决定，不按积分排定" in found["caveat"]
    assert "截至2026年3月31日" in found["caveat"]
    second = parts(comparing.drawn(d.unit, "2026Q2"))["compared"]["rows"]
    assert second[1] == ["组织二科", "20.0", "0.5", "20.5"]


def test_without_a_rule_book_or_points_it_says_so_calmly(d):
    found = parts(comparing.drawn(d.unit, "2019Q1"))
    assert found["compared"]["rows"][0] == ["干部一科", "—"]
    assert found["best"] == "各科室各星积分见下表。"
    for wrong in ("2026Q5", "x", "2026-05"):
        with pytest.raises(ValueError):
            comparing.drawn(d.unit, wrong)


def test_drafted_and_drawn_anew_on_its_own_page(client, d):
    office = d.personnel[0]
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("scoring:circular_quarterly")
    assert client.get(url).context["form"]["quarter"].value() == "2026Q1"
    for quarter, status in (("2026Q1", 302), ("2026Q1", 422), ("9" * 30, 422)):
        answer = client.post(url, {"quarter": quarter, "idem": new_key()})
        assert answer.status_code == status, quarter
    made = Circular.objects.get()
    assert (made.kind, made.title) == ("quarterly", "关于2026年一季度季评比情况的通报")
    page = client.get(reverse("ledgers:circular_edit", args=[made.pk]))
    again = reverse("scoring:circular_quarterly_redraw", args=[made.pk])
    assert page.context["redraw_url"] == again
    make_entry(d.one, 20, Q1, kind="base", rule_code="精业-基-11")
    assert client.post(again, {"seen": 0, "idem": new_key()}).status_code == 302
    assert made.parts.get(key="compared").table["rows"][0][1] == "20.0"
    assert client.post(again, {"seen": 0, "idem": new_key()}).status_code == 409
    # The annex begins a page after the signature.
    text = client.get(reverse("ledgers:circular_detail", args=[made.pk])).content.decode()
    assert text.index('class="signed"') < text.index('class="annex"')


NAMED = ("效能-扣-13", "deduction", "section", "xiao", "通报点名", "named", "-1", None, None, None)


def test_a_section_that_was_named_is_charged_once(db, clock):
    clock.set("2026-04-10 09:00")
    d = make_department()
    make_rule_book(d.unit, rules=[NAMED])
    office = d.personnel[0]
    made = circulars.draft(d.unit, content(d), by=office)
    made = steps.file(made.pk, version=0, by=office)
    made = steps.approve(made.pk, version=1, by=d.chair)
    steps.issue(made.pk, mark="泽组通", version=2, by=office)
    for _twice in range(2):
        posting.settle(d.unit, date(2026, 4, 10), date(2026, 4, 10))
    entry = PointEntry.objects.get(source__startswith="named:")
    assert (entry.section, entry.points, entry.event_on) == (d.two, -1, date(2026, 4, 10))
