"""Notice, memo, circular and dossier: who gets them when, and what stands in them."""

import io

import docx
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from scheme import clock as house_clock
from scheme import workdays
from scheme.errors import Refused
from scheme.models import AuditEntry
from stars.actions import documents, stages
from stars.exports import circular, dossier, memo, notice
from stars.models import Award, Clearance, Nomination, Recusal, Round
from tests.factories import again, make_round, make_staff
from tests.stars import acts
from tests.stars.test_wall import take_back

pytestmark = pytest.mark.django_db


def words(file) -> str:
    """Every text of the document in order, cells of a row parted by bars."""
    content = file.content if isinstance(file, documents.File) else file
    found = []
    for element in docx.Document(io.BytesIO(content)).element.body:
        rows = [e for e in element.iter() if e.tag.endswith("}tr")] or [element]
        for row in rows:
            cells = [e for e in row if e.tag.endswith("}tc")] or [row]
            found.append("|".join(_text(cell) for cell in cells))
    return "\n".join(found)


def _text(element) -> str:
    return "".join(e.text or "" for e in element.iter() if e.tag.endswith("}t"))


def made(kind: str):
    rows = AuditEntry.objects.filter(act="round.document").order_by("pk")
    return [row.after["document"] for row in rows if row.after["document"] == kind]


def post(client, person, name, pk, **data):
    client.force_login(person)
    return client.post(reverse(f"stars:{name}", args=[pk]), acts.idem() | data)


def test_the_memo_says_what_was_nominated_how_judged_and_for_how_many_places(client, clock):
    s = acts.at_committee(clock, places=1)
    office = again(s.d.personnel[0])
    Clearance.objects.create(
        nomination=s.a,
        body="personnel",
        word="reserved",
        text="待查",
        by=office,
        at=house_clock.now(),
    )
    Clearance.objects.create(
        nomination=s.a, body="personnel", word="clear", by=office, at=house_clock.now()
    )
    with translation.override("en"):
        file = documents.memo(s.round.pk, by=office)
    text = words(file)
    assert file.name == "关于提请审定2026年上半年五星的请示.docx"
    assert "部务会：" in text and "提请审定3项提名" in text
    assert "科室1项、个人2项" in text and "赞成3项、有分歧0项、不赞成0项" in text
    assert "精业之星|0|2|0|2" in text
    assert "精业之星|个人|1|2|多1项" in text and "精业之星|科室|1|0|余1个" in text
    assert "科室名额5个，提请1项；个人名额5个，提请2项" in text
    assert f"精业之星|个人|{s.a.person.name}|{s.a.section.name}|赞成（" in text
    row = next(line for line in text.splitlines() if s.a.person.name in line)
    assert row.endswith("|无不同意见|—")
    assert "记名表决" in text and "机关人事科" in text and "妥否，请审议" in text
    assert "按回避规定" not in text and "表彰" not in text
    assert file.content == documents.memo(s.round.pk, by=office).content
    assert len(made("memo")) == 2
    # Whoever stands back from one finds it neither in the memo nor by its own address.
    member = again(s.d.members[0])
    Recusal.objects.create(
        round=s.round,
        body="committee",
        nomination=s.a,
        staff=member,
        kind="declared",
        at=house_clock.now(),
    )
    partial = words(documents.memo(s.round.pk, by=member))
    assert s.a.person.name not in partial and s.b.person.name in partial
    assert "提请审定2项提名" in partial and "按回避规定" in partial
    acts.make_dossier(s.a)
    assert post(client, member, "dossier_word", s.a.pk).status_code == 404
    assert post(client, office, "dossier_word", s.a.pk).status_code == 200
    # Marks instead of votes, and nothing at all before the committee.
    s.a.branch_outcome.mean = 91.25
    assert memo.said(s.round, s.a) == "赞成（平均91.25）"
    assert memo.said(s.round, Nomination(round=s.round)) == "未评议"
    empty = memo.blocks(s.round, [], [], office="机关人事科", partial=False)
    assert any(getattr(block, "text", "") == "没有提请审定的提名。" for block in empty)
    with pytest.raises(Refused, match="这一阶段"):
        documents.notice(s.round.pk, by=office)
    with pytest.raises(PermissionDenied):
        documents.memo(s.round.pk, by=again(s.d.officers[2][1]))


