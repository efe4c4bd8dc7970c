import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stars.actions import nominations
from stars.models import BranchOutcome, Decision, Dossier, Nomination
from tests.factories import (
    make_nomination,
    make_round,
    make_section,
    make_staff,
    make_unit,
    step_round,
)

STATEMENT = "半年来日报及时，文稿质量好，牵头修订了三项制度，群众反映好。"


def url(name, *args):
    return reverse(f"stars:{name}", args=args)


def post(client, where, **fields):
    return client.post(where, {"idem": str(uuid.uuid4()), **fields})


@pytest.fixture
def round_(department):
    return make_round(department.unit, state="nominating", per_section=1)


@pytest.fixture
def as_chief(client, department):
    client.force_login(department.chiefs[0])
    return client


@pytest.fixture
def person(department):
    return department.officers[0][1]


@pytest.fixture
def draft(round_, person):
    return make_nomination(round_, person, statement=STATEMENT)


def login(client, person):
    client.force_login(person)
    return client


# The list


def test_the_chief_sees_the_quota_and_the_section_s_own(as_chief, round_, draft, department):
    make_nomination(round_, department.officers[1][0], state="submitted")
    page = as_chief.get(url("nomination_list", round_.pk))
    assert list(page.context["page"]) == [draft] and page.context["may_write"]
    [(section, rows)] = page.context["meters"]
    assert section == department.one and len(rows) == 10
    assert {row["used"] for row in rows} == {0} and {row["total"] for row in rows} == {1}
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    [(_section, rows)] = as_chief.get(url("nomination_list", round_.pk)).context["meters"]
    assert [r["used"] for r in rows if r["star"].pk == "ye" and r["kind"] == "person"] == [1]
    step_round(round_, "at_branch")
    assert as_chief.get(url("nomination_list", round_.pk)).context["meters"] == []


def test_the_office_sees_all_but_drafts_and_may_choose_a_star(
    client, round_, draft, department, office
):
    other = make_nomination(round_, department.officers[1][0], star="xue", state="submitted")
    page = login(client, office).get(url("nomination_list", round_.pk))
    assert list(page.context["page"]) == [other] and not page.context["may_write"]
    page = client.get(url("nomination_list", round_.pk), {"star": "ye"})
    assert list(page.context["page"]) == []
    page = client.get(url("nomination_list", round_.pk), {"star": "nonsense"})
    assert list(page.context["page"]) == [other]


def test_an_officer_sees_only_what_concerns_them(client, round_, department, person):
    own = make_nomination(round_, person, state="submitted")
    make_nomination(round_, department.officers[1][0], state="submitted")
    page = login(client, person).get(url("nomination_list", round_.pk))
    assert list(page.context["page"]) == [own] and page.context["meters"] == []
    page = login(client, department.officers[0][2]).get(url("nomination_list", round_.pk))
    assert list(page.context["page"]) == [] and "还没有您能看到的提名" in page.text


def test_the_list_costs_the_same_at_thirty_rows(as_chief, round_, draft, department):
    where = url("nomination_list", round_.pk)
    as_chief.get(where)
    with CaptureQueriesContext(connection) as few:
        as_chief.get(where)
    for _n in range(30):
        make_nomination(round_, make_staff(section=department.one), state="submitted")
    with CaptureQueriesContext(connection) as many:
        assert len(as_chief.get(where).context["page"]) == 31
    assert len(many) == len(few)


# Writing


def test_nomination_new_shows_the_dossier_of_what_is_chosen(as_chief, round_, person):
    where = url("nomination_new", round_.pk)
    page = as_chief.get(where)
    assert page.context["dossier"] is None and "选好星和推荐对象" in page.text
    page = as_chief.get(where, {"star": "ye", "nominee": f"p{person.pk}"})
    assert page.context["dossier"]["nominee"]["name"] == person.name
    assert "以往亮星" in page.text
    part = as_chief.get(
        where, {"star": "ye", "nominee": f"p{person.pk}"}, headers={"HX-Request": "true"}
    )
    assert part.text.lstrip().startswith("<section") and "以往亮星" in part.text
    assert not Nomination.objects.exists()


def test_nomination_new_shows_no_dossier_of_others(as_chief, round_, department):
    for code in (f"p{department.officers[1][0].pk}", f"s{department.two.pk}", "x", "p"):
        page = as_chief.get(url("nomination_new", round_.pk), {"star": "ye", "nominee": code})
        assert page.context["dossier"] is None


def test_nomination_new_offers_those_who_take_part_in_one_s_own_section(
    as_chief, round_, department
):
    form = as_chief.get(url("nomination_new", round_.pk)).context["form"]
    own = [value for _group, rows in form.fields["nominee"].choices[1:] for value, _l in rows]
    people = [department.chiefs[0], *department.officers[0]]
    assert own == [f"s{department.one.pk}", *(f"p{one.pk}" for one in people)]


