"""Every main page as its person opens it: at a desk and on a phone, by day and by night."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe

from scheme import audit
from scheme import clock as scheme_clock
from stars.actions import stages, votes
from stars.ballots import Sitting
from stars.models import Opinion, Vote
from tests.factories import (
    PASSWORD,
    again,
    make_entry,
    make_nomination,
    make_report,
    make_rule_book,
)
from tests.infra.browser import DESKTOP, PHONE
from tests.stars import acts

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
RED_ACTS = (
    "[...document.querySelectorAll('.btn.primary')].filter((b) => b.checkVisibility()).length"
)
# Structure does not change with the colours: at night only contrast is looked at again.
BY_DAY = {"resultTypes": ["violations"]}
BY_NIGHT = BY_DAY | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def enter(page, server, person):
    page.context.clear_cookies()
    page.goto(server.url + "/sign-in/")
    page.fill("[name=staff_no]", person.staff_no)
    page.fill("[name=password]", PASSWORD)
    page.click(".sign-in button.primary")
    page.wait_for_selector("#page")


class Looker:
    """Opens pages and keeps what is wrong with each, so that one run tells all."""

    def __init__(self, page, server):
        self.page, self.server, self.wrong = page, server, []

    def look(self, person, *paths):
        if person is not None:
            enter(self.page, self.server, person)
        for path in paths:
            self._one(path)

    def _one(self, path):
        page = self.page
        page.problems.clear()
        answer = page.goto(self.server.url + path)
        self._note(path, answer.status != 200 and f"status {answer.status}")
        for viewport, scheme in product((DESKTOP, PHONE), ("light", "dark")):
            where = f"{path} at {viewport['width']}, {scheme}"
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            over = page.evaluate(OVERFLOW)
            self._note(where, over > 0 and f"{over} px too wide")
            if (viewport, scheme) != (PHONE, "dark"):
                self._note(where, self._barriers(BY_NIGHT if scheme == "dark" else BY_DAY))
        self._note(path, page.evaluate(RED_ACTS) > 1 and "more than one red act")
        for line in page.problems:
            self._note(path, line)
        page.problems.clear()

    def _barriers(self, options) -> str:
        found = Axe().run(self.page, options=options).response["violations"]
        return "; ".join(
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        )

    def _note(self, where, problem):
        if problem:
            self.wrong.append(f"{where}: {problem}")


@pytest.fixture
def looker(web_server, open_page):
    return Looker(open_page(reduced_motion="reduce"), web_server)


def test_every_page_fits_and_can_be_read_by_everybody(looker, clock):
    s = acts.nominating(clock, places=1)
    d, base = s.d, f"/rounds/{s.round.pk}"
    member, chief, office, chair = d.officers[0][1], d.chiefs[0], d.personnel[0], d.chair
    book = make_rule_book(d.unit, proposed_by=office, approved_by=chair)
    audit.record(chair, "rulebook.approve", book, after={"digest": "e3b0c442" * 8})
    today = scheme_clock.today()
    make_report(member, today)
    report = make_report(d.officers[0][0], today)
    for points, star in ((20, "xue"), (-0.5, "ye"), (1.5, "ye")):
        make_entry(member, points, today, star=star)
    draft = make_nomination(s.round, member, star="xin", by=chief)

    looker.look(None, "/sign-in/")
    looker.look(chief, f"{base}/nominations/new/", f"/nominations/{draft.pk}/edit/", "/review/")
    looker.look(office, "/office/", "/roster/", "/rules/", f"/rules/{book.pk}/")
    looker.look(office, f"{base}/participants/", f"{base}/nominations/")
    draft.delete()

    acts.push(s)
    looker.look(member, "/", "/reports/", "/reports/mine/", "/points/", "/search/?q=zhang")
    looker.look(member, "/notices/", "/me/", "/me/password/", "/wall/", "/rounds/", f"{base}/")
    looker.look(member, f"{base}/branch/", f"{base}/nominations/", f"/nominations/{s.a.pk}/")
    looker.look(d.officers[0][0], f"/reports/by/{report.pk}/")

    acts.judge(s)
    acts.push(s)
    looker.look(office, f"{base}/attendance/", f"{base}/")
    acts.attend(s)
    acts.vote(s)
    looker.look(chair, f"{base}/tie/")
    for (star, kind), placing in Sitting(acts.fresh(s)).open_ties().items():
        winners = list(placing.tied)[: placing.left]
        votes.settle(
            s.round.pk, by=again(chair), star=star, kind=kind, winners=winners, reason="任务重"
        )
    acts.push(s)
    looker.look(member, f"{base}/publicity/", f"{base}/result/")

    clock.set(scheme_clock.local(s.round.due_at).replace(tzinfo=None))
    stages.advance(s.round.pk)
    looker.look(member, "/wall/", f"{base}/result/", f"{base}/")
    assert not looker.wrong, "\n".join(looker.wrong)


def test_branch_and_committee_vote_without_scripts(web_server, open_page, clock):
    s = acts.at_branch(clock)
    page, base = open_page(java_script_enabled=False), f"{web_server.url}/rounds/{s.round.pk}"

    member = s.d.officers[0][1]
    enter(page, web_server, member)
    page.goto(f"{base}/branch/")
    page.check(f"[name=mark-{s.a.pk}][value=for]", force=True)
    page.fill(f"[name=comment-{s.a.pk}]", "办事扎实")
    page.click(".sendbar button")
    opinion = Opinion.objects.get(by=member)
    assert (opinion.nomination_id, opinion.mark, opinion.comment) == (s.a.pk, "for", "办事扎实")

    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    acts.open_item(s, s.b)
    voter = s.d.members[0]
    enter(page, web_server, voter)
    page.goto(f"{base}/committee/")
    page.locator("[data-choice] summary", has_text="不同意").click()
    page.get_by_role("button", name="确认投“不同意”").click()
    assert Vote.objects.get(by=again(voter)).choice == "against"
