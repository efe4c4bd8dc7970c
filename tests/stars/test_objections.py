import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import Appointment, AuditEntry, Notice
from scheme.offices import Office
from stars import objecting, owing
from stars.actions import objections, stages
from stars.models import (
    Award,
    Box,
    Elector,
    Meeting,
    Objection,
    ObjectionNote,
    Opinion,
    Publication,
    Vote,
)
from tests.factories import again, appoint, make_staff, step_round
from tests.stars import awards_world as world
from tests.stars.awards_world import found, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return world.in_publicity(clock)


def told(key):
    return {notice.to for notice in Notice.objects.filter(key=key)}


def record(s, by=None, **more):
    said = {
        "source": "letter",
        "informant": " 李四 ",
        "contact": "县城南街",
        "text": "次数不对",
    } | more
    return objections.record(s.round.pk, s.a.pk, by=again(by or s.office), **said)


def test_an_objection_reaches_the_office_with_a_number_and_nobody_else(s):
    objection = put(s, text=" 事实不符 ")
    assert (objection.text, objection.raised_by, objection.outcome) == ("事实不符", s.raiser, "")
    assert objection.number == "异〔2026〕上-001"
    assert put(s, s.b, s.other).number == "异〔2026〕上-002"
    key = f"objection:{objection.pk}:raised"
    assert told(key) == set(s.d.personnel)
    assert "事实不符" not in Notice.objects.filter(key=key)[0].text
    line = AuditEntry.objects.filter(act="objection.raise").earliest("pk")
    assert line.after == {"nomination": s.a.pk, "number": objection.number}

    def seen(person):
        return set(Objection.objects.visible_to(again(person)).values_list("number", flat=True))

    assert seen(s.raiser) == {objection.number}
    assert len(seen(s.office)) == 2
    for person in (s.a.person, s.d.chair, s.d.chiefs[0], s.d.leader):
        assert seen(person) == set()


def test_the_office_does_not_see_what_is_about_itself(s):
    appoint(s.a.person, Office.PERSONNEL_OFFICE)
    about_self, about_section = put(s), put(s, s.section)
    other = put(s, s.b)
    assert set(Objection.objects.visible_to(again(s.a.person))) == {other}
    assert told(f"objection:{about_self.pk}:raised") == set(s.d.personnel)
    assert told(f"objection:{about_section.pk}:raised") == set(s.d.personnel)
    own = put(s, s.b, by=s.a.person)
    assert own in Objection.objects.visible_to(again(s.a.person))


@pytest.mark.parametrize(("text", "match"), [("  ", "请写明异议的事实"), ("长" * 1001, "1000字")])
def test_an_objection_says_what_is_wrong(s, text, match):
    with pytest.raises(Refused, match=match) as refused:
        put(s, text=text)
    assert refused.value.field == "text"


def test_who_may_object_to_whom_and_when(s):
    with pytest.raises(Refused, match="公示名单里没有"):
        put(s, s.late)
    with pytest.raises(PermissionDenied):
        put(s, by=make_staff())
    first = put(s)
    with pytest.raises(Refused, match="还在核实") as refused:
        put(s)
    assert refused.value.conflict
    found(first, s.office)
    assert put(s)
    step_round(s.round, "cancelled")
    with pytest.raises(Refused, match="公示已经结束"):
        put(s, s.b)
    with pytest.raises(PermissionDenied):
        record(s, s.raiser)


def test_letters_and_visits_are_written_down_by_the_office(s):
    objection = record(s)
    assert (objection.informant, objection.contact) == ("李四", "县城南街")
    assert (objection.raised_by, objection.recorded_by) == (None, s.office)
    assert AuditEntry.objects.get(act="objection.record").after["number"] == objection.number
    for wrong, match in (
        ({"source": "online"}, "来信或者来访"),
        ({"informant": " "}, "反映人"),
        ({"contact": ""}, "联系方式"),
        ({"contact": "长" * 61}, "60字"),
        ({"text": ""}, "事实"),
    ):
        with pytest.raises(Refused, match=match):
            record(s, **wrong)
    with pytest.raises(PermissionDenied):
        record(s, s.raiser)
    appoint(s.a.person, Office.PERSONNEL_OFFICE)
    with pytest.raises(Refused, match="与本人有关"):
        record(s, s.a.person)
    # Answered by the office itself: nobody is told through the bell.
    found(objection, s.office)
    assert told(f"objection:{objection.pk}:handled") == set()