def test_nomination_new_keeps_a_draft_and_goes_on_to_it(as_chief, round_, person, department):
    answer = post(
        as_chief, url("nomination_new", round_.pk), star="ye", nominee=f"p{person.pk}",
        statement="", move="save",
    )  # fmt: skip
    made = Nomination.objects.get()
    assert answer.url == url("nomination_edit", made.pk)
    assert (made.person, made.section, made.state) == (person, department.one, "draft")
    post(
        as_chief, url("nomination_new", round_.pk), star="ye",
        nominee=f"s{department.one.pk}", statement="", move="save",
    )  # fmt: skip
    assert Nomination.objects.filter(kind="section").get().section == department.one


def test_nomination_new_says_at_the_field_what_is_wrong(as_chief, round_, draft, person):
    where = url("nomination_new", round_.pk)
    page = post(as_chief, where, star="xue", nominee=f"p{person.pk}", statement="")
    assert page.status_code == 422 and "一人一轮" in page.context["form"].errors["nominee"][0]
    page = post(as_chief, where, star="", nominee="", statement="长" * 501)
    assert set(page.context["form"].errors) == {"star", "nominee", "statement"}


def test_nomination_new_outside_its_stage(as_chief, round_):
    step_round(round_, "at_branch")
    assert as_chief.get(url("nomination_new", round_.pk)).status_code == 422


def test_writing_is_for_chiefs(client, round_, draft, department, office):
    client = login(client, office)
    assert client.get(url("nomination_new", round_.pk)).status_code == 403
    assert client.get(url("nomination_edit", draft.pk)).status_code == 403
    client = login(client, department.chiefs[1])
    assert client.get(url("nomination_edit", draft.pk)).status_code == 404


def edit(client, draft, **more):
    nominee = f"p{draft.person_id}" if draft.person_id else f"s{draft.section_id}"
    fields = {
        "star": draft.star_id, "nominee": nominee, "statement": STATEMENT,
        "seen": draft.version, "move": "save", **more,
    }  # fmt: skip
    return post(client, url("nomination_edit", draft.pk), **fields)


