"""The minutes: drafted from what happened, worded, confirmed, printed; who may not read what."""

import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.db import Error, transaction
from django.urls import reverse
from django.utils import translation

from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice
from stars import minutes as drafting
from stars.actions import boxes, minutes, sittings, votes, written
from stars.exports import minutes as paper
from stars.models import Meeting, Minutes
from tests.factories import again
from tests.stars import acts

pytestmark = pytest.mark.django_db


def words_of(raw: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(raw)).read("word/document.xml").decode()


def held(clock, **more):
    """A meeting of everything minutes tell of: somebody absent with a written word, one who left,
    a ballot that failed, one reconsidered, a tie settled."""
    s = acts.at_committee(clock, places=1, recusals=["charge"], tie_order=[], **more)
    s.office, s.away, s.absent = again(s.d.personnel[0]), s.d.leader, s.d.members[1]
    acts.arrange(s, place="三楼会议室", recorder=s.d.personnel[1], scrutineer=s.d.members[0])
    acts.attend(s, absent=[s.absent])
    meeting = acts.meeting_of(s)
    written.record(meeting.pk, by=s.office, staff=s.absent, nomination=s.b, text="同意推荐")
    box = acts.open_item(s, s.a)
    boxes.void(box.pk, by=s.office, reason="网络中断")
    acts.decide(s, s.a)
    wanted = [one.pk for one in s.d.committee if one not in (s.away, s.absent)]
    boxes.reconsider(s.a.pk, by=s.office, supporters=wanted, reason="有新情况")
    acts.cast_all(s)
    acts.close_box(s)
    acts.decide(s, s.b)
    present = {one.pk for one in s.d.committee} - {s.absent.pk, s.d.other_leader.pk}
    absences = {s.absent.pk: "出差", s.d.other_leader.pk: "接待"}
    seen = acts.meeting_of(s).version
    with_ = {"present": present, "absences": absences}
    sittings.record_attendance(meeting.pk, by=s.office, seen=seen, **with_)
    back = {"present": present | {s.d.other_leader.pk}, "absences": {s.absent.pk: "出差在外"}}
    sittings.record_attendance(meeting.pk, by=s.office, seen=acts.meeting_of(s).version, **back)
    acts.decide(s, s.section, lambda person: "defer" if person == s.d.members[0] else "for")
    with_["absences"] = absences | {s.absent.pk: "出差在外"}
    sittings.record_attendance(meeting.pk, by=s.office, seen=acts.meeting_of(s).version, **with_)
    votes.settle(
        s.round.pk, by=again(s.d.chair), star="ye", kind="person", winners=[s.b.pk], reason="任务重"
    )
    s.meeting = Meeting.objects.get()
    return s


def close(s):
    seen = acts.meeting_of(s).version
    sittings.close(s.meeting.pk, by=s.office, seen=seen)


def test_the_draft_says_what_happened_and_the_paper_says_the_same(clock):
    s = held(clock, secret=True)
    with pytest.raises(Refused, match="散会后"):
        minutes.draft(s.meeting.pk, by=s.office)
    close(s)
    with translation.override("en"):
        body = minutes.draft(s.meeting.pk, by=s.office).body
    came = body["attendance"]
    assert (came["entitled"], came["present"], came["quorum"]) == (5, 4, True)
    assert came["away"] == [{"name": s.absent.name, "reason": "出差在外"}]
    assert came["left"] == [{"name": s.d.other_leader.name, "reason": "接待"}]
    a, b, section = body["items"]
    assert [one["state"] for one in a["ballots"]] == ["void", "closed", "closed"]
    assert a["ballots"][0]["why"] == "网络中断"
    assert (a["ballots"][2]["reconsidered"], len(a["ballots"][2]["supporters"])) == ("有新情况", 3)
    assert a["recused"] == [{"name": s.away.name, "why": "本人分管推荐的科室，回避"}]
    ballot = section["ballots"][0]
    counts = {k: ballot[k] for k in ("entitled", "present", "recused", "for", "defer")}
    assert counts == {"entitled": 5, "present": 4, "recused": 1, "for": 2, "defer": 1}
    assert "votes" not in b["ballots"][0], "a secret ballot names nobody"
    assert [one["result"] for one in body["items"]] == ["passed", "passed", "failed"]
    assert body["ties"][0]["winners"] == [s.b.person.name]
    assert body["written"][0]["text"] == "同意推荐"
    # The same meeting gives the same minutes, whoever asks and when: even once it is publicised.
    acts.push(s)
    assert drafting.body_of(Meeting.objects.get()) == body

    found = Minutes.objects.get()
    text = words_of(paper.word(found))
    for said in (
        *("应到5人，实到4人，达到法定人数（须到4人）", "中途离会", "出差在外", "网络中断"),
        *("系复议", "有新情况", "取得名额，理由：任务重", "书面意见（不计票）：同意推荐"),
        *("无记名", "主持人（签字）", "监票人（签字）", "尚未经主持人确认", s.a.person.name),
    ):
        assert said in text, said
    assert "记名表决情况" not in text
    assert paper.word(found) == paper.word(found)


def test_open_ballots_name_who_said_what(clock):
    s = held(clock)
    close(s)
    found = minutes.draft(s.meeting.pk, by=s.office)
    ballot = found.body["items"][2]["ballots"][0]
    assert {"name": s.d.members[0].name, "choice": "defer"} in ballot["votes"]
    assert "记名表决情况" in words_of(paper.word(found))