def test_reading_by_the_office_leaves_a_line(s):
    objection = put(s)
    assert objections.read(objection.pk, by=again(s.raiser)) == objection
    assert not AuditEntry.objects.filter(act="objection.read").exists()
    objections.read(objection.pk, by=again(s.office))
    line = AuditEntry.objects.get(act="objection.read")
    assert (line.actor, line.object_id) == (s.office, str(objection.pk))
    with pytest.raises(Objection.DoesNotExist):
        objections.read(objection.pk, by=again(s.a.person))


def judge(s, person, how):
    """`person` had a part in the judgement of a."""
    at = clocks.now()
    if how == "opinion":
        Opinion.objects.create(nomination=s.a, by=person, mark="for", at=at)
    elif how == "vote":
        Vote.objects.create(nomination=s.a, by=person, choice="for", at=at)
    else:
        meeting = Meeting.objects.create(round=s.round, number=1)
        box = Box.objects.create(
            meeting=meeting, nomination=s.a, secret=True, opened_at=at, opened_by=s.office
        )
        Elector.objects.create(box=box, staff=person, standing=how)


@pytest.mark.parametrize(
    ("who", "match"),
    [
        ("raiser", "自己提出"),
        ("nominee", "与本人有关"),
        ("nominator", "与本人有关"),
        ("colleague", "所在科室"),
        ("opinion", "评议或者表决"),
        ("vote", "评议或者表决"),
        ("due", "评议或者表决"),
        ("left", "评议或者表决"),
    ],
)
def test_nobody_looks_into_their_own_matter_or_their_own_decision(s, who, match):
    person = {
        "raiser": s.raiser,
        "nominee": s.a.person,
        "nominator": s.a.submitted_by,
        "colleague": s.d.officers[0][1],
    }.get(who, s.office)
    if person is s.office:
        judge(s, person, who)
    else:
        appoint(person, Office.PERSONNEL_OFFICE)
    objection = put(s)
    with pytest.raises(Refused, match=match):
        found(objection, person)
    with pytest.raises(Refused, match=match) as refused:
        objections.assign(objection.pk, by=again(s.d.personnel[0]), to=person)
    assert refused.value.field == "to" and person.name in str(refused.value)
    assert person.pk in objecting.tied_to(objection)
    objection.refresh_from_db()
    assert (objection.outcome, objection.assigned_to) == ("", None)


def test_an_absent_or_recused_elector_judged_nothing(s):
    judge(s, s.office, "recused")
    assert found(put(s), s.office)


