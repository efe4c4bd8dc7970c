"""What office, chair, members and the room see of a meeting, and what none of them may."""

import pytest
from django.urls import reverse

from stars import duties
from stars.models import Box, Elector, Meeting, Vote, WrittenOpinion
from stars.room import Room
from tests.factories import again, make_nomination, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def s(clock):
    """Before the committee, the leader in charge of the first section standing back from it."""
    s = acts.at_committee(clock, places=1, secret=True, recusals=["charge"], tie_order=[])
    s.office, s.member = s.d.personnel[0], s.d.members[0]
    # Has section one in charge, whose officer a is.
    s.away = s.d.leader
    return s


def url(name, s, pk=None):
    return reverse(f"stars:{name}", args=[pk or s.round.pk])


def see(client, person, address, **more):
    client.force_login(again(person))
    return client.get(address, **more)


def send(client, person, address, **data):
    client.force_login(again(person))
    return client.post(address, data | acts.idem())


def seen(s):
    return acts.meeting_of(s).version


def hold(s, *, absent=()):
    acts.arrange(s, place="三楼会议室", held_on=acts.clock.today())
    acts.attend(s, absent=absent)
    return acts.meeting_of(s)


def console(client, s, person=None):
    return see(client, person or s.office, url("meeting", s))


def test_the_console_says_what_is_next_from_arranging_to_the_minutes(client, s):
    """One meeting led from the pages alone, by the office and a chair."""
    meeting = acts.meeting_of(s)
    assert console(client, s).context["step"] == "arrange"
    data = {"held_on": "2026-07-06", "place": "三楼会议室", "chair": s.d.chair.pk}
    arrange = url("meeting_arrange", s, meeting.pk)
    wrong = send(client, s.office, arrange, **data | {"place": "", "seen": seen(s)})
    assert wrong.status_code == 422
    refused = send(client, s.office, arrange, **data, seen=seen(s), teller=s.d.chair.pk)
    assert refused.status_code == 422 and "不能兼任" in refused.content.decode()
    assert send(client, s.office, arrange, **data, seen=99).status_code == 409
    assert send(client, s.office, arrange, **data, seen=seen(s)).status_code == 302
    assert console(client, s).context["step"] == "attend"

    came = {f"came-{person.pk}": "yes" for person in s.d.committee}
    address = url("attendance", s)
    assert see(client, s.office, address).status_code == 200
    few = came | {f"came-{one.pk}": "no" for one in s.d.committee[2:]}
    assert send(client, s.office, address, **few, seen=seen(s)).status_code == 422
    few |= {f"absence-{one.pk}": "出差" for one in s.d.committee[2:]}
    assert send(client, s.office, address, **few, seen=seen(s)).status_code == 302
    assert console(client, s).context["step"] == "quorum"
    assert send(client, s.office, address, **came, seen=seen(s)).status_code == 302
    assert send(client, s.office, address, **came, seen=1).status_code == 409
    assert console(client, s).context["step"] == "begin"

    begin = url("meeting_begin", s, meeting.pk)
    assert send(client, s.d.chair, begin, seen=99).status_code == 409
    assert send(client, s.d.chair, begin, seen=seen(s)).status_code == 302
    shown = console(client, s)
    assert shown.context["step"] == "open" and "开始第1项表决" in shown.content.decode()
    opened = send(client, s.office, url("box_open", s, s.a.pk), seen=seen(s))
    assert opened.status_code == 302
    again_ = send(client, s.office, url("box_open", s, s.b.pk), seen=seen(s))
    assert again_.status_code == 409
    box = Box.objects.get()
    close = url("box_close", s, box.pk)
    assert "还有4人没有投" in console(client, s).content.decode()
    assert send(client, s.office, close).status_code == 409

    # Something went wrong: void, and put again.
    assert send(client, s.office, url("box_void", s, box.pk), reason="").status_code == 422
    void = send(client, s.office, url("box_void", s, box.pk), reason="投影看不清\x00")
    assert void.status_code == 302
    acts.decide(s, s.a)
    body = console(client, s).content.decode()
    assert "作废1次" in body and "同意4" in body

    # 复议: the members who want it are ticked.
    again_url = url("box_reconsider", s, s.a.pk)
    assert send(client, s.d.chair, again_url, reason="有新情况").status_code == 422
    wanted = [one.pk for one in s.d.committee if one != s.away]
    done = send(client, s.d.chair, again_url, reason="有新情况", supporters=wanted)
    assert done.status_code == 302
    acts.cast_all(s)
    acts.close_box(s)

    # The rest another day.
    adjourn = url("meeting_adjourn", s, meeting.pk)
    assert send(client, s.office, adjourn, reason="", seen=seen(s)).status_code == 422
    assert send(client, s.office, adjourn, reason="有急事", seen=seen(s)).status_code == 302
    assert console(client, s).context["step"] == "call"
    call = {"place": "三楼会议室", "reason": "议余下各项"}
    assert send(client, s.office, url("meeting_call", s), **call).status_code == 422
    call["held_on"] = "2026-07-07"
    assert send(client, s.office, url("meeting_call", s), **call).status_code == 302
    acts.attend(s)
    acts.decide(s, s.b, "against")
    acts.decide(s, s.section)
    assert console(client, s).context["step"] == "close"
    second = acts.meeting_of(s)
    done = send(client, s.office, url("meeting_close", s, second.pk), seen=seen(s))
    assert done.status_code == 302
    shown = console(client, s)
    assert shown.context["step"] == "decided" and "会议纪要" in shown.content.decode()
    assert "手动转入" in shown.content.decode()