def test_a_meeting_that_was_adjourned_tells_of_its_own_items_only(clock):
    s = acts.at_committee(clock, places=2)
    s.office = again(s.d.personnel[0])
    acts.attend(s)
    acts.decide(s, s.a, "defer")
    acts.decide(s, s.b, "against")
    first = acts.meeting_of(s)
    sittings.adjourn(first.pk, by=s.office, reason="天晚了", seen=first.version)
    day = acts.clock.today()
    sittings.call(s.round.pk, by=s.office, held_on=day, place="三楼", reason="议余下的")
    acts.attend(s)
    acts.decide(s, s.a)
    acts.decide(s, s.section)
    one, two = (drafting.body_of(meeting) for meeting in Meeting.objects.order_by("number"))
    assert [i["result"] for i in one["items"]] == ["deferred", "failed"]
    assert [i["nominee"] for i in two["items"]] == [s.a.person.name, s.d.one.name]
    assert one["adjourned"] == "天晚了" and "休会：天晚了" in words_of(
        paper.word(Minutes(meeting=first, body=one, drafted_at=acts.clock.now()))
    )


def test_worded_by_the_office_confirmed_by_who_presided_and_then_they_stand(clock):
    s = held(clock, secret=True)
    chair, key = again(s.d.chair), s.meeting.pk
    with pytest.raises(Refused, match="还没有起草"):
        minutes.word(key, by=s.office, text="x", seen=0)
    with pytest.raises(Refused, match="还没有起草"):
        minutes.on_paper(key, by=s.office)
    close(s)
    with pytest.raises(PermissionDenied):
        minutes.draft(key, by=chair)
    found = minutes.draft(key, by=s.office)
    assert Notice.objects.filter(to=chair, key=f"minutes:{found.pk}").count() == 1
    with pytest.raises(PermissionDenied):
        minutes.word(key, by=chair, text="x", seen=0)
    with pytest.raises(Refused, match="5000"):
        minutes.word(key, by=s.office, text="长" * 5001, seen=0)
    found = minutes.word(key, by=s.office, text=" 会议强调\x00。 ", seen=0)
    assert (found.text, found.version) == ("会议强调。", 1)
    with pytest.raises(Stale):
        minutes.word(key, by=s.office, text="y", seen=0)
    # Drafted again the words stay.
    assert minutes.draft(key, by=s.office).text == "会议强调。"

    for person in (s.office, again(s.d.members[0])):
        with pytest.raises(PermissionDenied):
            minutes.confirm(key, by=person, seen=2)
    with pytest.raises(Stale):
        minutes.confirm(key, by=chair, seen=1)
    Minutes.objects.update(body=found.body | {"place": "别处"})
    with pytest.raises(Refused, match="重新起草"):
        minutes.confirm(key, by=chair, seen=2)
    minutes.draft(key, by=s.office)
    found = minutes.confirm(key, by=chair, seen=3)
    assert found.digest == drafting.digest_of(found.body, found.text)
    assert found.digest in words_of(minutes.on_paper(key, by=again(s.d.members[0])))
    for again_ in (
        lambda: minutes.draft(key, by=s.office),
        lambda: minutes.word(key, by=s.office, text="z", seen=found.version),
        lambda: minutes.confirm(key, by=chair, seen=found.version),
    ):
        with pytest.raises(Refused, match="不再更改"):
            again_()
    with pytest.raises(Error), transaction.atomic():
        Minutes.objects.update(text="改了")
    acts_ = set(AuditEntry.objects.filter(act__startswith="minutes").values_list("act", flat=True))
    assert acts_ == {"minutes.draft", "minutes.word", "minutes.confirm", "minutes.export"}


def test_a_clock_that_drafted_nobody_is_told_nobody(clock):
    """Minutes of a meeting nobody was named to preside over, drafted by a program."""
    s = held(clock)
    close(s)
    Meeting.objects.update(chair=None)
    found = minutes.draft(s.meeting.pk, by=s.office)
    assert not Notice.objects.filter(key=f"minutes:{found.pk}").exists()
    Meeting.objects.update(chair=s.d.chair)
    minutes.draft(s.meeting.pk, by=s.office)
    Minutes.objects.update(drafted_by=None)
    minutes.confirm(s.meeting.pk, by=again(s.d.chair), seen=1)
    assert not Notice.objects.filter(key__endswith=":confirmed").exists()


def test_the_page_from_nothing_to_confirmed(client, clock):
    s = held(clock, secret=True)
    page = reverse("stars:minutes_detail", args=[s.meeting.pk])

    def see(person):
        client.force_login(again(person))
        return client.get(page)

    def send(person, name, **data):
        client.force_login(again(person))
        address = reverse(f"stars:minutes_{name}", args=[s.meeting.pk])
        return client.post(address, data | acts.idem())

    assert "散会后才能起草" in see(s.office).content.decode()
    assert send(s.office, "draft").status_code == 422
    close(s)
    assert send(s.office, "draft").status_code == 302
    assert send(s.d.chair, "draft").status_code == 403
    body = see(s.d.members[0]).content.decode()
    assert s.a.person.name in body and "同意推荐" in body and "起草纪要" not in body
    # Who stands back reads no name of it, nor takes it away on paper, before the result is public.
    hidden = see(s.away)
    assert s.a.person.name not in hidden.content.decode() and hidden.context["hidden"] == 2
    assert send(s.away, "file").status_code == 422
    assert send(s.office, "word", text="会议强调。", seen=0).status_code == 302
    stale = send(s.office, "word", text="没有存上的话", seen=0)
    assert stale.status_code == 409 and "没有存上的话" in stale.content.decode()
    assert send(s.d.members[0], "confirm", seen=1).status_code == 403
    assert send(s.d.chair, "confirm", seen=1).status_code == 302
    file = send(s.d.members[0], "file")
    assert file.status_code == 200 and "docx" in file["Content-Disposition"]
    acts.push(s)
    assert s.a.person.name in see(s.away).content.decode()
    assert see(s.d.officers[0][1]).status_code == 403
