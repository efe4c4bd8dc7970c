import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from stars.actions import objections
from stars.models import Objection
from tests.factories import again, appoint, make_staff
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.in_publicity(clock)


@pytest.fixture
def raiser(s):
    return s.d.officers[1][1]


@pytest.fixture
def free(s):
    """Somebody of the office who has nothing to do with any nominee."""
    return s.d.personnel[1]


def put(s, by, nomination=None, text="事实不符，请核实"):
    return objections.raise_(s.round.pk, (nomination or s.a).pk, by=again(by), text=text)


def handle(objection, by, outcome="dismissed", finding="查无此事"):
    return objections.handle(objection.pk, by=again(by), outcome=outcome, finding=finding)


def test_an_objection_reaches_the_office_and_nobody_else(s, raiser):
    objection = put(s, raiser, text=" 事实不符 ")
    assert (objection.text, objection.raised_by, objection.outcome) == ("事实不符", raiser, "")
    told = Notice.objects.filter(key=f"objection:{objection.pk}:raised")
    assert {notice.to_id for notice in told} == {person.pk for person in s.d.personnel}
    assert "事实不符" not in told[0].text
    assert list(Objection.objects.visible_to(again(raiser))) == [objection]
    assert list(Objection.objects.visible_to(again(s.a.person))) == []
    assert AuditEntry.objects.get(act="objection.raise").after == {"nomination": s.a.pk}


@pytest.mark.parametrize(("text", "match"), [("  ", "请写明异议的事实"), ("长" * 1001, "1000字")])
def test_an_objection_says_what_is_wrong(s, raiser, text, match):
    with pytest.raises(Refused, match=match) as refused:
        put(s, raiser, text=text)
    assert refused.value.field == "text"


def test_objections_are_about_the_published_list(clock, raiser=None):
    s = acts.in_publicity(clock, places=1)
    placed = s.a if s.a.decision.placed else s.b
    other = s.b if placed == s.a else s.a
    with pytest.raises(Refused, match="公示名单里没有"):
        put(s, s.d.officers[2][1], other)


def test_one_open_objection_each(s, raiser, free):
    first = put(s, raiser)
    with pytest.raises(Refused, match="还在核实"):
        put(s, raiser)
    assert put(s, raiser, s.b) and put(s, s.d.officers[1][2])
    handle(first, free)
    assert put(s, raiser)


def test_only_during_publicity_and_within_the_unit(clock):
    s = acts.voted(clock, places=2)
    with pytest.raises(Refused, match="还没有开始"):
        put(s, s.d.officers[1][1])
    acts.push(s)
    with pytest.raises(PermissionDenied):
        put(s, make_staff())


def test_the_finding_goes_to_who_raised_it(s, raiser, free):
    objection = handle(put(s, raiser), free, "upheld", " 属实 ")
    assert (objection.outcome, objection.finding, objection.handled_by) == ("upheld", "属实", free)
    told = Notice.objects.get(key=f"objection:{objection.pk}:handled")
    assert told.to == raiser and "属实" in told.text
    assert AuditEntry.objects.get(act="objection.handle").reason == "属实"
    with pytest.raises(Refused, match="已经处理过"):
        handle(objection, free)


@pytest.mark.parametrize(
    ("outcome", "finding", "match"),
    [
        ("perhaps", "查过", "成立或不成立"),
        ("upheld", " ", "核实情况"),
        ("upheld", "长" * 1001, "1000"),
    ],
)
def test_a_finding_is_an_outcome_with_its_grounds(s, raiser, free, outcome, finding, match):
    with pytest.raises(Refused, match=match):
        handle(put(s, raiser), free, outcome, finding)


def test_the_office_handles_and_nobody_else(s, raiser):
    with pytest.raises(PermissionDenied):
        handle(put(s, raiser), s.d.chair)


@pytest.mark.parametrize("who", ["raiser", "nominee", "nominator", "member", "voter"])
def test_nobody_handles_their_own_matter(s, raiser, who):
    objection = put(s, raiser, s.section if who in ("member",) else s.a)
    person, match = {
        "raiser": (raiser, "自己提出"),
        "nominee": (s.a.person, "与您有关"),
        "nominator": (s.a.submitted_by, "与您有关"),
        "member": (s.d.officers[0][1], "与您有关"),
        "voter": (s.d.leader, "参加了这一项的表决"),
    }[who]
    appoint(person, Office.PERSONNEL_OFFICE)
    with pytest.raises(Refused, match=match):
        handle(objection, person)