def test_the_notice_says_who_till_when_and_how_to_object(client, clock):
    s = acts.in_publicity(clock)
    office, pk = again(s.d.personnel[0]), s.round.pk
    text = words(documents.notice(pk, by=office))
    assert "1个科室和2名同志" in text and "受理方式：　" in text
    assert f"精业之星|{s.a.person.name}|{s.a.section.name}|" in text
    assert s.a.statement.partition("。")[0] in text
    days = [f"{day.month}月{day.day}日" for day in _publicity_days(s.round)]
    assert len(days) == s.round.publicity_days and "、".join(days) in text
    assert "实名提出" in text and "表彰" not in text and "演示" not in text
    # The address of objections: written once, kept for the rounds after.
    for bad in ("", "  \x00 ", "长" * 201):
        with pytest.raises(Refused) as refused:
            documents.set_contact(pk, by=office, contact=bad)
        assert refused.value.field == "contact"
    with pytest.raises(PermissionDenied):
        documents.set_contact(pk, by=again(s.d.chair), contact="508室")
    answer = post(client, office, "round_contact", pk, contact=" 508室，\n电话0000 ")
    assert answer["Location"] == reverse("stars:round_detail", args=[pk])
    after = make_round(s.d.unit, state="publicity", half="2026H2", by=s.d.personnel[0])
    assert documents.contact_of(after) == "508室， 电话0000"
    assert AuditEntry.objects.get(act="round.contact").after == {"contact": "508室， 电话0000"}
    assert "受理方式：508室， 电话0000" in words(documents.notice(pk, by=office))
    answer = post(client, office, "notice_word", pk)
    assert answer.content == documents.notice(pk, by=office).content
    assert "2026" in answer["Content-Disposition"] and answer["X-Content-Type-Options"] == "nosniff"
    assert len(made("notice")) == 4
    # Nobody passed: said, not an empty table.
    s.round.publicity_seconds = 60
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(notice, "is_shortened", lambda round_: True)
        bare = words(notice.word(s.round, [], ""))
    assert "没有拟定对象" in bare and "一、公示时间" in bare and "缩短为60秒" in bare


def _publicity_days(round_):
    days = workdays.between(round_.publicity_from, round_.publicity_until)
    return [day for day in days if day > round_.publicity_from]


def test_the_circular_is_made_of_what_was_published(client, clock):
    s = acts.in_publicity(clock)
    office, pk = again(s.d.personnel[0]), s.round.pk
    with pytest.raises(Refused):
        documents.circular(pk, by=office)
    clock.set(house_clock.local(s.round.due_at).replace(tzinfo=None))
    stages.advance(pk)
    file = documents.circular(pk, by=office)
    text = words(file)
    assert file.name == "关于2026年上半年五星评定结果的通报.docx"
    assert "现评定1个科室和2名同志" in text and "没有收到异议" in text and "表彰" not in text
    assert f"〔2026〕上-01|精业之星|{s.a.person.name}|" in text and "已撤销" not in text
    # What the tables say since changes nothing in what was published; what was revoked is said.
    s.b.person.name = "改名"
    s.b.person.save()
    assert documents.circular(pk, by=office).content == file.content
    award = Award.objects.get(nomination=s.a)
    take_back(award, s.d)
    text = words(documents.circular(pk, by=office))
    assert f"{s.a.person.name}（已撤销）" in text
    assert f"（{award.number}）已于" in text and "不再使用该称号" in text
    assert len(made("circular")) == 3

    publication = s.round.publications.get()
    publication.body["objections"] = {"raised": 2, "upheld": 1, "dismissed": 1}
    for star in publication.body["stars"]:
        star["sections"], star["persons"] = [], []
    bare = words(circular.word(publication, [], mark=""))
    assert "没有评定对象" in bare and "收到异议2条，成立1条" in bare
    unpublished = make_round(s.d.unit, state="published", half="2025H1", by=s.d.personnel[0])
    with pytest.raises(Refused, match="没有公布"):
        documents.circular(unpublished.pk, by=office)


