"""Publicity, objections, awards and revocations as people meet them."""

import pytest
from django.urls import reverse
from django.utils import translation

from scheme.models import AuditEntry
from stars.actions import objections, revocations
from stars.models import Award, CertificatePrint, Objection, Revocation
from tests.factories import again, make_entry, make_quarter, make_staff, moment
from tests.stars import acts
from tests.stars import awards_world as world
from tests.stars.awards_world import found, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return world.in_publicity(clock)


@pytest.fixture
def done(clock):
    return world.published(clock)


def page(client, person, name, *args, **params):
    client.force_login(person)
    return client.get(reverse(f"stars:{name}", args=args), params)


def text_of(client, person, name, *args):
    return page(client, person, name, *args).content.decode()


def send(client, person, name, pk, **data):
    client.force_login(person)
    return client.post(reverse(f"stars:{name}", args=[pk]), data | acts.idem())


def test_everybody_reads_the_list_the_exact_days_and_where_to_object(client, s, clock):
    clock.set("2026-07-08 09:00")
    answer = page(client, s.other, "publicity", s.round.pk)
    text = answer.content.decode()
    assert [day.day for day in answer.context["period"].days] == [7, 8, 9, 10, 13]
    for part in (
        s.a.person.name,
        "第2个工作日，共5个，到7月13日18:00止，公示当日不计。",
        "机关人事科，电话五五〇一",
        "日报及时，质量好。",
    ):
        assert part in text
    assert s.late.person.name not in text
    assert "处理异议" not in text


def test_the_demonstration_says_that_publicity_is_short(client, clock, settings):
    s = world.in_publicity(clock, publicity_seconds=45)
    settings.DEMO = True
    text = text_of(client, s.other, "publicity", s.round.pk)
    assert "演示：公示缩短为45秒" in text and "个工作日，共" not in text


def test_an_objection_from_the_page_to_its_review(client, s):
    empty = send(client, s.raiser, "objection_raise", s.round.pk, nomination=s.a.pk, text="")
    assert empty.status_code == 422
    for rubbish in ("x", "9" * 30):
        data = {"nomination": rubbish, "text": "事实不符"}
        assert send(client, s.raiser, "objection_raise", s.round.pk, **data).status_code == 422
    data = {"nomination": s.a.pk, "text": "只给人事科看的话"}
    made = send(client, s.raiser, "objection_raise", s.round.pk, **data)
    objection = Objection.objects.get()
    assert made["Location"] == reverse("stars:objection_receipt", args=[objection.pk])
    receipt = text_of(client, s.raiser, "objection_receipt", objection.pk)
    assert objection.number in receipt and "只给人事科看的话" not in receipt
    assert objection.number in text_of(client, s.raiser, "publicity", s.round.pk)

    # The list says which, the page says what, and reading it leaves a line.
    listed = text_of(client, s.office, "objection_list", s.round.pk)
    assert objection.number in listed and "只给人事科看的话" not in listed
    assert "只给人事科看的话" in text_of(client, s.office, "objection_detail", objection.pk)
    assert AuditEntry.objects.filter(act="objection.read", actor=s.office).count() == 1
    for person in (s.a.person, s.d.chair, s.d.leader):
        assert page(client, person, "objection_detail", objection.pk).status_code == 404
        assert objection.number not in text_of(client, person, "publicity", s.round.pk)

    to = {"to": s.other.pk}
    assert send(client, s.office, "objection_assign", objection.pk, **to).status_code == 302
    barred = send(client, s.office, "objection_assign", objection.pk, to=s.a.person.pk)
    assert barred.status_code == 422 and "与本人有关" in barred.content.decode()
    assert send(client, s.office, "objection_assign", objection.pk, to="x").status_code == 404
    assert f"已交给{s.other.name}" in text_of(client, s.office, "objection_detail", objection.pk)
    assert f"核实{objection.number}" in text_of(client, s.other, "publicity", s.round.pk)
    assert page(client, s.other, "objection_receipt", objection.pk).status_code == 403
    assert send(client, s.other, "objection_note", objection.pk, text="问了").status_code == 302
    assert "问了" in text_of(client, s.other, "objection_detail", objection.pk)
    assert "问了" not in text_of(client, s.raiser, "objection_detail", objection.pk)
    kept = send(client, s.other, "objection_handle", objection.pk, outcome="", finding="查了三天")
    assert kept.status_code == 422 and "查了三天" in kept.content.decode()
    finding = {"outcome": "dismissed", "finding": "查无此事"}
    assert send(client, s.other, "objection_handle", objection.pk, **finding).status_code == 302
    assert send(client, s.other, "objection_handle", objection.pk, **finding).status_code == 409

    assert "查无此事" in text_of(client, s.raiser, "publicity", s.round.pk)
    refused = send(client, s.raiser, "objection_review", objection.pk, text=" ")
    assert refused.status_code == 422
    assert send(client, s.raiser, "objection_review", objection.pk, text="再看").status_code == 302
    assert send(client, s.raiser, "objection_review", objection.pk, text="再看").status_code == 404
    second = Objection.objects.get(reviews=objection)
    assert f"复核{objection.number}" in text_of(client, s.office, "objection_list", s.round.pk)
    assert second.number in text_of(client, s.raiser, "objection_detail", objection.pk)