def test_who_may_lead_and_who_may_not(client, s):
    """The office, the chair, and a member who presides in the chair's stead; nobody else."""
    assert console(client, s, s.member).status_code == 403
    hold(s, absent=[s.d.chair])
    presiding = acts.meeting_of(s).chair
    assert presiding != s.d.chair
    assert console(client, s, presiding).status_code == 200
    assert see(client, presiding, url("tie", s)).status_code == 200
    bystander = next(one for one in s.d.members if one != presiding)
    assert see(client, bystander, url("tie", s)).status_code == 403
    forbidden = send(client, bystander, url("box_open", s, s.a.pk), seen=seen(s))
    assert forbidden.status_code == 403 and not Box.objects.exists()
    assert see(client, s.d.chair, url("attendance", s)).status_code == 403
    # An officer has no business here.
    for name in ("meeting", "committee", "sitting", "tie"):
        assert see(client, s.d.officers[0][1], url(name, s)).status_code == 403, name


def test_a_member_votes_on_the_open_item_and_learns_nothing(client, s):
    waiting = see(client, s.member, url("committee", s))
    assert waiting.context["stage"] == "before"
    late = s.d.members[1]
    hold(s, absent=[late])
    assert see(client, s.member, url("committee", s)).context["stage"] == "between"
    assert duties.of(s.round, s.member)[0].waits is False
    box = acts.open_item(s, s.a)
    shown = see(client, s.member, url("committee", s))
    assert shown.context["stage"] == "vote" and "确认投“缓议”" in shown.content.decode()
    assert duties.of(s.round, s.member)[0].act == "投票"
    # The chair votes last.
    assert see(client, s.d.chair, url("committee", s)).context["stage"] == "waits"
    early = send(client, s.d.chair, url("vote_cast", s, box.pk), choice="for")
    assert early.status_code == 422 and "最后表决" in early.content.decode()

    # A half-made choice stays while others vote: the page is not redrawn.
    mark = shown.context["mark"]
    acts.cast_all(s, people=[s.d.other_leader])
    polled = see(client, s.member, url("committee", s) + f"?seen={mark}", headers=HTMX)
    assert polled.status_code == 204 and not polled.content

    address = url("vote_cast", s, box.pk)
    assert send(client, s.member, address).status_code == 422
    assert send(client, s.member, address, choice="\x00").status_code == 422
    assert send(client, s.member, address, choice="defer").status_code == 302
    twice = send(client, s.member, address, choice="for")
    assert twice.status_code == 409
    after = see(client, s.member, url("committee", s))
    assert after.context["stage"] == "voted" and "已投票" in after.content.decode()
    assert Elector.objects.get(staff=s.member).has_voted and not Vote.objects.exists()
    part = see(client, s.member, url("committee", s) + "?seen=other", headers=HTMX)
    assert part.templates[0].name == "stars/_committee_room.html"

    # Who was not there waits outside; who is no member neither votes nor is asked to.
    assert see(client, late, url("committee", s)).context["stage"] == "absent"
    assert see(client, s.office, url("committee", s)).context["stage"] == "watches"