def test_a_dossier_is_the_frozen_copy_with_what_its_reader_may_know(clock):
    s = acts.in_publicity(clock)
    person, office = again(s.a.person), again(s.d.personnel[0])
    with pytest.raises(Refused, match="没有定稿"):
        documents.dossier(s.a.pk, by=office)
    acts.make_dossier(
        s.a,
        half="2026H1",
        nominee={"name": "原名", "section": "原科室", "post": "科员", "rank": ""},
        entries={
            "rows": [
                {
                    "on": "2026-03-09",
                    "title": "信息采用",
                    "words": "人才工作简报",
                    "counted": "1.20",
                    "proofs": [{"name": "采用件.pdf", "sha256": "0" * 64}],
                },
                {"on": "2026-04-01", "title": "日报", "words": "", "counted": "-0.2", "proofs": []},
            ],
            "left_out": {"count": 7, "points": "0.70"},
        },
        trend={
            "halves": [{"half": "2026H1", "score": "20.5"}, {"half": "2025H2", "score": "18"}],
            "months": [{"month": "2026-03", "points": "1.20"}],
        },
        tasks={"main": 1, "done": 2, "late": 1, "overdue": 0, "running": 3},
    )
    text = words(documents.dossier(s.a.pk, by=office))
    assert "姓名|原名" in text and "职级" not in text
    assert "2026年3月9日|信息采用：人才工作简报|1.2|采用件.pdf" in text
    assert "2026年4月1日|日报|−0.2|" in text and "另有7笔没有列出，合计计入0.7分" in text
    assert "2026年3月|+1.2" in text and "2026年上半年20.5分，2025年下半年18.0分" in text
    assert "办结2项，其中逾期办结1项" in text and "按时117份" in text
    assert "2025年下半年精业之星（〔2025〕下-03）" in text
    assert "部务会定星：拟评定（应到5，同意" in text and "支部评星：赞成（" in text
    # The nominee reads the words, not the counts.
    own = words(documents.dossier(s.a.pk, by=person))
    assert "部务会定星：拟评定。" in own and "支部评星：赞成；" in own
    rows = AuditEntry.objects.filter(act="nomination.document")
    assert {row.after["digest"] for row in rows} == {"0" * 64} and rows.count() == 2
    with pytest.raises(Nomination.DoesNotExist):
        documents.dossier(s.a.pk, by=again(s.d.officers[1][1]))
    # A section's, with little in it.
    acts.make_dossier(
        s.section, half="2026H1", nominee={"people": 4}, cards=[], rules=[], filing={}, awards=[]
    )
    text = words(documents.dossier(s.section.pk, by=office))
    assert "人数|4" in text and "这个半年没有积分" in text and "没有。" in text
    assert dossier.outcome_of(Nomination(), counts=True) == ""


def test_the_round_s_page_offers_what_its_stage_has(client, clock):
    s = acts.at_committee(clock)

    def offered(person):
        client.force_login(person)
        return client.get(reverse("stars:round_detail", args=[s.round.pk])).content.decode()

    text = offered(s.d.personnel[0])
    assert "/memo/" in text and "/notice/" not in text and "/contact/" not in text
    assert "/memo/" not in offered(s.d.officers[2][1])
    assert documents.available(Round(state="at_branch")) == []
    assert documents.available(Round(state="publicity")) == ["notice", "memo"]
    assert documents.available(Round(state="published")) == ["notice", "memo", "circular"]


def test_the_office_signs_with_its_section_or_its_common_name(department):
    assert documents._office(department.unit) == "机关人事科"
    department.office.name = "人事教育科"
    department.office.save()
    assert documents._office(department.unit) == "人事教育科"
    assert documents._office(make_staff().unit) == "机关人事科"
