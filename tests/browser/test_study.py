"""Attendance by keyboard, and a rating in two taps on a phone, with scripts and without."""

import pytest

from ledgers.models import RatingEnvelope, StudyMiss
from scheme.models import Staff
from scheme.names import search_key
from tests.browser.test_pages import Looker
from tests.browser.test_report import enter
from tests.factories import make_department
from tests.infra.browser import PHONE
from tests.ledgers.study_world import keeper, opened, planned


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-03-05 17:30")
    department = make_department()
    for one in department.everybody:
        Staff.objects.filter(pk=one.pk).update(name_key=search_key(one.name))
    return department


def test_attendance_by_keyboard_a_rating_by_thumb_and_pages_that_fit(web_server, open_page, d):
    session, row = planned(d), opened(d)
    page = open_page()
    enter(page, web_server, keeper(d), f"/study/{session.pk}/attendance/")
    for one in (d.officers[0][1], d.officers[1][2]):
        page.keyboard.type(one.staff_no.lower())
        page.keyboard.press("Enter")
    assert page.inner_text("[data-roll-count]") == "2"
    page.keyboard.type("没有这个人")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.locator("[data-find]:visible").count() == 12
    page.get_by_role("button", name="登记", exact=True).press("Enter")
    page.wait_for_selector(".note.ok")
    missed = {one.person_id for one in StudyMiss.objects.all()}
    assert missed == {d.officers[0][1].pk, d.officers[1][2].pk}

    thumb = open_page(PHONE, java_script_enabled=False)
    enter(thumb, web_server, d.officers[1][0], f"/talks/{row.pk}/rate/")
    thumb.locator(".ballot", has_text="95").click()
    thumb.get_by_role("button", name="封存评分").click()
    thumb.wait_for_selector(".note.ok")
    assert RatingEnvelope.objects.get().person == d.officers[1][0]

    looker = Looker(open_page(reduced_motion="reduce"), web_server)
    looker.look(
        keeper(d),
        *(
            "/study/",
            "/study/figures/",
            f"/study/{session.pk}/",
            f"/study/{session.pk}/attendance/",
        ),
        *("/talks/", "/talks/rota/", "/talks/plan/", f"/talks/{row.pk}/", f"/talks/{row.pk}/rate/"),
    )
    assert looker.wrong == []
