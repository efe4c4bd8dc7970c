"""What one stands back from is nowhere: strings planted in it are looked for on every page."""

import io
import zipfile
from itertools import product

import pytest
from django.urls import get_resolver, reverse

from scheme.actions import kinship
from stars import dossiers, recusal
from stars.actions import branch_records, opinions
from stars.models import Meeting, Nomination, Recusal, Seat
from tests.factories import again, make_nomination, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db

NAME, SAID, DEED, COMMENT = "金丝雀甲", "金丝雀乙的理由", "金丝雀丙的事", "金丝雀丁的意见"
CANARIES = (NAME, SAID, DEED, COMMENT)
# People are found by name by everybody; that is no word of a nomination.
BY_NAME = {"desk:search"}


def addresses(s):
    """Every route of the stars and the desk, on the things of this round that it can be about."""
    things = {
        "rounds": [s.round.pk],
        "wall": [s.round.pk],
        "nominations": [s.hidden.pk, s.a.pk],
        "recusals": list(Recusal.objects.filter(nomination=s.hidden).values_list("pk", flat=True)),
        "sittings": list(Meeting.objects.filter(round=s.round).values_list("pk", flat=True)),
    }
    for app in ("stars", "desk"):
        _prefix, resolver = get_resolver().namespace_dict[app]
        for pattern in resolver.url_patterns:
            place = str(pattern.pattern).partition("/")[0]
            values = {"branch": [branch.pk for branch in s.d.branches]}
            values["pk"] = things.get(place, [s.hidden.pk])
            arguments = [values.get(one, [1]) for one in pattern.pattern.converters]
            for chosen in product(*arguments):
                yield f"{app}:{pattern.name}", reverse(f"{app}:{pattern.name}", args=chosen)


def plant(clock):
    s = acts.nominating(clock)
    nominee = make_staff(section=s.d.one, branch=s.d.branches[0], name=NAME)
    s.hidden = make_nomination(s.round, nominee, star="geng", state="submitted", statement=SAID)
    rule = {"title": DEED, "kind": "bonus", "count": 9, "counted": "0.45"}
    acts.make_dossier(s.hidden, **(dossiers.build(s.hidden) | {"rules": [rule]}))
    # One who only evaluates in the branch, one who only sits on the committee.
    s.of_branch, s.of_committee = s.d.officers[2][1], s.d.members[0]
    for person in (s.of_branch, s.of_committee):
        kinship.declare(person.pk, by=again(person), relative=nominee.pk, relation="in_law")
    acts.push(s)
    s.hidden.refresh_from_db()
    return s


def found_by(client, person, s, only=()) -> set[tuple[str, str]]:
    """(route, canary) for everything the person is shown."""
    client.force_login(person)
    seen, shown = set(), set()
    for name, url in addresses(s):
        if only and name not in only:
            continue
        answer = client.get(url, {"q": NAME} if name in BY_NAME else {})
        if answer.status_code != 200 or answer.streaming:
            continue
        shown.add(name)
        wanted = CANARIES[1:] if name in BY_NAME else CANARIES
        seen |= {(name, one) for one in wanted if one in answer.content.decode()}
    assert only or len(shown) > 8
    return seen


def test_in_the_branch(client, clock):
    s = plant(clock)
    opinions.give(
        s.hidden.pk, by=again(s.d.chair), mark="for", seen=s.hidden.version, comment=COMMENT
    )
    other = s.d.officers[2][2]
    opinions.give(s.hidden.pk, by=again(other), mark="for", seen=s.hidden.version)
    # The control: who evaluates is shown all of it.
    shown = found_by(client, other, s, only=("stars:branch", "stars:nomination_detail"))
    assert {canary for _name, canary in shown} == set(CANARIES)
    assert found_by(client, s.of_branch, s) == set()
    url = reverse("stars:branch", args=[s.round.pk])
    assert client.get(url).context["total"] == 2
    listed = client.get(reverse("stars:nomination_list", args=[s.round.pk]))
    assert s.hidden not in listed.context["page"].object_list


def test_the_record_of_the_meeting_waits_with_its_words(client, clock):
    s = plant(clock)
    secretary = s.d.secretaries[0]
    branch_records.save(
        s.round.pk,
        s.d.branches[0].pk,
        by=again(secretary),
        seen=None,
        held_on=s.round.stage_since.date(),
        place="一会议室",
        host=secretary.pk,
        recorder=s.d.chair.pk,
        present={secretary.pk, s.d.chair.pk},
        text=f"大家议论了{NAME}。",
    )
    url = reverse("stars:branch_record", args=[s.round.pk, s.d.branches[0].pk])
    word = reverse("stars:branch_record_word", args=[s.round.pk, s.d.branches[0].pk])

    def paper(person):
        client.force_login(person)
        with zipfile.ZipFile(io.BytesIO(client.post(word).content)) as file:
            return client.get(url).content.decode() + file.read("word/document.xml").decode()

    def read(person):
        text = paper(person)
        items = client.get(url).context["record"].items
        return f"议论了{NAME}" in text, s.hidden in [item.nomination for item in items]

    assert read(s.d.chair) == (True, True)
    assert read(s.of_branch) == (False, False)
    # Nor does the nominee read how one's own nomination went while it goes on.
    assert read(s.hidden.person) == (False, False)
    acts.judge(s)
    acts.push(s)
    # The branch's stage is over, and the member of the branch no member of the committee.
    assert read(s.of_branch) == (True, True)
    # The other is no member of this branch, but of the committee: the words wait for that too.
    assert read(s.of_committee) == (False, False)


def test_in_the_committee(client, clock):
    s = plant(clock)
    acts.judge(s)
    acts.push(s)
    s.hidden.refresh_from_db()
    assert s.hidden.pk in recusal.of(s.round, "committee")
    shown = found_by(client, s.d.chair, s, only=("stars:committee", "stars:nomination_detail"))
    assert {NAME, SAID} <= {canary for _name, canary in shown}
    assert found_by(client, s.of_committee, s) == set()


def test_nominee_and_author_keep_their_own_page_without_its_judgement(clock):
    s = plant(clock)
    nominee, author, head = s.hidden.person, s.hidden.made_by, s.d.chiefs[0]
    for person in (nominee, author):
        person = again(person)
        assert s.hidden in Nomination.objects.visible_to(person)
        assert s.hidden not in Nomination.objects.open_to(person)
        assert recusal.is_blind(s.hidden, person) or person == nominee
    assert s.section in Nomination.objects.visible_to(again(head))
    assert not recusal.is_blind(s.hidden, again(s.d.chair))
    # A nominee without a seat stands back from nothing, and still reads no judgement of it.
    Seat.objects.filter(staff=nominee).delete()
    assert s.hidden not in Nomination.objects.open_to(again(nominee))
    acts.judge(s)
    acts.push(s)
    acts.fresh(s)
    s.hidden.refresh_from_db()
    assert not recusal.is_blind(s.hidden, again(s.of_branch))
    Nomination.objects.filter(pk=s.hidden.pk).update(state="closed")
    s.hidden.refresh_from_db()
    assert not recusal.is_blind(s.hidden, again(s.of_committee))
    assert s.hidden in Nomination.objects.visible_to(again(s.of_committee))