def test_every_choice_gets_the_same_answer(client, s):
    """Bytes of the answer and of the page after it, but for the keys of forms."""
    hold(s)
    answers = []
    for number, choice in enumerate(("for", "for", "against", "abstain", "defer")):
        box = acts.open_item(s, s.a)
        posted = send(client, s.member, url("vote_cast", s, box.pk), choice=choice)
        page = client.get(url("committee", s))
        answers.append((posted.status_code, len(posted.content), len(page.content)))
        send(client, s.office, url("box_void", s, box.pk), reason="试投")
        assert Box.objects.count() == number + 1
    # The first one's page had no word left over from the trial before.
    assert len(set(answers[1:])) == 1, answers


PARTIAL = ("votes_for", "同意3", "同意2", "同意1", "不同意1", "弃权1", "缓议1")


def test_nothing_of_an_open_ballot_is_on_any_page(client, s):
    hold(s)
    acts.open_item(s, s.b)
    acts.cast_all(s, people=s.d.members)
    for name in ("committee", "sitting", "meeting"):
        for headers in ({}, HTMX):
            body = see(client, s.office, url(name, s), headers=headers).content.decode()
            assert not [word for word in PARTIAL if word in body], name
    screen = see(client, s.d.chair, url("sitting", s))
    assert (screen.context["room"].cast, len(screen.context["room"].due)) == (2, 4)


def test_an_item_is_hidden_from_whom_it_concerns_everywhere(client, s):
    """Neither name nor count, on the phone, the console, the wall, in tie and minutes."""
    hold(s)
    name = s.a.person.name
    pages = [url("committee", s), url("sitting", s), url("sitting", s) + "?item=1"]
    pages += [url("sitting", s) + "?item=list"]

    def read(person):
        return [see(client, person, page).content.decode() for page in pages]

    before = read(s.away)
    assert all(name not in body for body in before) and "2项您须回避" in before[0]
    assert all(name in body for body in read(s.member)[2:])
    box = acts.open_item(s, s.a)
    assert "本项您须回避，请离席" in read(s.away)[0]
    assert all(name not in body for body in read(s.away))
    refused = send(client, s.away, url("vote_cast", s, box.pk), choice="for")
    assert refused.status_code == 422 and name not in refused.content.decode()
    acts.decide(s, s.a)
    assert all(name not in body for body in read(s.away))
    assert "同意4" in read(s.member)[0]

    # A chair who stands back leads the others, and not this one.
    assert [item.hidden for item in Room(s.round, s.away).items] == [True, False, True]
    acts.arrange(s, chair=s.away)
    body = console(client, s, s.away).content.decode()
    assert name not in body and "您须回避" in body
    assert send(client, s.away, url("box_open", s, s.section.pk), seen=seen(s)).status_code == 404


def test_the_wall_follows_the_meeting(client, s):
    screen = url("sitting", s)
    assert see(client, s.office, screen).context["view"] == "list"
    hold(s)
    acts.open_item(s, s.a)
    shown = see(client, s.office, screen)
    assert shown.context["item"].nomination == s.a and "通过须得3票" in shown.content.decode()
    assert "分管" in shown.content.decode()
    mark = shown.context["mark"]
    assert see(client, s.office, f"{screen}?seen={mark}", headers=HTMX).status_code == 204
    acts.cast_all(s, people=[s.member])
    moved = see(client, s.office, f"{screen}?seen={mark}", headers=HTMX)
    assert moved.templates[0].name == "stars/_committee_screen.html"
    acts.decide(s, s.a)
    result = see(client, s.office, screen)
    assert result.context["item"].nomination == s.a and "通过" in result.content.decode()
    last = see(client, s.office, screen + "?item=99")
    assert (last.context["previous"], last.context["following"]) == (2, None)
    assert see(client, s.office, screen + "?item=x").context["item"].nomination == s.a
    acts.vote(s)
    assert see(client, s.office, screen).context["view"] == "list"


