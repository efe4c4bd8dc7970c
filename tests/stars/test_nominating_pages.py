"""The pages of 科室推星 where somebody is barred, hands over, or stands in."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme import clock
from scheme.models import AuditEntry, Deputation
from scheme.offices import Office
from stars import dossiers, quotas
from stars.actions import nominations
from stars.models import Dossier, NominationMove
from tests.factories import (
    again,
    make_entry,
    make_nomination,
    make_round,
    make_rule_book,
    make_staff,
)

from .nominating_world import make_restriction

STATEMENT = "半年来日报及时，文稿质量好，牵头修订了三项制度，群众反映好。"
WHY = ("处分", "影响期", "试纪", "被通报批评")


@pytest.fixture
def round_(department):
    return make_round(
        department.unit, state="nominating", per_section=2, floating_persons=1,
        statement_fewest=25, statement_most=60,
    )  # fmt: skip


@pytest.fixture
def person(department):
    return department.officers[0][1]


@pytest.fixture
def draft(round_, person):
    return make_nomination(round_, person, statement=STATEMENT)


def url(name, *args):
    return reverse(f"stars:{name}", args=args)


def login(client, person):
    client.force_login(person)
    return client


def post(client, where, **fields):
    return client.post(where, {"idem": str(uuid.uuid4()), **fields})


def fields_of(one, **more):
    nominee = f"p{one.person_id}" if one.person_id else f"s{one.section_id}"
    return {
        "star": one.star_id, "nominee": nominee, "statement": STATEMENT, "seen": one.version,
        "move": "save",
    } | more  # fmt: skip


def test_who_is_barred_stands_in_the_list_and_cannot_be_chosen(
    client, round_, department, person, office
):
    make_restriction(person, by=office)
    make_restriction(department.one, by=office, kind="criticism")
    client = login(client, department.chiefs[0])
    where = url("nomination_new", round_.pk)
    text = client.get(where).text
    assert (
        f'value="p{person.pk}" disabled' in text
        and f'value="s{department.one.pk}" disabled' in text
    )
    assert text.count("（现在不能参评）") == 2 and not any(word in text for word in WHY)
    for code in (f"p{person.pk}", f"s{department.one.pk}"):
        page = post(client, where, star="ye", nominee=code, statement="", move="save")
        assert page.status_code == 422 and "现在不能参评" in page.text
        assert not any(word in page.text for word in WHY)
    free = f"p{department.officers[0][2].pk}"
    assert (
        post(client, where, star="ye", nominee=free, statement="", move="save").status_code == 302
    )


def test_a_draft_of_somebody_barred_meanwhile_is_kept_and_warns(
    client, draft, department, person, office
):
    make_restriction(person, by=office)
    client = login(client, department.chiefs[0])
    page = client.get(url("nomination_edit", draft.pk))
    assert "现在不能参评，草稿可以留着" in page.text and "disabled" not in page.text
    answer = post(client, url("nomination_edit", draft.pk), **fields_of(draft))
    page = client.get(answer.url)
    assert "还不能提交" in page.text and not any(word in page.text for word in WHY)
    page = post(client, url("nomination_edit", draft.pk), **fields_of(draft, seen=1, move="submit"))
    assert page.status_code == 422 and "现在不能参评" in page.text
    assert not any(word in page.text for word in WHY) and not Dossier.objects.exists()


def test_the_page_says_that_and_another_says_why_to_whom_it_concerns(
    client, draft, department, person, office
):
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    make_restriction(person, by=office)
    where, why = url("nomination_detail", draft.pk), url("nomination_grounds", draft.pk)
    page = login(client, department.chiefs[0]).get(where)
    assert "现在不能参评" in page.text and why not in page.text
    assert not any(word in page.text for word in WHY)
    assert client.get(why).status_code == 403
    # The leader in charge neither acts on it nor is told.
    assert "现在不能参评" not in login(client, department.leader).get(where).text
    assert why in login(client, person).get(where).text
    assert "处分影响期" in client.get(why).text
    assert not AuditEntry.objects.filter(act="restriction.read").exists()
    page = login(client, office).get(where)
    assert why in page.text and not any(word in page.text for word in WHY)
    assert "处分影响期" in client.get(why).text
    assert AuditEntry.objects.get(act="restriction.read").actor == office
    nominations.withdraw(draft.pk, by=department.chiefs[0], seen=1)
    assert "现在不能参评" not in login(client, department.chiefs[0]).get(where).text


def test_the_limits_of_the_statement_are_the_round_s(client, draft, department):
    client = login(client, department.chiefs[0])
    page = client.get(url("nomination_edit", draft.pk))
    assert "25至60字" in page.text
    assert 'data-fewest="25"' in page.text and 'data-most="60"' in page.text
    where = url("nomination_edit", draft.pk)
    page = post(client, where, **fields_of(draft, statement="长" * 61))
    assert page.status_code == 422 and "statement" in page.context["form"].errors
    assert post(client, where, **fields_of(draft, statement="长" * 60)).status_code == 302


def test_places_are_counted_out_for_each_star_and_kind(client, round_, draft, department):
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    make_nomination(round_, department.officers[0][2])
    make_nomination(round_, department.officers[0][0], state="withdrawn")
    make_nomination(round_, department.officers[1][0], state="submitted")
    page = login(client, department.chiefs[0]).get(url("nomination_list", round_.pk))
    [(_section, rows)] = page.context["meters"]
    own = {(row["star"].pk, row["kind"]): row for row in rows}
    row = own["ye", "person"]
    assert [row[k] for k in ("places", "total", "used", "writing", "left")] == [2, 2, 1, 1, 1]
    row = own["ye", "section"]
    assert [row[k] for k in ("used", "writing", "left")] == [0, 0, 2]
    assert "机动名额：科室0个，个人1个" in page.text
    with CaptureQueriesContext(connection) as queries:
        quotas.of(round_, department.sections)
    assert len(queries) == 2


def test_the_new_chief_reads_who_drafted_it(client, draft, department):
    client = login(client, department.chiefs[0])
    assert "起草，现在由您负责" not in client.get(url("nomination_edit", draft.pk)).text
    new = make_staff(section=department.one, office=Office.SECTION_CHIEF)
    client = login(client, new)
    for name in ("nomination_edit", "nomination_detail"):
        text = client.get(url(name, draft.pk)).text
        assert f"这份提名由{draft.made_by.name}起草，现在由您负责" in text, name


def test_both_names_of_a_deputy_stand_in_the_story(client, draft, department):
    chief, deputy = department.chiefs[0], department.officers[0][2]
    today = clock.today()
    Deputation.objects.create(
        unit=department.unit, principal=chief, office=Office.SECTION_CHIEF, section=department.one,
        deputy=deputy, start_on=today, end_on=today + timedelta(3), named_by=chief,
        named_at=clock.now(),
    )  # fmt: skip
    client = login(client, deputy)
    assert post(client, url("nomination_submit", draft.pk), seen=0).status_code == 302
    assert NominationMove.objects.get().on_behalf_of == chief
    moves = client.get(url("nomination_detail", draft.pk)).context["moves"]
    assert moves[-1]["who"] == f"{deputy.name}（代{chief.name}）"


def test_the_dossier_on_the_page_is_whole_and_an_older_one_still_reads(
    client, draft, department, person
):
    make_rule_book(department.unit, in_force_from=date(2026, 1, 1))
    make_entry(person, "0.50", date(2026, 3, 5), rule_code="自拟-01", fact={"matter": "抽调专班"})
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    where = url("nomination_detail", draft.pk)
    client = login(client, department.chiefs[0])
    page = client.get(where)
    assert "逐笔明细" in page.text and "抽调专班" in page.text and "各月加扣分" in page.text
    assert page.context["entries"][0]["day"] == date(2026, 3, 5)
    old = {
        key: value
        for key, value in Dossier.objects.get().body.items()
        if key not in ("entries", "trend", "tasks")
    }
    Dossier.objects.create(
        nomination=draft, version=9, body=old, digest=dossiers.digest_of(old), at=clock.now()
    )
    page = client.get(where)
    assert page.status_code == 200 and "逐笔明细" not in page.text and "走势" not in page.text


def test_the_page_costs_the_same_however_much_there_is(client, draft, department, person, office):
    make_rule_book(department.unit, in_force_from=date(2026, 1, 1))
    make_entry(person, "0.05", date(2026, 3, 5), rule_code="自拟-01", source="writing:1")
    nominations.submit(draft.pk, by=department.chiefs[0], seen=0)
    client = login(client, again(office))
    where = url("nomination_detail", draft.pk)
    client.get(where)
    with CaptureQueriesContext(connection) as few:
        client.get(where)
    for n in range(30):
        make_entry(person, "0.05", date(2026, 3, 5), rule_code="自拟-01", source=f"writing:{n + 2}")
        make_restriction(make_staff(section=department.one), by=office)
    with CaptureQueriesContext(connection) as many:
        assert client.get(where).status_code == 200
    assert len(few) == len(many)
    build = lambda: dossiers.build(draft)  # noqa: E731
    with CaptureQueriesContext(connection) as built:
        body = build()
    assert len(body["entries"]["rows"]) == 31 and len(built) <= 30
