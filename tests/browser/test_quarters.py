"""Quarters and entries by hand as the office and the leader see them, at every width, by night."""

from datetime import date
from decimal import Decimal

from scoring.actions import closing, manual
from tests.browser.test_pages import looker
from tests.factories import make_department, make_rule_book

__all__ = ["looker"]


def test_closing_and_recording_by_hand(looker, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    office, leader, person = d.personnel[0], d.leader, d.officers[0][1]
    make_rule_book(d.unit, in_force_from=date(2026, 1, 1), proposed_by=office, approved_by=leader)
    looker.look(office, "/quarters/", "/manual/", "/manual/new/")

    def propose(matter):
        return manual.propose(
            d.unit,
            person=person,
            rule_code="精业-加-01",
            points=Decimal("0.5"),
            event_on=date(2026, 3, 5),
            matter=matter,
            reason="台账里没有这一项",
            basis="部务会纪要〔2026〕3号",
            by=office,
        )

    done = propose("牵头接待群众来访，材料归入信访专卷")
    looker.look(leader, "/", "/quarters/", f"/manual/{done.pk}/")
    manual.approve(done.pk, by=leader)
    closing.close("2026Q1", unit=d.unit, by=office)
    closing.reopen("2026Q1", unit=d.unit, reason="漏记一份文件", by=leader)
    closing.close("2026Q1", unit=d.unit, by=office)
    propose("协助起草讲话稿")
    looker.look(office, "/quarters/", "/manual/", f"/manual/{done.pk}/")
    looker.look(office, "/manual/new/?q=ZC", f"/manual/new/?person={person.pk}")
    looker.look(leader, "/quarters/", "/manual/")
    assert looker.wrong == []