def test_a_nominee_asks_for_a_review_without_seeing_the_objection(client, s):
    objection = found(put(s, text="举报内容"), s.office, "upheld", "属实")
    text = text_of(client, s.a.person, "publicity", s.round.pk)
    assert "申请复核" in text and "举报内容" not in text and s.raiser.name not in text
    assert (
        send(client, s.a.person, "objection_review", objection.pk, text="不实").status_code == 302
    )
    review = Objection.objects.get(reviews=objection)
    own = text_of(client, s.a.person, "objection_detail", review.pk)
    assert "不实" in own and "举报内容" not in own and s.raiser.name not in own


def test_letters_are_recorded_by_the_office(client, s):
    data = {
        "nomination": s.a.pk,
        "source": "visit",
        "informant": "王五",
        "contact": "街道办",
        "text": "当面说的",
    }
    wrong = send(client, s.office, "objection_record", s.round.pk, **data | {"contact": ""})
    assert wrong.status_code == 422 and "当面说的" in wrong.content.decode()
    assert send(client, s.office, "objection_record", s.round.pk, **data).status_code == 302
    objection = Objection.objects.get()
    text = text_of(client, s.office, "objection_detail", objection.pk)
    assert "王五" in text and "街道办" in text
    assert "王五" in text_of(client, s.office, "objection_receipt", objection.pk)


def test_a_page_before_and_a_plain_refusal_after(client, done):
    data = {"nomination": done.a.pk, "text": "事实不符"}
    assert send(client, done.other, "objection_raise", done.round.pk, **data).status_code == 409
    assert send(client, done.office, "objection_record", done.round.pk).status_code == 409
    assert "没有您可以处理的异议" in text_of(client, done.office, "objection_list", done.round.pk)


@pytest.mark.parametrize("name", ["publicity", "objection_list"])
def test_the_pages_cost_the_same_for_one_objection_and_for_thirty(client, s, name):
    def raised(n):
        for _n in range(n):
            one = make_staff(section=s.d.two)
            put(s, by=one)

    raised(1)
    page(client, s.office, name, s.round.pk)
    with acts.counting_queries() as few:
        page(client, s.office, name, s.round.pk)
    raised(29)
    with acts.counting_queries() as many:
        page(client, s.office, name, s.round.pk)
    assert len(many) == len(few)


# Results and awards


def test_the_outcome_stands_beside_the_decision_for_whom_it_may(client, s, clock):
    found(put(s), s.office, "upheld")
    found(put(s, s.b), s.office)
    for person in (s.d.chair, s.office):
        assert "异议" not in text_of(client, person, "result", s.round.pk)
    world.conclude(s, clock)
    for person in (s.d.chair, s.office, s.b.person):
        text = text_of(client, person, "result", s.round.pk)
        assert "异议成立" in text and "异议不成立" in text
    text = text_of(client, s.d.officers[2][2], "result", s.round.pk)
    assert "异议成立" in text and "异议不成立" not in text
    upheld = text_of(client, s.office, "nomination_detail", s.a.pk)
    assert "异议成立" in upheld and "<dt>亮星</dt>" not in upheld
    award = Award.objects.get(nomination=s.b)
    assert award.number in text_of(client, s.b.person, "nomination_detail", s.b.pk)
    assert "异议不成立" in text_of(client, s.b.person, "award_detail", award.pk)
    assert "异议不成立" not in text_of(client, s.other, "award_detail", award.pk)


