"""One meeting, led from the console, voted on phones, watched on the wall, read by everybody."""

from stars.models import Box, Elector, Meeting, Minutes
from tests.browser.test_pages import enter, looker
from tests.infra.browser import PHONE
from tests.stars import acts

__all__ = ["looker"]
PARTIAL = ("同意1", "同意2", "同意3", "不同意1", "缓议1")


def test_a_meeting_is_held(looker, open_page, clock):
    s = acts.at_committee(clock, places=2, secret=True, recusals=["charge"])
    d, server, base = s.d, looker.server, f"/rounds/{s.round.pk}"
    office, member, away = d.personnel[0], d.members[0], d.leader
    desk, phone, wall = looker.page, open_page(), open_page()
    meeting = Meeting.objects.get()
    looker.look(office, f"{base}/meeting/", f"/sittings/{meeting.pk}/arrange/")
    phone.set_viewport_size(PHONE)
    enter(phone, server, member)
    enter(wall, server, d.chair)

    # --- Arranged, attended, begun
    desk.set_viewport_size({"width": 1440, "height": 900})
    desk.goto(f"{server.url}/sittings/{meeting.pk}/arrange/")
    desk.fill("[name=place]", "三楼会议室")
    with desk.expect_navigation(url="**/meeting/"):
        desk.get_by_role("button", name="保存并通知成员").click()
    desk.goto(f"{server.url}{base}/attendance/")
    for row in desk.locator("tbody tr").all():
        row.get_by_text("到会", exact=True).first.click()
    with desk.expect_navigation(url="**/meeting/"):
        desk.get_by_role("button", name="登记", exact=True).click()
    with desk.expect_navigation():
        desk.get_by_role("button", name="宣布开会").click()
    looker.look(None, f"{base}/meeting/")
    desk.set_viewport_size({"width": 1440, "height": 900})

    # --- An item is put: phone and wall turn by themselves
    phone.goto(f"{server.url}{base}/committee/")
    assert phone.get_by_text("等下一项").is_visible()
    wall.goto(f"{server.url}{base}/sitting/")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    box = Box.objects.get()
    phone.wait_for_selector("[data-choice]")
    wall.locator(".nm", has_text=s.a.person.name).wait_for()
    looker.wrong += [f"phone: {found}" for found in [barriers(phone)] if found]

    # A choice is made, others vote meanwhile, and it is still there.
    phone.get_by_text("弃权", exact=True).click()
    acts.cast_all(s, people=[d.other_leader, d.members[1]])
    wall.get_by_text("2 / 4").wait_for()
    phone.wait_for_timeout(4500)
    assert phone.get_by_role("button", name="确认投“弃权”").is_visible()
    with phone.expect_navigation():
        phone.get_by_role("button", name="确认投“弃权”").click()
    assert phone.get_by_text("已投票", exact=True).first.is_visible()
    assert Elector.objects.get(box=box, staff=member).has_voted
    looker.wrong += [f"phone: {found}" for found in [barriers(phone)] if found]
    # Three votes of four are in: none of the three, drawn or asked for news, tells how they fell.
    for page, part in ((desk, "meeting"), (phone, "committee"), (wall, "sitting")):
        news = page.request.get(f"{server.url}{base}/{part}/", headers={"HX-Request": "true"})
        for body in (page.content(), news.text()):
            assert not [word for word in PARTIAL if word in body], part

    # --- Who stands back sees that, and no name
    other = open_page()
    other.set_viewport_size(PHONE)
    enter(other, server, away)
    other.goto(f"{server.url}{base}/committee/")
    assert other.get_by_text("本项您须回避，请离席").is_visible()
    assert s.a.person.name not in other.content()
    other.close()

    # --- Counted, shown
    acts.cast_all(s)
    desk.get_by_role("button", name="结束表决并计票").wait_for()
    desk.locator(".electors .in").nth(3).wait_for()
    with desk.expect_navigation():
        desk.get_by_role("button", name="结束表决并计票").click()
    wall.locator(".outcome.passed").wait_for()
    acts.vote(s)
    desk.goto(f"{server.url}{base}/meeting/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="散会").click()
    page = f"/sittings/{meeting.pk}/minutes/"
    desk.goto(server.url + page)
    with desk.expect_navigation():
        desk.get_by_role("button", name="起草纪要").click()
    assert Minutes.objects.get().body["items"][0]["result"] == "passed"
    phone.close()
    wall.close()
    looker.look(None, page, f"{base}/meeting/")
    looker.look(d.chair, f"{base}/committee/", f"{base}/sitting/?item=list", page)
    assert not looker.wrong, "\n".join(looker.wrong)


def barriers(page) -> str:
    from tests.browser.test_pages import BY_DAY, Axe

    found = Axe().run(page, options=BY_DAY).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return "; ".join(f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in grave)
