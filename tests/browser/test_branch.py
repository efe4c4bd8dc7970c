"""Points by keyboard and by thumb, with scripts and without; the pages around the branch fit."""

import pytest

from stars.models import BranchRecord, Opinion
from tests.browser.test_pages import Looker
from tests.browser.test_report import enter
from tests.infra.browser import PHONE
from tests.stars import acts


@pytest.fixture
def s(committed_db, clock):
    return acts.at_branch(clock, branch_method="marks", trimmed=True, leaders_weight=40)


def test_points_by_keyboard_a_record_without_scripts_and_pages_that_fit(web_server, open_page, s):
    url = f"/rounds/{s.round.pk}/branch/"
    page = open_page()
    enter(page, web_server, s.d.chair, url)
    page.locator(".mark-box input").first.focus()
    # Enter goes on to the next one; nothing is sent half filled.
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    page.keyboard.type("85")
    assert page.locator(".mark-box input").nth(1).input_value() == "85"
    page.keyboard.press("Enter")
    assert not Opinion.objects.exists()
    page.keyboard.press("Enter")
    page.wait_for_selector(".note.ok")
    assert sorted(Opinion.objects.values_list("points", flat=True)) == [85, 90]

    thumb = open_page(PHONE, java_script_enabled=False)
    secretary = s.d.secretaries[0]
    enter(thumb, web_server, secretary, f"/rounds/{s.round.pk}/records/{s.d.branches[0].pk}/edit/")
    thumb.get_by_label("地点").fill("一会议室")
    thumb.get_by_label("记录人").select_option(label=s.d.chair.name)
    thumb.get_by_role("button", name="存好").click()
    thumb.wait_for_selector(".note.ok")
    assert BranchRecord.objects.get().host == secretary

    looker = Looker(open_page(reduced_motion="reduce"), web_server)
    record = f"/rounds/{s.round.pk}/records/"
    looker.look(s.d.leader, url, record, "/kin/", f"/nominations/{s.a.pk}/recuse/")
    looker.look(secretary, f"{record}{s.d.branches[0].pk}/", f"{record}{s.d.branches[0].pk}/edit/")
    looker.look(s.d.personnel[1], f"/rounds/{s.round.pk}/recusals/", "/kin/unit/")
    assert looker.wrong == []