def test_certificates_are_downloads(client, done):
    pdf = send(client, done.office, "award_print", done.award.pk)
    assert pdf["Content-Type"] == "application/pdf"
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    whole = send(client, done.office, "certificates_print", done.round.pk)
    assert whole["Content-Disposition"].startswith("attachment")
    assert b"".join(whole.streaming_content).startswith(b"%PDF")
    assert CertificatePrint.objects.count() == 4
    text = text_of(client, done.office, "award_detail", done.award.pk)
    assert "印过2次" in text and done.office.name in text
    assert "打印记录" not in text_of(client, done.other, "award_detail", done.award.pk)


def test_a_revocation_from_page_to_page(client, done):
    s = done
    make_quarter(s.d.unit, "2026Q1")
    day = moment("2026-03-05 00:00").date()
    entry = make_entry(s.a.person, "0.5", day, source="report:1:2026-03-05")
    form = text_of(client, s.office, "revocation_new", s.award.pk)
    assert "由日报产生" in form
    empty = send(client, s.office, "revocation_new", s.award.pk, reason="材料失实")
    assert empty.status_code == 422 and "材料失实" in empty.content.decode()
    said = {"authority": "部务会纪要9号", "reason": "材料失实", "entries": [entry.pk, "x"]}
    assert send(client, s.office, "revocation_new", s.award.pk, **said).status_code == 302
    row = Revocation.objects.get()
    assert row.entries == [entry.pk]
    assert send(client, s.office, "award_print", s.award.pk).status_code == 422
    assert "提出撤销" not in text_of(client, s.other, "award_detail", s.award.pk)

    chair = text_of(client, s.d.chair, "award_detail", s.award.pk)
    assert "批准撤销" in chair and "须先到日报更正" in chair
    approve = {"decision": "approve"}
    assert send(client, s.d.chair, "revocation_decide", row.pk, **approve).status_code == 422
    refuse = {"decision": "refuse", "answer": ""}
    assert send(client, s.d.chair, "revocation_decide", row.pk, **refuse).status_code == 422
    make_entry(s.a.person, "-0.5", day, source=entry.source, reverses=entry)
    assert send(client, s.d.chair, "revocation_decide", row.pk, **approve).status_code == 302
    assert send(client, s.d.chair, "revocation_decide", row.pk, **approve).status_code == 409

    for person in (s.other, s.a.person, s.office):
        text = text_of(client, person, "award_detail", s.award.pk)
        assert "<s>" in text and "部务会纪要9号" in text
        assert ("材料失实" in text) == (person != s.other)
    own = text_of(client, s.a.person, "nomination_detail", s.a.pk)
    assert f"{s.award.number}，已撤销" in own
    result = text_of(client, s.other, "result", s.round.pk)
    assert "已撤销" in result and "第2版" in result
    copy = send(client, s.office, "award_print", s.award.pk, copy="yes")
    assert b"".join(copy.streaming_content).startswith(b"%PDF")
    with translation.override("en"):
        client.cookies["language"] = "en"
        for name in ("award_detail", "revocation_new"):
            assert page(client, s.office, name, s.award.pk).status_code == 200


def test_who_may_not_decide_reads_why(client, done):
    s = done
    award = Award.objects.get(nomination=s.b)
    row = revocations.propose(award.pk, by=again(s.office), authority="纪要", reason="失实")
    revocations.refuse(row.pk, by=again(s.d.chair), answer="证据不足")
    assert "证据不足" in text_of(client, s.d.chair, "award_detail", award.pk)
    refused = {"decision": "refuse", "answer": "再看"}
    assert send(client, s.d.chair, "revocation_decide", row.pk, **refused).status_code == 409


def test_reading_twice_is_read_twice(s):
    objection = put(s)
    for _n in range(2):
        objections.read(objection.pk, by=again(s.office))
    assert AuditEntry.objects.filter(act="objection.read").count() == 2
