import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme import clock as time
from scheme.errors import Refused
from scheme.models import AuditEntry
from stars import clearances as reads
from stars.actions import clearances
from stars.models import Clearance, Nomination, Recusal
from tests.factories import make_nomination, make_round, make_staff, make_unit, step_round


@pytest.fixture
def round_(department):
    return make_round(department.unit, state="nominating", per_section=3)


@pytest.fixture
def one(round_, department):
    return make_nomination(round_, department.officers[0][1], state="submitted")


def record(nomination, by, body="personnel", word="clear", **more):
    return clearances.record(nomination.pk, by=by, body=body, word=word, **more)


def at_committee(round_, one):
    step_round(round_, "at_branch")
    step_round(round_, "at_committee")
    for state in ("at_branch", "at_committee"):
        Nomination.objects.filter(pk=one.pk).update(state=state)
    one.refresh_from_db()


def test_the_newest_word_of_each_body_stands_and_nothing_is_closed(one, office, department):
    record(one, office)
    record(one, office, "discipline", "reserved", text=" 有信访未结 ", document="试纪函〔2026〕5号")
    late = record(one, office, "discipline", "against", text="不宜", document="试纪函〔2026〕6号")
    own, other = reads.of([one])[one.pk]
    assert (own.body, own.word, own.by) == ("personnel", "clear", office) and other == late
    assert Clearance.objects.count() == 3 and reads.of([]) == {}
    one.refresh_from_db()
    assert one.state == "submitted"
    lines = AuditEntry.objects.filter(act="clearance.record")
    told = "".join(f"{e.before}{e.after}{e.reason}" for e in lines)
    assert lines.count() == 3 and not any(w in told for w in ("against", "不宜", "信访", "函"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearance.objects.update(word="clear")


def test_what_is_refused(one, office, department, round_):
    wrong = [
        ("body", {"body": "gossip"}),
        ("word", {"word": "maybe"}),
        ("text", {"text": "长" * 301}),
        ("document", {"document": "长" * 61}),
        ("text", {"word": "reserved", "text": " "}),
        ("document", {"body": "discipline"}),
    ]
    for field, change in wrong:
        with pytest.raises(Refused) as caught:
            record(one, office, **change)
        assert caught.value.field == field
    for by in (department.chiefs[0], department.chair, make_staff(make_unit())):
        with pytest.raises(PermissionDenied):
            record(one, by)
    own = make_nomination(round_, office, state="submitted", star="xue")
    with pytest.raises(Refused, match="您本人"):
        record(own, office)
    draft = make_nomination(round_, department.officers[0][2])
    with pytest.raises(Refused, match="草稿") as caught:
        record(draft, office)
    assert caught.value.conflict and not Clearance.objects.exists()


def test_who_reads_it(one, round_, office, department):
    d = department
    may = lambda: {p.pk for p in d.everybody if reads.may_read(p, one)}  # noqa: E731
    assert may() == {p.pk for p in d.personnel}
    at_committee(round_, one)
    assert may() == {p.pk for p in (*d.personnel, *d.committee)}
    Recusal.objects.create(
        round=round_, body="committee", nomination=one, staff=d.members[0], kind="declared",
        by=d.members[0], at=time.now(),
    )  # fmt: skip
    assert may() == {p.pk for p in (*d.personnel, *d.committee)} - {d.members[0].pk}
    # The office's own chief is its section's: not the reader of what is said of it.
    section = make_nomination(round_, d.office, state="at_committee", star="xiao")
    told = {p.pk for p in d.everybody if reads.may_read(p, section)}
    assert told == {d.personnel[1].pk, *(p.pk for p in d.committee)}
    assert not reads.may_read(make_staff(make_unit(), office="personnel_office"), one)


def test_on_the_page_of_the_nomination(client, one, round_, office, department):
    where = reverse("stars:nomination_detail", args=[one.pk])
    to = reverse("stars:clearance_record", args=[one.pk])
    client.force_login(office)
    assert "还没有登记" in client.get(where).text
    fields = {"body": "personnel", "word": "against", "text": "材料不实", "document": ""}
    post = lambda **more: client.post(to, {"idem": str(uuid.uuid4()), **fields, **more})  # noqa: E731
    assert post(word="").status_code == post(text="").status_code == 422
    assert post().url == where
    page = client.get(where)
    assert "材料不实" in page.text and "不宜参评" in page.text
    for who in (one.person, department.chiefs[0], department.leader):
        client.force_login(who)
        page = client.get(where)
        assert page.status_code == 200 and "材料不实" not in page.text
        assert "审核意见" not in page.text
    at_committee(round_, one)
    client.force_login(department.chair)
    page = client.get(where)
    assert "材料不实" in page.text and page.context["clearance_form"] is None


def test_many_cost_one_query(one, round_, office, department):
    many = [make_nomination(round_, make_staff(section=department.one), state="submitted")
            for _n in range(5)]  # fmt: skip
    for each in many:
        record(each, office)
    with CaptureQueriesContext(connection) as queries:
        assert len(reads.of([one, *many])) == 5
    assert len(queries) == 1
