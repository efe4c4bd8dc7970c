import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.models import PointEntry
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from stars.actions import results, revocations
from stars.models import Award, Publication, Revocation
from tests.factories import again, appoint, make_entry, make_quarter, make_staff, moment
from tests.stars import awards_world as world

pytestmark = pytest.mark.django_db
DAY = moment("2026-03-05 00:00").date()


@pytest.fixture
def s(clock):
    s = world.published(clock)
    make_quarter(s.d.unit, "2026Q1")
    return s


def propose(s, award=None, by=None, **more):
    said = {"authority": " 部务会纪要〔2026〕9号 ", "reason": "材料失实"} | more
    return revocations.propose((award or s.award).pk, by=again(by or s.office), **said)


def approve(s, revocation, by=None):
    return revocations.approve(revocation.pk, by=again(by or s.d.chair))


def told(key):
    return {notice.to for notice in Notice.objects.filter(key=key)}


def test_it_is_proposed_by_the_office_and_changes_nothing_yet(s):
    row = propose(s)
    assert (row.authority, row.state, row.entries) == ("部务会纪要〔2026〕9号", "proposed", [])
    assert told(f"revocation:{row.pk}:proposed") == {s.d.chair}
    assert AuditEntry.objects.get(act="award.revoke").reason == "材料失实"
    assert not Award.objects.with_revoked().get(pk=s.award.pk).revoked
    assert Publication.objects.count() == 1
    with pytest.raises(Refused, match="已经提出撤销") as refused:
        propose(s)
    assert refused.value.conflict


def test_what_it_takes_to_propose(s):
    for more, field in (
        ({"authority": " "}, "authority"),
        ({"reason": ""}, "reason"),
        ({"authority": "长" * 101}, "authority"),
        ({"reason": "长" * 301}, "reason"),
        ({"entries": range(1, 53)}, "entries"),
        ({"entries": [9**18]}, "entries"),
    ):
        with pytest.raises(Refused) as refused:
            propose(s, **more)
        assert refused.value.field == field
    with pytest.raises(PermissionDenied):
        propose(s, by=s.d.chair)
    appoint(s.a.person, Office.PERSONNEL_OFFICE)
    with pytest.raises(Refused, match="自己的星"):
        propose(s, by=s.a.person)


def test_entries_are_the_winners_own_of_the_half_year_and_stand(s):
    own = make_entry(s.a.person, "0.5", DAY, source="report:1:2026-03-05")
    others = [
        make_entry(s.b.person, "0.5", DAY, source="report:2:2026-03-05"),
        make_entry(s.a.person, "0.5", DAY.replace(year=2025), source="report:3:2025-03-05"),
        make_entry(s.d.one, "0.5", DAY, source="report:4:2026-03-05"),
    ]
    for one in others:
        with pytest.raises(Refused, match="请刷新后再选"):
            propose(s, entries=[one.pk])
    assert propose(s, entries=[own.pk, own.pk]).entries == [own.pk]
    award = Award.objects.get(nomination=s.section)
    assert list(revocations.entries_of(award)) == [others[2]]