def test_nomination_edit_saves_and_submits(as_chief, draft):
    page = as_chief.get(url("nomination_edit", draft.pk))
    assert STATEMENT in page.text and page.context["dossier"]
    assert edit(as_chief, draft, statement="改了").url == url("nomination_edit", draft.pk)
    draft.refresh_from_db()
    assert (draft.statement, draft.version) == ("改了", 1)
    assert edit(as_chief, draft, move="submit").url == url("nomination_detail", draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("submitted", 3)
    assert as_chief.get(url("nomination_edit", draft.pk)).url == url("nomination_detail", draft.pk)


def test_a_submit_refused_at_a_field_saves_nothing_and_keeps_the_text(as_chief, draft):
    page = edit(as_chief, draft, statement="太短", move="submit")
    assert page.status_code == 422 and "至少写20字" in page.text and "太短" in page.text
    draft.refresh_from_db()
    assert (draft.statement, draft.version) == (STATEMENT, 0)


def test_nomination_edit_refuses_a_stale_page(as_chief, draft):
    assert edit(as_chief, draft, seen=7).status_code == 409
    assert edit(as_chief, draft, seen="").status_code == 422


def test_a_section_edits_its_own_nomination(as_chief, round_, department):
    own = make_nomination(round_, department.one, statement=STATEMENT)
    assert as_chief.get(url("nomination_edit", own.pk)).status_code == 200
    assert edit(as_chief, own, star="xin").status_code == 302


def test_a_returned_one_says_why_on_the_form(as_chief, draft, department, office):
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    nominations.return_(draft.pk, by=office, seen=1, reason="成效写具体")
    assert "成效写具体" in as_chief.get(url("nomination_edit", draft.pk)).text


# The page of one nomination


def test_nomination_detail_of_a_draft_is_live_and_of_a_submitted_one_frozen(
    as_chief, draft, department
):
    page = as_chief.get(url("nomination_detail", draft.pk))
    assert page.context["frozen"] is None and page.context["may_submit"]
    answer = post(as_chief, url("nomination_submit", draft.pk), seen=0)
    assert answer.url == url("nomination_detail", draft.pk)
    page = as_chief.get(url("nomination_detail", draft.pk))
    assert page.context["dossier"] == Dossier.objects.get().body
    assert "定稿，校验值" in page.text
    assert not page.context["may_submit"] and page.context["may_withdraw"]
    assert [move["what"] for move in page.context["moves"]] == ["起草", "已推荐"]


def test_nomination_detail_of_a_section(as_chief, round_, department):
    own = make_nomination(round_, department.one)
    assert "4人" in as_chief.get(url("nomination_detail", own.pk)).text


def test_nomination_detail_out_of_sight(client, draft, department):
    for who in (department.chiefs[1], draft.person, department.personnel[1], department.chair):
        page = login(client, who).get(url("nomination_detail", draft.pk))
        assert page.status_code == 404
    stranger = make_round(make_unit(), state="nominating")
    other = make_nomination(stranger, make_staff(section=make_section(stranger.unit)))
    assert (
        login(client, department.chiefs[0]).get(url("nomination_detail", other.pk)).status_code
        == 404
    )


def test_the_nominee_may_read_and_do_nothing(client, draft, department, person):
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    page = login(client, person).get(url("nomination_detail", draft.pk))
    assert page.status_code == 200 and "您可以" not in page.text
    assert post(client, url("nomination_withdraw", draft.pk), seen=1).status_code == 403


def test_withdraw_and_return_through_the_page(client, draft, department, office):
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    client = login(client, office)
    assert "退回补正" in client.get(url("nomination_detail", draft.pk)).text
    assert post(client, url("nomination_return", draft.pk), seen=1).status_code == 422
    answer = post(client, url("nomination_return", draft.pk), seen=1, reason="写具体")
    assert answer.url == url("nomination_detail", draft.pk)
    client = login(client, department.chiefs[0])
    answer = post(client, url("nomination_withdraw", draft.pk), seen=2, reason="本人不愿")
    assert answer.url == url("nomination_list", draft.round_id)
    draft.refresh_from_db()
    assert draft.state == "withdrawn"
    assert client.get(url("nomination_detail", draft.pk)).status_code == 200


def test_a_third_return_is_shown_shut(client, draft, department, office):
    seen = nominations.submit(draft.pk, by=department.chiefs[0], seen=0).version
    for _time in range(2):
        seen = nominations.return_(draft.pk, by=office, seen=seen, reason="补").version
        seen = nominations.submit(draft.pk, by=department.chiefs[0], seen=seen).version
    page = login(client, office).get(url("nomination_detail", draft.pk))
    assert page.context["returned_enough"] and url("nomination_return", draft.pk) not in page.text


def test_outcomes_are_told_in_words_and_counted_for_those_who_judge(
    client, round_, department, person, office, clock
):
    from scheme import clock as time

    closed = make_nomination(round_, person, state="closed")
    BranchOutcome.objects.create(
        nomination=closed, entitled=8, recused=1, votes_for=6, votes_against=0, votes_abstain=1,
        outcome="agreed", at=time.now(),
    )  # fmt: skip
    Decision.objects.create(
        nomination=closed, entitled=5, present=5, recused=0, votes_for=4, votes_against=1,
        votes_abstain=0, passed=True, placed=False, at=time.now(),
    )  # fmt: skip
    step_round(round_, "at_branch"), step_round(round_, "at_committee")
    step_round(round_, "publicity")
    page = login(client, person).get(url("nomination_detail", closed.pk))
    assert page.context["outcomes"] == [("支部评星", "赞成"), ("部务会定星", "通过，名额已满")]
    page = login(client, office).get(url("nomination_detail", closed.pk))
    assert page.context["outcomes"][1] == ("部务会定星", "通过，名额已满（应到5，赞成4）")


@pytest.mark.parametrize(
    ("passed", "placed", "word"), [(True, True, "入选"), (False, False, "未通过")]
)
def test_the_word_for_a_decision(client, round_, person, passed, placed, word):
    from scheme import clock as time

    closed = make_nomination(round_, person, state="closed")
    Decision.objects.create(
        nomination=closed, entitled=5, present=5, recused=0, votes_for=4, votes_against=1,
        votes_abstain=0, passed=passed, placed=placed, at=time.now(),
    )  # fmt: skip
    page = login(client, person).get(url("nomination_detail", closed.pk))
    assert page.context["outcomes"] == [("部务会定星", word)]


# Whose turn it is


@pytest.mark.parametrize("state", ["nominating", "at_branch", "at_committee"])
def test_nobody_s_turn_who_has_no_seat_or_section(department, state):
    from stars import duties

    running = make_round(department.unit, state=state)
    assert duties.of(running, department.officers[1][1]) == []


def test_turns_of_the_later_stages(client, department, office):
    from stars import duties
    from tests.factories import make_seats

    running = make_round(department.unit, state="at_branch")
    one = make_nomination(running, department.officers[0][1], state="at_branch")
    member = department.officers[0][0]
    make_seats(running, "branch", [member], branch=one.branch)
    [duty] = duties.of(running, member)
    assert (duty.done, duty.total, duty.act) == (0, 1, "评星")

    step_round(running, "at_committee")
    make_seats(running, "committee", department.committee, chair=department.chair)
    [duty] = duties.of(running, department.chair)
    assert "没有等您投的票" in duty.text
    running.seats.filter(body="committee").update(present=True)
    Nomination.objects.filter(pk=one.pk).update(state="at_committee")
    BranchOutcome.objects.create(
        nomination=one, entitled=1, recused=0, votes_for=1, votes_against=0, votes_abstain=0,
        outcome="agreed", at=running.stage_since,
    )  # fmt: skip
    [duty] = duties.of(running, department.chair)
    assert "等开会" in duty.text

    step_round(running, "publicity")
    assert [duty.act for duty in duties.of(running, office)] == ["看公示"]
    step_round(running, "published")
    assert [duty.act for duty in duties.of(running, office)] == ["看结果"]
