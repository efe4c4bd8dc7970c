"""The supervision board by keyboard, at every width, by day and by night, and on paper."""

from datetime import date

from ledgers.actions import extensions
from ledgers.models import SupervisionNote
from tests.browser.test_pages import looker
from tests.ledgers.supervision_world import make_task, make_world

__all__ = ["looker"]


def test_a_meeting_is_run_from_the_board(looker, clock):
    clock.set("2026-03-05 10:00")
    w = make_world()
    late = make_task(w, date(2026, 3, 3), start_on=date(2026, 2, 2), title="逾期的任务")
    fine = make_task(w, date(2026, 4, 30), title="正常的任务" * 6)
    extensions.ask(fine.pk, version=0, to=date(2026, 5, 20), reason="等数据", by=w.chief)
    looker.look(w.office, "/supervision/", f"/supervision/?task={late.pk}")
    looker.look(w.office, "/supervision/?screen=1", "/supervision/lights/")

    # J opens the most urgent, C presses it, and the board is back with the next one a J away.
    page = looker.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(looker.server.url + "/supervision/")
    page.keyboard.press("j")
    page.wait_for_url("**task=*")
    page.keyboard.press("c")
    page.keyboard.type("请两天内反馈")
    page.locator(".opened-task .confirm[open] button").click()
    page.wait_for_selector(".note.ok")
    assert SupervisionNote.objects.get(task=late).text == "请两天内反馈"
    page.keyboard.press("j")
    page.wait_for_url(f"**task={fine.pk}*")
    assert page.locator("tr.current").count() == 1

    # On paper the table lies across, without buttons.
    page.emulate_media(media="print")
    assert not page.locator(".opened-task").is_visible()
    assert not page.get_by_role("link", name="投影").is_visible()
    page.emulate_media(media="screen")
    looker.look(w.leader, f"/tasks/{fine.pk}/", f"/supervision/tasks/{fine.pk}/grant_extension/")
    looker.look(w.chief, "/supervision/notes/", f"/supervision/notes/{late.notes.get().pk}/")
    assert looker.wrong == []