def test_approval_strikes_the_star_in_a_new_edition_and_tells_everybody_concerned(s):
    row = approve(s, propose(s))
    assert (row.state, row.decided_by) == ("approved", s.d.chair)
    assert Award.objects.with_revoked().get(pk=s.award.pk).revoked
    assert s.award not in Award.objects.standing() and Award.objects.standing().count() == 2
    first, second = Publication.objects.order_by("edition")
    assert first.body == s.publication.body and first.digest != second.digest
    struck = {"on": "2026-07-13", "authority": row.authority}
    number = s.award.number

    def of(body, key="counts"):
        return next(one for one in body[key] if one["number"] == number)

    assert "revoked" not in of(first.body) and of(second.body)["revoked"] == struck
    star = next(one for one in second.body["stars"] if one["key"] == "ye")
    assert [one.get("revoked") for one in star["persons"]] == [struck, None]
    assert second.body["changes"] == [
        {
            "edition": 2,
            "on": "2026-07-13",
            "reason": f"撤销{number}，依据部务会纪要〔2026〕9号。",
        }
    ]
    assert second.published_by == s.d.chair
    assert told(f"revocation:{row.pk}:approved") == {s.a.person, s.d.chiefs[0]}
    assert told(f"revocation:{row.pk}:approved:office") == set(s.d.personnel)
    assert AuditEntry.objects.get(act="award.revoked").after["edition"] == 2
    assert AuditEntry.objects.get(act="result.republish").before == {"digest": first.digest}
    for again_ in (approve, lambda s, row: propose(s)):
        with pytest.raises(Refused):
            again_(s, row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.filter(pk=row.pk).update(state="refused")


def test_another_revocation_makes_a_third_edition_that_keeps_the_second(s):
    approve(s, propose(s))
    approve(s, propose(s, Award.objects.get(nomination=s.b)))
    last = Publication.objects.get(edition=3)
    assert [change["edition"] for change in last.body["changes"]] == [2, 3]
    assert sum("revoked" in one for one in last.body["counts"]) == 2


def test_an_edition_of_old_is_struck_as_well(s):
    """Bodies from before there were editions lack their keys."""
    body = {key: value for key, value in s.publication.body.items() if key != "changes"}
    old = Publication(
        unit=s.d.unit,
        round=s.round,
        edition=2,
        body=body,
        digest="0" * 64,
        published_at=s.publication.published_at,
    )
    old.save()
    new = results.republish(s.round, by=s.d.chair, reason="勘误")
    assert new.edition == 3 and new.body["changes"][0]["reason"] == "勘误"


def test_points_that_rest_on_the_same_wrong_go_with_it_or_nothing_does(s, monkeypatch):
    report = make_entry(s.a.person, "0.5", DAY, source="report:1:2026-03-05")
    row = propose(s, entries=[report.pk])
    with pytest.raises(Refused, match="请先到日报更正"):
        approve(s, row)
    row.refresh_from_db()
    assert row.state == "proposed" and Publication.objects.count() == 1
    make_entry(s.a.person, "-0.5", DAY, source=report.source, reverses=report)
    approve(s, row)
    assert AuditEntry.objects.get(act="award.revoked").after["entries"] == []
    assert PointEntry.objects.filter(reverses=report).count() == 1


def test_nobody_decides_on_their_own(s):
    row = propose(s)
    for person in (s.office, s.d.leader):
        with pytest.raises(PermissionDenied):
            approve(s, row, person)
    appoint(s.office, Office.COMMITTEE_CHAIR)
    with pytest.raises(Refused, match="提出人不能批准"):
        approve(s, row, s.office)
    appoint(s.a.person, Office.COMMITTEE_CHAIR)
    with pytest.raises(Refused, match="自己的星"):
        approve(s, row, s.a.person)
    for colleague in (s.d.officers[0][1], s.d.chiefs[0]):
        appoint(colleague, Office.COMMITTEE_CHAIR)
        with pytest.raises(Refused, match="同一科室"):
            approve(s, row, colleague)


def test_who_heads_the_section_without_being_in_it_is_of_it(s):
    row = propose(s, Award.objects.get(nomination=s.section))
    head = make_staff(s.d.unit)
    appoint(head, Office.COMMITTEE_CHAIR)
    appoint(head, Office.SECTION_CHIEF, section=s.d.one)
    with pytest.raises(Refused, match="同一科室"):
        approve(s, row, head)


def test_a_refusal_has_its_reason_and_leaves_the_way_open(s):
    row = propose(s)
    with pytest.raises(Refused, match="不批准的理由") as refused:
        revocations.refuse(row.pk, by=again(s.d.chair), answer=" ")
    assert refused.value.field == "answer"
    row = revocations.refuse(row.pk, by=again(s.d.chair), answer="证据不足")
    assert (row.state, row.answer) == ("refused", "证据不足")
    assert told(f"revocation:{row.pk}:refused:office") == set(s.d.personnel)
    assert Award.objects.standing().count() == 3
    assert propose(s).pk != row.pk
