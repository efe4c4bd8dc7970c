"""The record of the branch's meeting: by its secretary, from what happened, put right in time."""

import io
import zipfile
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from desk.branch_rows import records_owed
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry
from scheme.offices import Office
from stars.actions import branch_records
from stars.models import BranchRecord
from tests.factories import again, appoint, make_branch, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.at_branch(clock)


def good(s, **more):
    first, chair = s.d.secretaries[0], s.d.chair
    said = {
        "seen": None,
        "held_on": date(2026, 7, 6),
        "place": " 一会议室 ",
        "host": first.pk,
        "recorder": chair.pk,
        "present": {first.pk, chair.pk},
        "text": "逐项评议。",
    }
    return said | more


def save(s, *, by=None, branch=None, **more):
    branch = branch or s.d.branches[0]
    return branch_records.save(
        s.round.pk, branch.pk, by=again(by or s.d.secretaries[0]), **good(s, **more)
    )


def test_the_secretary_writes_it_and_puts_it_right(s):
    row = save(s)
    assert (row.version, row.place, row.present) == (
        0,
        "一会议室",
        sorted([s.d.secretaries[0].pk, s.d.chair.pk]),
    )
    again_ = save(s, seen=0, text="补记一句。")
    assert (again_.pk, again_.version) == (row.pk, 1)
    entry = AuditEntry.objects.filter(act="branch.record").latest("pk")
    assert (entry.before["text"], entry.after["text"]) == ("逐项评议。", "补记一句。")
    for seen in (None, 0):
        with pytest.raises(Stale):
            save(s, seen=seen)
    acts.push(s)
    assert save(s, seen=1, text="定星前再核。").version == 2


def test_nobody_else_writes_it(s):
    for person in (s.d.chair, s.d.secretaries[1], s.d.personnel[0]):
        with pytest.raises(PermissionDenied):
            save(s, by=person)
    assert not BranchRecord.objects.exists()


def test_a_branch_without_a_nomination_has_none(s):
    third = make_branch(s.d.unit)
    led = make_staff(s.d.unit, branch=third)
    appoint(led, Office.BRANCH_SECRETARY, branch=third)
    with pytest.raises(Refused, match="没有提名"):
        save(s, by=led, branch=third)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": date(2026, 7, 7)}, "held_on"),
        ({"held_on": date(2026, 7, 5)}, "held_on"),
        ({"place": " "}, "place"),
        ({"place": "长" * 61}, "place"),
        ({"present": set()}, "present"),
        ({"present": {0}}, "present"),
        ({"host": 0}, "host"),
        ({"recorder": 0}, "recorder"),
        ({"text": " "}, "text"),
        ({"text": "长" * 5001}, "text"),
    ],
)
def test_what_is_written_must_make_sense(s, wrong, field):
    with pytest.raises(Refused) as refused:
        save(s, **wrong)
    assert refused.value.field == field


def test_the_pages_and_the_file_are_drafted_from_what_happened(client, s):
    secretary, branch = s.d.secretaries[0], s.d.branches[0]
    args = [s.round.pk, branch.pk]
    page, edit = (
        reverse("stars:branch_record", args=args),
        reverse("stars:branch_record_edit", args=args),
    )
    assert [one.url for one in records_owed(again(secretary), s.round)] == [edit]
    assert records_owed(again(s.d.chair), s.round) == []
    client.force_login(secretary)
    assert client.get(page).status_code == 404
    empty = client.get(edit)
    assert "评议" in empty.context["form"].initial["text"]
    # Nobody has judged yet: all who have a seat are taken to come.
    assert len(empty.context["form"].initial["present"]) == len(empty.context["record"].entitled)
    acts.judge(s)
    came = set(client.get(edit).context["form"].initial["present"])
    assert secretary.pk in came
    listed = reverse("stars:branch_record_list", args=[s.round.pk])
    assert "未记" in client.get(listed).content.decode()

    data = good(s, seen="", present=[secretary.pk, s.d.chair.pk], held_on="2026-07-06")
    for wrong in ({"host": "x"}, {"present": []}, {"held_on": "0001-01-01"}, {"seen": "9" * 40}):
        assert client.post(edit, acts.idem() | data | wrong).status_code == 422
    assert client.post(edit, acts.idem() | data | {"held_on": "2026-07-05"}).status_code == 422
    assert client.post(edit, acts.idem() | data).status_code == 302
    assert client.post(edit, acts.idem() | data).status_code == 409
    assert client.get(edit).context["form"].initial["seen"] == 0
    assert records_owed(again(secretary), s.round) == []

    # While the stage runs: who stood back, no outcome.
    items = client.get(page).context["record"].items
    assert all(item.outcome is None for item in items)
    acts.push(s)
    reader = s.d.officers[2][2]
    client.force_login(reader)
    with acts.counting_queries() as queries:
        shown = client.get(page)
    text = shown.content.decode()
    assert s.a.person.name in text and "赞成" in text and "逐项评议。" in text
    assert len(queries) <= 16
    with zipfile.ZipFile(
        io.BytesIO(client.post(reverse("stars:branch_record_word", args=args)).content)
    ) as file:
        paper = file.read("word/document.xml").decode()
    for word in ("上半年评星会议记录", "一会议室", s.a.person.name, "逐项评议。", "未到会"):
        assert word in paper
    assert AuditEntry.objects.filter(act="branch.export", actor=reader).count() == 1
    # The other branch's members do not read it; office and committee do.
    client.force_login(s.d.officers[1][1])
    assert client.get(page).status_code == 404
    assert client.get(listed).context["rows"][0]["branch"] == s.d.branches[1]
    client.force_login(s.d.members[1])
    assert client.get(page).status_code == 200
    assert len(client.get(listed).context["rows"]) == 2
