from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from scheme.idempotency import new_key
from scheme.models import AuditEntry
from scoring.actions import rulebooks
from scoring.models import Rule, RuleBook, Tier
from tests.factories import make_department, make_rule_book
from tests.scoring.test_rulebooks import a_rule, content
from tests.scoring.test_rules_import import FILE, PLAIN, workbook


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    return d


@pytest.fixture
def draft(d):
    return rulebooks.propose(d.unit, content(), by=d.personnel[0])


def sign_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client, person, name, *args, **data):
    url = reverse(f"scoring:{name}", args=args)
    return sign_in(client, person).post(url, {"idem": new_key(), **data})


def get(client, person, name, *args):
    return sign_in(client, person).get(reverse(f"scoring:{name}", args=args))


def test_everybody_of_the_unit_reads_the_rules(client, d, draft):
    for person in (d.officers[1][0], d.leader, d.personnel[0]):
        assert "施行中" in get(client, person, "rulebook_list").content.decode()
        text = get(client, person, "rulebook_detail", d.book.pk).content.decode()
        assert "精业-扣-01" in text and "每季上限4.00" in text
    stranger = make_department().chair
    assert get(client, stranger, "rulebook_detail", d.book.pk).status_code == 404
    assert "还没有细则" in get(client, stranger, "rulebook_list").content.decode()


@pytest.mark.parametrize(
    ("state", "day", "word"),
    [
        ("approved", date(2026, 1, 1), "施行中"),
        ("approved", date(2026, 8, 1), "待施行"),
        ("approved", date(2025, 1, 1), "已被替代"),
        ("retired", date(2026, 8, 1), "已停用"),
        ("draft", None, "草案"),
    ],
)
def test_each_version_says_how_it_stands(client, d, state, day, word):
    if word != "施行中":
        make_rule_book(d.unit, version=2, state=state, in_force_from=day)
    assert word in get(client, d.officers[0][0], "rulebook_list").content.decode()


def test_a_sealed_book_says_since_when(client, d):
    rulebooks.seal(d.book.pk, by=None)
    assert "封存" in get(client, d.leader, "rulebook_detail", d.book.pk).content.decode()


def test_the_leader_approves_on_the_page(client, d, draft):
    page = get(client, d.leader, "rulebook_detail", draft.pk)
    assert page.context["may_approve"] and "in_force_from" in page.content.decode()
    answer = post(client, d.leader, "rulebook_approve", draft.pk, in_force_from="2026-07-01")
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("approved", d.leader)


@pytest.mark.parametrize("day", ["", "soon", "0001-01-01", "2025-12-31"])
def test_a_refused_day_stays_in_the_form(client, d, draft, day):
    answer = post(client, d.leader, "rulebook_approve", draft.pk, in_force_from=day)
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_approved_by_somebody_faster_is_a_conflict(client, d, draft):
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    answer = post(client, d.leader, "rulebook_approve", draft.pk, in_force_from="2026-07-01")
    assert answer.status_code == 409


def test_who_may_not_is_told_why(client, d, draft):
    for person in (d.personnel[0], d.officers[0][0], d.other_leader):
        text = get(client, person, "rulebook_detail", draft.pk).content.decode()
        assert "由分管机关人事科的领导批准" in text
    answer = post(client, d.other_leader, "rulebook_approve", draft.pk, in_force_from="2026-07-01")
    assert answer.status_code == 403
    own = rulebooks.propose(d.unit, content(), by=d.personnel[0])
    RuleBook.objects.filter(pk=own.pk).update(proposed_by=d.leader)
    assert "不能批准自己" in get(client, d.leader, "rulebook_detail", own.pk).content.decode()


def test_faults_are_listed_and_stop_the_approval(client, d):
    bad = rulebooks.propose(d.unit, content(a_rule(kind="bonus")), by=d.personnel[0])
    text = get(client, d.leader, "rulebook_detail", bad.pk).content.decode()
    assert "大于零" in text and "自查里还有要改的" in text


def test_copy_and_retire(client, d, draft):
    assert post(client, d.personnel[0], "rulebook_copy", d.book.pk).status_code == 422
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    assert post(client, d.personnel[0], "rulebook_copy", d.book.pk).status_code == 302
    assert RuleBook.objects.filter(state="draft").count() == 1
    assert post(client, d.chiefs[0], "rulebook_copy", d.book.pk).status_code == 403
    assert get(client, d.leader, "rulebook_detail", draft.pk).context["may_retire"]
    assert post(client, d.leader, "rulebook_retire", draft.pk).status_code == 422
    assert post(client, d.leader, "rulebook_retire", draft.pk, reason="错").status_code == 302
    draft.refresh_from_db()
    assert draft.state == "retired"