def test_it_may_be_given_to_somebody_outside_the_office_who_then_sees_it(s):
    objection, chief = put(s), again(s.d.personnel[0])
    with pytest.raises(PermissionDenied):
        objections.assign(objection.pk, by=again(s.d.chair), to=s.other)
    with pytest.raises(Refused, match="在册人员"):
        objections.assign(objection.pk, by=chief, to=make_staff())
    objections.assign(objection.pk, by=chief, to=s.other)
    assert told(f"objection:{objection.pk}:assigned:{s.other.pk}") == {s.other}
    line = AuditEntry.objects.get(act="objection.assign")
    assert (line.before, line.after) == ({"to": None}, {"to": s.other.pk})
    assert list(Objection.objects.visible_to(again(s.other))) == [objection]
    with pytest.raises(Refused, match=f"已交给{s.other.name}"):
        found(objection, s.office)

    note = objections.note(objection.pk, by=again(s.other), text=" 问了科长 ")
    assert (note.text, note.by) == ("问了科长", s.other)
    for wrong in ("", "长" * 501):
        with pytest.raises(Refused):
            objections.note(objection.pk, by=again(s.other), text=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ObjectionNote.objects.filter(pk=note.pk).update(text="没问")
    found(objection, s.other)
    for again_ in (
        lambda: found(objection, s.other),
        lambda: objections.assign(objection.pk, by=chief, to=s.office),
        lambda: objections.note(objection.pk, by=again(s.other), text="又问"),
    ):
        with pytest.raises(Refused, match="已经处理过"):
            again_()


def test_who_is_concerned_gives_it_to_nobody(s):
    appoint(s.a.person, Office.PERSONNEL_OFFICE)
    with pytest.raises(Refused, match="与本人有关"):
        objections.assign(put(s).pk, by=again(s.a.person), to=s.other)


def test_what_concerns_the_whole_office_the_chair_gives_out(s):
    """Nobody of the office may touch it: it must not lie there for ever."""
    today = clocks.today()
    Appointment.objects.filter(office=Office.PERSONNEL_OFFICE).update(end_on=today)
    appoint(s.a.person, Office.PERSONNEL_OFFICE, start_on=today)
    alone = put(s)
    appoint(s.d.officers[0][1], Office.PERSONNEL_OFFICE, start_on=today)
    about_section, about_one = put(s, s.section), put(s, by=s.other)
    chair = again(s.d.chair)
    assert list(Objection.objects.visible_to(chair)) == [about_section]
    assert told(f"objection:{alone.pk}:raised") == told(f"objection:{about_section.pk}:raised")
    assert told(f"objection:{about_section.pk}:raised") == {s.d.chair}
    assert told(f"objection:{about_one.pk}:raised") == {s.d.officers[0][1]}
    with pytest.raises(PermissionDenied):
        objections.assign(about_one.pk, by=chair, to=s.d.officers[2][0])
    objections.assign(about_section.pk, by=chair, to=s.d.officers[2][0])
    found(about_section, s.d.officers[2][0], "dismissed")


def test_the_finding_goes_to_who_raised_it(s):
    objection = found(put(s), s.office, "dismissed", " 属实核对 ")
    assert (objection.outcome, objection.finding) == ("dismissed", "属实核对")
    notice = Notice.objects.get(key=f"objection:{objection.pk}:handled")
    assert notice.to == s.raiser and "属实核对" in notice.text
    assert told(f"objection:{objection.pk}:upheld") == set()
    assert AuditEntry.objects.get(act="objection.handle").reason == "属实核对"


def test_whose_star_is_lost_hears_of_it_without_a_name(s):
    person, section = put(s, text="举报内容"), put(s, s.section)
    found(person, s.office, "upheld", "属实")
    found(section, s.office, "upheld", "属实")
    notice = Notice.objects.get(key=f"objection:{person.pk}:upheld")
    assert notice.to == s.a.person and "复核" in notice.text
    assert s.raiser.name not in notice.text and "举报内容" not in notice.text
    assert told(f"objection:{section.pk}:upheld") == {s.d.chiefs[0]}


@pytest.mark.parametrize(
    ("outcome", "finding", "match"),
    [
        ("perhaps", "查过", "成立或不成立"),
        ("upheld", " ", "核实情况"),
        ("upheld", "长" * 1001, "1000"),
    ],
)
def test_a_finding_is_an_outcome_with_its_grounds(s, outcome, finding, match):
    with pytest.raises(Refused, match=match):
        found(put(s), s.office, outcome, finding)


def test_the_office_handles_and_nobody_unasked(s):
    objection = put(s)
    for person in (s.d.chair, s.other):
        with pytest.raises(PermissionDenied):
            found(objection, person)
    step_round(s.round, "cancelled")
    with pytest.raises(Refused, match="公示已经结束"):
        found(objection, s.office)


# A second look


def review(first, by, text="台账后来改过"):
    return objections.ask_review(first.pk, by=again(by), text=text)


def test_a_finding_is_reviewed_once_by_somebody_else(s, clock):
    first = found(put(s), s.office)
    for nobody in (s.other, s.a.person, s.office):
        with pytest.raises(Refused, match="不能申请复核"):
            review(first, nobody)
    second = review(first, s.raiser)
    assert (second.reviews, second.nomination, second.outcome) == (first, s.a, "")
    with pytest.raises(Refused, match="不能申请复核"):
        review(first, s.raiser)
    with pytest.raises(Refused, match="复核要换一个人"):
        found(second, s.office)
    world.due(s, clock)
    assert stages.advance(s.round.pk).state == "publicity"
    found(second, s.d.personnel[0], "upheld", "确有出入")
    assert told(f"objection:{second.pk}:handled") == {s.raiser}
    assert "经复核" in Notice.objects.get(key=f"objection:{second.pk}:upheld").text
    # The last word: one matter, upheld.
    assert objecting.upheld(s.round) == {s.a.pk}
    world.conclude(s, clock)
    body = Publication.objects.get().body
    assert body["objections"] == {"raised": 1, "upheld": 1, "dismissed": 0}
    assert not Award.objects.filter(nomination=s.a).exists()


def test_the_nominee_may_ask_when_it_was_upheld_and_win(s, clock):
    first = found(put(s), s.office, "upheld", "属实")
    with pytest.raises(Refused, match="不能申请复核"):
        review(first, s.raiser)
    second = review(first, s.a.person)
    assert list(Objection.objects.visible_to(again(s.a.person))) == [second]
    with pytest.raises(Refused, match="自己提出"):
        appoint(s.raiser, Office.PERSONNEL_OFFICE)
        found(second, s.raiser)
    found(second, s.d.personnel[0], "dismissed", "补充材料可信")
    assert told(f"objection:{second.pk}:handled") == {s.a.person, s.raiser}
    world.conclude(s, clock)
    assert Award.objects.filter(nomination=s.a).exists()
    assert Publication.objects.get().body["objections"]["upheld"] == 0


def test_of_a_section_its_chief_may_ask_and_time_runs_out(s, clock):
    first = found(put(s, s.section), s.office, "upheld", "属实")
    assert list(objecting.reviewable_by(again(s.d.chiefs[0]), s.round)) == [first]
    with pytest.raises(Refused, match="不同意见"):
        review(first, s.d.chiefs[0], " ")
    clock.set("2026-07-07 18:00")
    with pytest.raises(Refused, match="时间已过"):
        review(first, s.d.chiefs[0])


def test_the_result_waits_until_a_late_finding_can_no_longer_be_reviewed(s, clock):
    objection = put(s)
    world.due(s, clock)
    found(objection, s.office)
    moved = stages.advance(s.round.pk)
    assert moved.state == "publicity" and "可以申请复核" in moved.moves.last().reason
    assert clocks.local(moved.due_at).isoformat(" ", "minutes").startswith("2026-07-14 18:00")
    world.conclude(s, clock)
    assert s.round.state == "published"


def test_the_last_word_on_each_nomination(s):
    found(put(s), s.office, "upheld")
    found(put(s, by=s.other), s.office)
    found(put(s, s.b), s.office)
    put(s, s.section)
    assert objecting.outcomes(s.round) == {s.a.pk: "upheld", s.b.pk: "dismissed"}

    def said(person, one, outcome):
        return objecting.said_to(again(person), one, outcome)

    assert said(s.other, s.a, "upheld") == "异议成立"
    knowing = (s.d.chair, s.office, s.b.person, s.d.chiefs[1])
    assert {said(person, s.b, "dismissed") for person in knowing} == {"异议不成立"}
    assert said(s.other, s.b, "dismissed") == said(s.d.chair, s.section, "") == ""


def test_who_is_reminded_of_what_lies_open(s):
    appoint(s.a.person, Office.PERSONNEL_OFFICE)
    given, loose = put(s), put(s, s.b)
    objections.assign(given.pk, by=again(s.office), to=s.other)
    reminded = dict((frozenset(p), n) for p, n in owing.handlers_of_objections(s.round))
    assert reminded == {frozenset([s.other]): 1, frozenset([*s.d.personnel, s.a.person]): 1}
    found(loose, s.office)
    put(s, s.section)
    # One of the office belongs to the section: nothing is said to them.
    reminded = dict((frozenset(p), n) for p, n in owing.handlers_of_objections(s.round))
    assert reminded == {frozenset([s.other]): 1, frozenset(s.d.personnel): 1}
    found(given, s.other)
    assert len(owing.handlers_of_objections(s.round)) == 1
