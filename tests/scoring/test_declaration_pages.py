"""Declarations as people meet them: one's own page, the form, the line, the proof."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledgers.models import Quarter
from scheme.idempotency import new_key
from scheme.models import AuditEntry, Notice
from scoring import declared
from scoring.actions import declarations, posting
from scoring.models import Declaration
from tests.factories import (
    make_declaration,
    make_entry,
    make_quarter,
    make_rule_book,
    make_window,
    pdf,
)
from tests.scoring.declaring import DAY, department

State = Declaration.State


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def sign_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def get(client, person, name, *args, **query):
    sign_in(client, person)
    return client.get(reverse(f"scoring:{name}", args=args), query)


def post(client, person, name, *args, **data):
    sign_in(client, person)
    return client.post(reverse(f"scoring:{name}", args=args), {"idem": new_key()} | data)


def upload(text="", name="证书.pdf"):
    file = pdf(text)
    file.name = name
    return file


def form(**more):
    given = {
        "quarter": "2026Q1",
        "rule_code": "勤学-加-02",
        "level": "city",
        "quantity": "2",
        "matter": "演讲比赛二等奖",
        "document_no": "泽组发〔2026〕12号",
        "document_on": DAY.isoformat(),
        "move": "file",
    }
    return given | more


# --- One's own page


def test_the_system_s_own_lines_come_first_and_unconfirmed_ones_count_nothing(client, d):
    make_entry(d.who, "20", date(2026, 1, 1), star="xue", kind="base", rule_code="勤学-基-01")
    make_entry(d.who, "-0.40", DAY, rule_code="精业-扣-01", rule_title="无故不报日报")
    make_declaration(d.who, state="filed", quantity=3)
    page = get(client, d.who, "declaration_mine")
    book = page.context["posted"]
    assert [(one.star.pk, one.counted) for one in book.stars] == [
        ("xue", Decimal("20.00")),
        ("ye", Decimal("-0.40")),
    ]
    assert page.context["counted"] == Decimal("19.60")
    assert page.context["pending"] == Decimal("3.00")
    text = page.content.decode()
    assert text.index("试验事项") < text.index("申报的事项")
    assert "待确认 3.0，不计入" in text
    assert f"{reverse('scoring:points_mine')}?half=2026H1&amp;star=ye" in text


def test_a_confirmed_line_counts_once_and_apart_from_the_ledgers(client, d):
    line = make_declaration(d.who, state="confirmed", quantity=2)
    assert "随后入账" in get(client, d.who, "declaration_mine").content.decode()
    assert "随后入账" in get(client, d.who, "declaration_detail", line.pk).content.decode()
    posting.settle(d.unit, DAY, DAY)
    page = get(client, d.who, "declaration_mine")
    assert page.context["confirmed"] == Decimal("2.00")
    assert page.context["pending_count"] == 0
    row = page.context["rows"][0]
    assert row.line == line and row.entry.points == Decimal("2.00")
    assert not any(
        rule.code == "精业-加-02" for one in page.context["posted"].stars for rule in one.rules
    )


def test_what_is_over_or_a_draft_is_not_pending(client, d):
    for state in ("draft", "refused", "withdrawn"):
        make_declaration(d.who, state=state)
    page = get(client, d.who, "declaration_mine")
    assert len(page.context["rows"]) == 3
    assert page.context["pending_count"] == 0 and page.context["pending"] == 0


@pytest.mark.parametrize(
    ("now", "word", "text"),
    [
        ("2026-03-31 09:00", "未开始", "2026年4月1日开始"),
        ("2026-04-10 09:00", "正在申报", "还有6个工作日"),
        ("2026-04-20 09:00", "今日截止", "最后一天"),
        ("2026-04-21 09:00", "已截止", "2026年4月20日截止"),
    ],
)
def test_the_window_is_said_in_words(client, d, clock, now, word, text):
    clock.set(now)
    page = get(client, d.who, "declaration_mine", quarter="2026Q1")
    assert page.context["window"].word == word
    assert text in page.context["window"].text


def test_without_a_window_the_page_says_who_sets_it(client, d):
    page = get(client, d.who, "declaration_mine", quarter="2026Q2")
    assert "由机关人事科设定" in page.content.decode()


def test_a_leader_has_nothing_to_declare_and_is_told_so(client, d):
    page = get(client, d.leader, "declaration_mine")
    assert "不用申报" in page.content.decode()
    assert reverse("scoring:declaration_new") not in page.content.decode()


def test_members_read_their_section_s_page_and_only_its_chief_writes(client, d):
    make_declaration(d.one, "效能-加-12", level="city", filed_by=d.chiefs[0])
    chief = get(client, d.chiefs[0], "declaration_section", d.one.pk)
    assert f"section={d.one.pk}" in chief.content.decode()
    member = get(client, d.who, "declaration_section", d.one.pk)
    assert len(member.context["rows"]) == 1
    assert f"section={d.one.pk}" not in member.content.decode()
    assert get(client, d.officers[1][0], "declaration_section", d.one.pk).status_code == 404


def test_a_line_costs_no_more_queries_than_thirty(client, d):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert get(client, d.who, "declaration_mine").status_code == 200
        return len(seen)

    make_declaration(d.who, state="confirmed")
    cost()
    one = cost()
    for _n in range(29):
        make_declaration(d.who, state="confirmed")
    assert cost() == one


# --- The form


def test_only_rules_of_one_s_own_kind_are_offered_grouped_by_star(client, d):
    own = get(client, d.chiefs[0], "declaration_new").context["form"]
    groups = own.fields["rule_code"].choices[1:]
    assert [name for name, _rules in groups] == ["勤学", "笔耕", "精业"]
    assert "省2.5、市1.5、本级0.5" in groups[0][1][0][1]
    section = get(client, d.chiefs[0], "declaration_new", section=d.one.pk).context["form"]
    offered = [rules for _star, rules in section.fields["rule_code"].choices[1:]]
    assert [code for rules in offered for code, _words in rules] == ["效能-加-12"]


def test_a_line_with_its_proofs_is_filed_in_one_go(client, d):
    answer = post(
        client, d.who, "declaration_new", **form(), files=[upload("a"), upload("b", "首页.pdf")]
    )
    assert answer.status_code == 302
    line = Declaration.objects.get()
    assert (line.state, line.person, line.quantity) == (State.FILED, d.who, 2)
    assert sorted(line.proofs.values_list("name", flat=True)) == ["证书.pdf", "首页.pdf"]
    assert Notice.objects.filter(to=d.chiefs[0]).exists()


def test_the_same_form_twice_is_one_line(client, d):
    body = form(move="save") | {"idem": new_key()}
    post(client, d.who, "declaration_new", **body)
    post(client, d.who, "declaration_new", **body)
    assert Declaration.objects.count() == 1


def test_a_draft_needs_no_document_yet(client, d):
    body = form(move="save", document_no="", document_on="")
    assert post(client, d.who, "declaration_new", **body).status_code == 302
    assert Declaration.objects.get().state == State.DRAFT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule_code", "无此规则"),
        ("level", ""),
        ("level", "nation"),
        ("quantity", "0"),
        ("quantity", "多"),
        ("matter", ""),
        ("matter", "，。"),
        ("document_no", ""),
        ("document_on", ""),
        ("document_on", "0001-01-01"),
        ("document_on", "2026-05-01"),
        ("quarter", "2025Q1"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_is_stored(client, d, field, value):
    page = post(client, d.who, "declaration_new", **form(**{field: value}), files=[upload()])
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not Declaration.objects.exists()
    assert "请重新选一次" in page.content.decode()


def test_without_a_proof_it_is_not_filed(client, d):
    page = post(client, d.who, "declaration_new", **form())
    assert page.status_code == 422 and "files" in page.context["form"].errors


def test_a_file_that_is_no_document_is_refused_at_the_field(client, d):
    bad = upload(name="证书.pdf")
    bad.seek(0)
    bad.truncate()
    bad.write(b"<script>alert(1)</script>")
    bad.seek(0)
    page = post(client, d.who, "declaration_new", **form(), files=[bad])
    assert page.status_code == 422 and "files" in page.context["form"].errors
    assert not Declaration.objects.exists()


def test_more_files_than_fit_are_refused(client, d):
    files = [upload(str(n)) for n in range(11)]
    page = post(client, d.who, "declaration_new", **form(), files=files)
    assert page.status_code == 422 and "files" in page.context["form"].errors


def test_a_line_that_cannot_be_filed_stays_a_draft_with_its_files(client, d, monkeypatch):
    from scheme.errors import Refused

    def no(pk, *, by):
        raise Refused("现在没有能初核的人")

    monkeypatch.setattr(declarations, "file", no)
    answer = post(client, d.who, "declaration_new", **form(), files=[upload()])
    line = Declaration.objects.get()
    assert answer["Location"] == reverse("scoring:declaration_edit", args=[line.pk])
    assert line.state == State.DRAFT and line.proofs.count() == 1
    assert "现在没有能初核的人" in client.get(answer["Location"]).content.decode()


def test_when_no_window_is_open_the_form_says_so(client, d, clock):
    clock.set("2026-04-21 09:00")
    assert "现在不在申报期内" in get(client, d.who, "declaration_new").content.decode()
    page = post(client, d.who, "declaration_new", **form(), files=[upload()])
    assert page.status_code == 422 and not Declaration.objects.exists()


def test_without_rules_to_declare_for_the_form_says_so(client, d):
    make_rule_book(d.unit, version=2, in_force_from=date(2026, 4, 1))
    assert "没有可申报的事项" in get(client, d.who, "declaration_new").content.decode()


def test_a_chief_files_for_the_section_and_nobody_else(client, d):
    body = form(rule_code="效能-加-12", section=d.one.pk)
    answer = post(client, d.chiefs[0], "declaration_new", **body, files=[upload()])
    assert answer["Location"].startswith(reverse("scoring:declaration_section", args=[d.one.pk]))
    assert Declaration.objects.get().section == d.one
    assert post(client, d.who, "declaration_new", **body).status_code == 403
    assert (
        post(client, d.chiefs[0], "declaration_new", **body | {"section": "x"}).status_code == 404
    )


def test_a_draft_is_mended_a_file_taken_off_and_another_put_on(client, d):
    line = make_declaration(d.who, state="draft", quarter="2026Q1")
    page = get(client, d.who, "declaration_edit", line.pk)
    assert page.context["form"]["matter"].value() == line.matter
    old = line.proofs.get()
    body = form(rule_code="精业-加-02", level="", matter="改过的事项", seen=line.version)
    answer = post(
        client, d.who, "declaration_edit", line.pk, **body, drop=[old.pk], files=[upload("new")]
    )
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.state, line.matter) == (State.FILED, "改过的事项")
    assert [proof.name for proof in line.proofs.all()] == ["证书.pdf"]


def test_a_line_changed_elsewhere_is_not_overwritten(client, d):
    line = make_declaration(d.who, state="draft", quarter="2026Q1")
    body = form(rule_code="精业-加-02", level="", move="save", seen=line.version + 3)
    assert post(client, d.who, "declaration_edit", line.pk, **body).status_code == 409
    body = form(matter="", rule_code="精业-加-02", move="save", seen=line.version)
    assert post(client, d.who, "declaration_edit", line.pk, **body).status_code == 422


def test_a_returned_line_shows_why(client, d):
    line = make_declaration(d.who, state="returned", checked_by=d.chiefs[0])
    assert "请补原件" in get(client, d.who, "declaration_edit", line.pk).content.decode()


def test_worth_and_quarter_are_said_before_filing(client, d):
    def said(**query):
        return get(client, d.who, "declaration_worth", **form() | query).content.decode()

    assert "核验通过后记3.0分" in said() and "按文件日期计入2026年一季度" in said()
    make_quarter(d.unit, "2026Q1", closed_by=d.verifier)
    assert "文件日期在2026年一季度，该季已关账，计入2026年二季度" in said()
    assert "没有适用的分值" in said(level="nation")
    assert "选好事项" in said(rule_code="")
    twin = make_declaration(d.who, "勤学-加-02", level="city", matter="演讲比赛，二等奖！")
    assert reverse("scoring:declaration_detail", args=[twin.pk]) in said()
    assert reverse("scoring:declaration_detail", args=[twin.pk]) not in said(line=twin.pk)


def test_counting_goes_on_to_the_next_open_quarter(d):
    assert declared.counting_quarter(date(2026, 12, 31), {"2026Q4", "2027Q1"}) == "2027Q2"
    assert not Quarter.objects.filter(code="2027Q2").exists()


# --- One line


def test_the_line_tells_who_did_what_and_offers_what_the_reader_may_do(client, d):
    line = make_declaration(d.who, checked_by=None)
    own = get(client, d.who, "declaration_detail", line.pk).content.decode()
    assert "撤回这一项" in own and "初核通过</button>" not in own
    chief = get(client, d.chiefs[0], "declaration_detail", line.pk)
    assert chief.context["may_check"] and not chief.context["may_withdraw"]
    assert [item["what"] for item in chief.context["items"]][:2] == ["申报", "待初核"]


def test_from_filing_to_points_and_back(client, d):
    line = make_declaration(d.who)

    def decide(person, move, **more):
        line.refresh_from_db()
        body = {"move": move, "seen": line.version} | more
        return post(client, person, "declaration_decide", line.pk, **body)

    assert decide(d.chiefs[0], "check", back="/declarations/check/")["Location"] == (
        "/declarations/check/"
    )
    assert decide(d.verifier, "verify", back="//evil.example/")["Location"] == reverse(
        "scoring:declaration_detail", args=[line.pk]
    )
    posting.settle(d.unit, DAY, DAY)
    page = get(client, d.who, "declaration_detail", line.pk)
    assert page.context["points_url"].startswith(reverse("scoring:points_mine"))
    assert client.get(page.context["points_url"]).context["card"].rule.code == line.rule_code
    assert (
        get(client, d.chiefs[0], "declaration_detail", line.pk)
        .context["points_url"]
        .startswith(reverse("scoring:points_of", args=[d.who.pk]))
    )
    assert decide(d.other_verifier, "revoke", reason="证书有误").status_code == 302
    line.refresh_from_db()
    assert line.state == State.REFUSED
    assert "证书有误" in get(client, d.who, "declaration_detail", line.pk).content.decode()


@pytest.mark.parametrize(("move", "state"), [("return", "returned"), ("refuse", "refused")])
def test_turned_down_only_with_a_reason(client, d, move, state):
    line = make_declaration(d.who)
    body = {"move": move, "seen": line.version}
    assert post(client, d.chiefs[0], "declaration_decide", line.pk, **body).status_code == 422
    answer = post(client, d.chiefs[0], "declaration_decide", line.pk, **body, reason="不清楚")
    line.refresh_from_db()
    assert answer.status_code == 302 and line.state == state


def test_the_way_back_leads_nowhere_else(client, d):
    line = make_declaration(d.who)

    def way_back(given):
        return get(client, d.who, "declaration_detail", line.pk, back=given).context["back"]

    assert way_back("/declarations/check/?star=ye") == "/declarations/check/?star=ye"
    assert way_back("javascript:alert(1)") == way_back("https://evil.example/") == ""


def test_rubbish_and_stale_decisions_do_nothing(client, d):
    line = make_declaration(d.who)
    for body in ({"move": "x"}, {}, {"move": "check", "seen": "x"}):
        answer = post(client, d.chiefs[0], "declaration_decide", line.pk, **body)
        assert answer.status_code in (409, 422)
    line.refresh_from_db()
    assert line.state == State.FILED


def test_a_section_s_points_open_for_its_members(client, d):
    line = make_declaration(
        d.one, "效能-加-12", level="city", state="confirmed", filed_by=d.chiefs[0]
    )
    posting.settle(d.unit, DAY, DAY)
    page = get(client, d.who, "declaration_detail", line.pk)
    assert page.context["points_url"].startswith(reverse("scoring:points_section", args=[d.one.pk]))


def test_an_imported_line_has_its_outcome_and_no_acts(client, d):
    line = make_declaration(d.who, state="draft", proof=False, imported=True)
    Declaration.objects.filter(pk=line.pk).update(state="confirmed")
    page = get(client, d.who, "declaration_detail", line.pk)
    assert "随台账导入：核验通过" in page.content.decode()
    assert not any(page.context[name] for name in ("may_edit", "may_withdraw", "may_revoke"))


def test_the_same_matter_again_is_told_with_a_link(client, d):
    one, two = (make_declaration(d.who, matter=matter) for matter in ("巡察组抽调", "巡察组，抽调"))
    page = get(client, d.who, "declaration_detail", two.pk)
    assert page.context["twins"] == [one]


def test_filing_and_withdrawing_from_the_line(client, d):
    line = make_declaration(d.who, state="draft", quarter="2026Q1")
    assert post(client, d.who, "declaration_file", line.pk).status_code == 302
    line.refresh_from_db()
    assert line.state == State.FILED
    assert post(client, d.who, "declaration_file", line.pk).status_code == 409
    assert post(client, d.who, "declaration_withdraw", line.pk).status_code == 302
    line.refresh_from_db()
    assert line.state == State.WITHDRAWN


# --- The proof


def test_a_proof_is_only_ever_saved_and_every_reading_is_kept(client, d):
    line = make_declaration(d.who)
    proof = line.proofs.get()
    answer = get(client, d.chiefs[0], "proof_download", proof.pk)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    entry = AuditEntry.objects.get(act="declaration.read_proof")
    assert (entry.actor, entry.object_id) == (d.chiefs[0], str(line.pk))


def test_a_proof_is_for_those_who_see_the_line(client, d):
    proof = make_declaration(d.who).proofs.get()
    assert get(client, d.officers[0][2], "proof_download", proof.pk).status_code == 404
    assert not AuditEntry.objects.filter(act="declaration.read_proof").exists()
    draft = make_declaration(d.who, state="draft").proofs.get()
    assert get(client, d.chiefs[0], "proof_download", draft.pk).status_code == 404


def test_a_second_window_is_offered_too(client, d):
    make_window(d.unit, "2026Q2")
    form_ = get(client, d.who, "declaration_new").context["form"]
    assert [code for code, _name in form_.fields["quarter"].choices] == ["2026Q2", "2026Q1"]