def upload(client, person, data):
    file = SimpleUploadedFile("rules.xlsx", data)
    return post(client, person, "rulebook_import", file=file)


def test_a_workbook_becomes_a_draft(client, d):
    answer = upload(client, d.personnel[0], FILE.read_bytes())
    assert answer.status_code == 302
    book = RuleBook.objects.get(state="draft")
    assert answer.url == reverse("scoring:rulebook_detail", args=[book.pk])
    assert book.rules.count() == 36


def test_errors_are_listed_by_row_and_column_and_nothing_is_stored(client, d):
    answer = upload(client, d.personnel[0], workbook(PLAIN | {"分值": 1}))
    text = answer.content.decode()
    assert answer.status_code == 422 and "负数" in text and "分值" in text
    many = upload(client, d.personnel[0], workbook(*[PLAIN | {"分值": 1}] * 130))
    assert "另有30处没有列出" in many.content.decode()
    assert upload(client, d.personnel[0], b"junk").status_code == 422
    assert post(client, d.personnel[0], "rulebook_import").status_code == 422
    assert upload(client, d.leader, FILE.read_bytes()).status_code == 403
    assert not RuleBook.objects.filter(state="draft").exists()


# --- The admin


def admin(client, person, name, *args, data=None):
    url = reverse(f"admin:{name}", args=args)
    return sign_in(client, person).post(url, data) if data else sign_in(client, person).get(url)


def rule_form(rule, **more):
    tier = rule.tiers.get()
    return {
        "book": rule.book_id, "code": rule.code, "kind": rule.kind, "subject": rule.subject,
        "star": rule.star_id, "title": rule.title, "trigger": rule.trigger,
        "cap_quarter": rule.cap_quarter or "", "stacking": rule.stacking, "position": rule.position,
        "tiers-TOTAL_FORMS": 1, "tiers-INITIAL_FORMS": 1, "tiers-0-id": tier.pk,
        "tiers-0-rule": rule.pk, "tiers-0-points": tier.points, "tiers-0-enabled": "on",
        "tiers-0-clause": tier.clause, "tiers-0-position": tier.position,
    } | more  # fmt: skip


def test_a_draft_is_edited_in_the_admin(client, d, draft):
    who, rule = d.personnel[0], draft.rules.get()
    page = admin(client, who, "scoring_rulebook_change", draft.pk)
    assert page.status_code == 200 and "精业-扣-01" in page.content.decode()
    data = rule_form(rule, **{"tiers-0-points": "0.30", "cap_quarter": "0.10"})
    answer = admin(client, who, "scoring_rule_change", rule.pk, data=data)
    assert answer.status_code == 302
    assert Tier.objects.get(rule=rule).points > 0
    said = " ".join(str(message) for message in answer.wsgi_request._messages)
    assert "负数" in said and "低于一次的分值" in said
    assert AuditEntry.objects.filter(act="tier.change", actor=who).exists()
    assert rule.history.count() >= 2
    page = admin(client, who, "scoring_rulebook_change", draft.pk)
    assert "负数" in page.content.decode()


def test_an_approved_book_is_a_window(client, d):
    who, rule = d.personnel[0], Rule.objects.filter(book=d.book).first()
    assert "_save" not in admin(client, who, "scoring_rulebook_change", d.book.pk).content.decode()
    assert "_save" not in admin(client, who, "scoring_rule_change", rule.pk).content.decode()
    data = rule_form(rule, title="另一事项")
    assert admin(client, who, "scoring_rule_change", rule.pk, data=data).status_code == 403
    gone = admin(client, who, "scoring_rule_delete", rule.pk, data={"post": "yes"})
    assert gone.status_code == 403 and Rule.objects.filter(pk=rule.pk).exists()


def test_a_rule_joins_drafts_only(client, d, draft):
    page = admin(client, d.personnel[0], "scoring_rule_add")
    books = page.context["adminform"].form.fields["book"].queryset
    assert list(books) == [draft]


def test_windows_of_runs_and_entries(client, d):
    from scoring.actions import runs

    run = runs.score(d.unit, "2026H1", by=None)
    assert str(run.cards.filter(star=None).first()).strip()
    for name in (
        "scoring_scorerun", "scoring_scorecard", "ledgers_pointentry", "ledgers_quarter",
    ):  # fmt: skip
        assert admin(client, d.personnel[0], f"{name}_changelist").status_code == 200
        assert admin(client, d.personnel[0], f"{name}_add").status_code == 403
        assert admin(client, d.chiefs[0], f"{name}_changelist").status_code in (302, 403)