def test_after_publicity_nothing_is_handled(s, raiser, free, clock):
    objection = put(s, raiser)
    from tests.factories import step_round

    step_round(s.round, "cancelled")
    with pytest.raises(Refused, match="公示已经结束"):
        handle(objection, free)


# The page


def page(client, s, person):
    client.force_login(person)
    return client.get(reverse("stars:publicity", args=[s.round.pk]))


def test_everybody_reads_the_list_and_the_exact_days(client, s, raiser):
    answer = page(client, s, raiser)
    text = answer.content.decode()
    assert [day.isoformat() for day in answer.context["days"]] == [
        f"2026-07-{n:02d}" for n in (7, 8, 9, 10, 13)
    ]
    assert s.a.person.name in text and "7月13日 18:00" in text and "当日不计" in text


def test_objections_are_confidential(client, s, raiser, free):
    put(s, raiser, text="只给人事科看的话")
    assert "只给人事科看的话" in page(client, s, raiser).content.decode()
    assert "只给人事科看的话" in page(client, s, free).content.decode()
    for person in (s.a.person, s.d.chair, s.d.officers[2][1]):
        assert "只给人事科看的话" not in page(client, s, person).content.decode()


def test_an_objection_is_raised_and_handled_from_the_page(client, s, raiser, free):
    page(client, s, raiser)
    url = reverse("stars:objection_raise", args=[s.round.pk])
    empty = client.post(url, {"nomination": s.a.pk, "text": ""} | acts.idem())
    assert empty.status_code == 422
    assert client.post(url, {"text": "x"} | acts.idem()).status_code == 422
    data = {"nomination": s.a.pk, "text": "事实不符"}
    assert client.post(url, data | acts.idem()).status_code == 302
    objection = Objection.objects.get()

    handling = reverse("stars:objection_handle", args=[objection.pk])
    for person in (s.d.officers[2][1], raiser, s.d.chair):
        client.force_login(person)
        assert client.post(handling, acts.idem()).status_code == 403
    page(client, s, free)
    kept = client.post(handling, {"outcome": "", "finding": "查了三天"} | acts.idem())
    assert kept.status_code == 422 and "查了三天" in kept.content.decode()
    data = {"outcome": "dismissed", "finding": "查无此事"}
    assert client.post(handling, data | acts.idem()).status_code == 302
    assert client.post(handling, data | acts.idem()).status_code == 409
    assert "查无此事" in page(client, s, raiser).content.decode()


def test_who_may_not_handle_reads_why(client, s):
    put(s, s.d.personnel[1])
    text = page(client, s, s.d.personnel[1]).content.decode()
    assert "不能处理自己提出的异议" in text


def test_there_is_no_page_before_and_a_plain_refusal_after(client, clock):
    s = acts.voted(clock, places=2)
    assert page(client, s, s.d.chair).status_code == 404
    url = reverse("stars:objection_raise", args=[s.round.pk])
    data = {"nomination": s.a.pk, "text": "事实不符"}
    assert client.post(url, data | acts.idem()).status_code == 409


def test_the_demonstration_says_that_publicity_is_short(client, clock, settings):
    from stars.models import Round

    s = acts.voted(clock, places=2)
    Round.objects.filter(pk=s.round.pk).update(publicity_seconds=45)
    settings.DEMO = True
    acts.push(s)
    assert "演示：公示缩短为45秒" in page(client, s, s.d.chair).content.decode()


def test_the_page_costs_the_same_for_one_objection_and_for_thirty(client, s, free):
    put(s, make_staff(section=s.d.two))
    page(client, s, free)
    with acts.counting_queries() as few:
        page(client, s, free)
    for _n in range(30):
        put(s, make_staff(section=s.d.two))
    with acts.counting_queries() as many:
        assert len(page(client, s, free).context["objections"]) == 31
    assert len(many) == len(few)