def test_written_opinions_are_entered_and_not_counted(client, s):
    meeting = hold(s, absent=[s.member])
    address = url("written_record", s, meeting.pk)
    assert send(client, s.office, address, text="同意").status_code == 422
    data = {"staff": s.member.pk, "nomination": s.b.pk, "text": "同意推荐\x00。"}
    assert send(client, s.office, address, **data).status_code == 302
    assert WrittenOpinion.objects.get().text == "同意推荐。"
    assert "同意推荐。" in console(client, s).content.decode()
    whole = send(client, s.office, address, staff=s.member.pk, text="都同意")
    assert whole.status_code == 302
    assert send(client, s.d.chair, address, **data).status_code == 403


def test_a_tie_is_settled_from_the_page(client, s):
    hold(s)
    acts.decide(s, s.a)
    acts.decide(s, s.b)
    acts.decide(s, s.section)
    assert "还没有可裁定的" not in see(client, s.d.chair, url("tie", s)).content.decode()
    shown = console(client, s, s.d.chair)
    assert shown.context["step"] == "tie" and "去裁定" in shown.content.decode()
    ties = see(client, s.d.chair, url("tie", s)).context["ties"]
    assert [one.pk for one in ties[0]["level"]] == [s.a.pk, s.b.pk]
    data = {"star": "ye", "kind": "person", "winners": [s.b.pk, "9" * 30]}
    refused = send(client, s.d.chair, url("tie", s), **data, reason="")
    assert refused.status_code == 422 and "checked" in refused.content.decode()
    assert send(client, s.d.chair, url("tie", s), **data, reason="任务更重").status_code == 302
    assert "任务更重" in see(client, s.d.chair, url("tie", s)).content.decode()


def test_before_and_after_the_pages_lead_on(client, clock):
    s = acts.in_publicity(clock)
    s.office = s.d.personnel[0]
    meeting = Meeting.objects.get()
    for name in ("committee", "sitting", "meeting"):
        answer = see(client, s.d.chair, url(name, s))
        assert answer["Location"] == url("round_detail", s), name
    for name in ("attendance", "tie"):
        assert see(client, s.office, url(name, s)).status_code == 404
    assert send(client, s.office, url("meeting_begin", s, meeting.pk)).status_code == 404
    box = Box.objects.first()
    assert send(client, s.d.chair, url("vote_cast", s, box.pk), choice="for").status_code == 409
    assert send(client, s.office, url("box_close", s, box.pk)).status_code == 409


def test_an_empty_meeting_has_its_pages(client, clock):
    s = acts.at_committee(clock, mark="against")
    s.office = s.d.personnel[0]
    assert "没有上会的提名" in see(client, s.d.chair, url("committee", s)).content.decode()
    assert "没有上会的提名" in see(client, s.d.chair, url("sitting", s)).content.decode()
    assert console(client, s).context["step"] == "empty"


def test_the_pages_cost_the_same_for_three_items_and_for_thirty(client, s):
    from stars.models import BranchOutcome

    hold(s)
    acts.open_item(s, s.b)
    pages = {"committee": s.d.chair, "sitting": s.d.chair, "meeting": s.office}
    costs = {}

    def cost(name):
        with acts.counting_queries() as asked:
            assert client.get(url(name, s)).status_code == 200
        return len(asked)

    for name, person in pages.items():
        client.force_login(again(person))
        cost(name)
        costs[name] = cost(name)
    template = BranchOutcome.objects.get(nomination=s.b)
    for _n in range(30):
        person = make_staff(section=s.d.one, branch=s.d.branches[0])
        one = make_nomination(s.round, person, star="geng", state="at_committee")
        template.pk, template.nomination = None, one
        template._state.adding = True
        template.save()
        acts.make_dossier(one)
    for name, person in pages.items():
        client.force_login(again(person))
        cost(name)
        assert cost(name) == costs[name], name
