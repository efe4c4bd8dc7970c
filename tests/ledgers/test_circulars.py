"""Circulars: written, signed, numbered, issued, frozen; and everybody who may not."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars as acts
from ledgers.circulating import GOOD, PROBLEM, TABLE, Content, Named, Part, table
from ledgers.exports.circular import number_of
from ledgers.models import Circular, CircularPart, LedgerMove, Naming, SupervisionNote
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from tests.factories import appoint, make_department, make_section
from tests.ledgers.acting import refusal
from tests.ledgers.circular_world import content, department, drafted, filed, issued, signed, task

State = Circular.State
HEAD = {"title": "标题", "addressed_to": "各科室", "signed_as": "部"}


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-03 09:00")
    return department()


def change(circular, *, by, texts=(), namings=(), version=None, **head):
    said = {name: getattr(circular, name) for name in HEAD} | head
    seen = circular.version if version is None else version
    return acts.change(
        circular.pk, **said, texts=dict(texts), namings=dict(namings), version=seen, by=by
    )


def redraw(circular, new, d):
    circular.refresh_from_db()
    return acts.redraw(circular.pk, new, version=circular.version, by=d.writer)


def part(circular, key) -> CircularPart:
    return circular.parts.get(key=key)


def namings(circular):
    return {(n.section.name, n.kind): n.text for n in circular.namings.select_related("section")}


def told(person):
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("text", flat=True))


# --- Writing


def test_a_draft_takes_over_what_the_last_one_was_addressed_and_signed_with(d):
    first = drafted(d)
    assert (first.addressed_to, first.signed_as) == ("各科室", d.unit.name)
    assert [p.kind for p in first.parts.all()] == ["heading", "text", "table", "heading", "heading"]
    assert namings(first) == {("干部一科", "good"): "早", ("组织二科", "problem"): "晚"}
    change(first, by=d.writer, addressed_to="各科室、各支部", signed_as="部办公室")
    second = drafted(d, "2026-04")
    assert (second.addressed_to, second.signed_as) == ("各科室、各支部", "部办公室")
    assert "已经起草" in str(refusal(lambda: drafted(d)))
    gone = steps.drop(first.pk, reason="改下月合发", version=1, by=d.writer)
    assert gone.state == State.DROPPED and drafted(d).pk != first.pk
    with pytest.raises(PermissionDenied):
        acts.draft(d.unit, content(d, "2026-03"), by=d.chair)


def test_words_are_changed_figures_are_not(d):
    made = drafted(d)
    overall, figures = part(made, "overall"), part(made, "tasks")
    good, problem = made.namings.order_by("pk")
    assert change(made, by=d.writer).version == 0
    done = change(
        made,
        by=d.other,
        texts={overall.pk: " 总的看，进展顺利。\r\n（一）任务 ", figures.pk: "x"},
        namings={good.pk: "", problem.pk: "晚了\n三天"},
        title="新标题 \n第二行",
    )
    assert done.version == 1 and done.title == "新标题\n第二行"
    assert part(made, "overall").text == "总的看，进展顺利。\n（一）任务"
    assert part(made, "tasks").text == "" and part(made, "tasks").table["rows"] == [
        ["干部一科", "12"]
    ]
    assert namings(made) == {("组织二科", "problem"): "晚了 三天"}
    move = LedgerMove.objects.get(ledger="circular", row_id=made.pk, version=1)
    assert (move.kind, move.by) == ("change", d.other)
    assert move.before[f"naming-{good.pk}"] == "干部一科：早"
    made.refresh_from_db()
    for broken in (
        {"title": " "},
        {"texts": {overall.pk: "长" * 4001}},
        {"namings": {problem.pk: "长" * 301}},
    ):
        assert isinstance(refusal(lambda b=broken: change(made, by=d.writer, **b)), Refused)
    with pytest.raises(Stale):
        change(made, by=d.writer, version=0)


def test_figures_are_drawn_anew_and_words_of_people_stay(d):
    made = drafted(d)
    overall = part(made, "overall")
    redraw(made, content(d, figure="13", words="本月办结3项。"), d)
    assert part(made, "tasks").table["rows"][0][1] == "13"
    assert part(made, "overall").text == "本月办结3项。"
    change(
        Circular.objects.get(pk=made.pk),
        by=d.writer,
        texts={part(made, "overall").pk: "总的看，进展顺利。"},
    )
    redraw(made, content(d, figure="14", words="本月办结4项。"), d)
    kept = part(made, "overall")
    assert (kept.text, kept.drafted) == ("总的看，进展顺利。", "本月办结4项。")
    assert part(made, "tasks").table["rows"][0][1] == "14" and kept.pk != overall.pk
    assert "不是一期" in str(refusal(lambda: redraw(made, content(d, "2026-04"), d)))


def test_namings_follow_the_ledgers_unless_somebody_touched_them(d):
    job = task(d, "Z")
    named = [
        Named(d.one, GOOD, "早"),
        Named(d.two, PROBLEM, "晚"),
        Named(d.two, PROBLEM, "退回", job),
        Named(d.office, PROBLEM, "迟"),
    ]
    made = drafted(d, named=named)
    late, back = made.namings.filter(section=d.two).order_by("pk")
    struck = made.namings.get(section=d.office)
    made = change(made, by=d.writer, namings={struck.pk: "", late.pk: "晚，已说明"})
    # The one of a task says something else now, the good one is no longer true.
    now = [Named(d.two, PROBLEM, "退回两次", job), Named(d.office, PROBLEM, "迟")]
    redraw(made, content(d, named=now), d)
    found = sorted(made.namings.values_list("section__name", "text"))
    assert found == [("组织二科", "晚，已说明"), ("组织二科", "退回两次")]
    assert not made.namings.filter(pk=back.pk).exists()
    made.refresh_from_db()
    acts.name(made.pk, section=d.one, kind=GOOD, text="自己写", version=made.version, by=d.writer)
    redraw(made, content(d, named=[*now, Named(d.one, GOOD, "早")]), d)
    assert namings(made)["干部一科", "good"] == "自己写"


def test_a_naming_is_added_once_with_its_reason(d):
    made, job = drafted(d, named=[]), task(d, "Z")

    def name(**more):
        made.refresh_from_db()
        about = {"section": d.one, "kind": PROBLEM, "text": "迟报", "task": job} | more
        return acts.name(made.pk, **about, version=made.version, by=d.writer)

    assert name().task == job and name(task=None).task is None
    assert "已因这件事" in str(refusal(name))
    assert refusal(lambda: name(text="  ")).field == "text"
    elsewhere = make_department()
    assert refusal(lambda: name(section=elsewhere.one)).field == "section"
    assert refusal(lambda: name(task=task(elsewhere, "Z"))).field == "section"


# --- The way


def test_signed_by_the_chair_numbered_and_issued(d):
    made = drafted(d)
    made = steps.file(made.pk, version=0, by=d.writer)
    assert told(d.chair) == ["通报待签发：关于五月重点工作的通报"]
    made = steps.approve(made.pk, version=1, by=d.chair)
    assert (made.approved_by, made.state) == (d.chair, State.APPROVED)
    assert told(d.writer) == ["通报已签发：关于五月重点工作的通报"]
    assert steps.next_mark(d.unit) == ""
    made = steps.issue(made.pk, mark=" 泽组通 ", version=2, by=d.other)
    assert number_of(made) == "泽组通〔2026〕1号" and made.issued_on == date(2026, 6, 3)
    assert steps.next_mark(d.unit) == "泽组通"
    for chief in d.chiefs:
        assert "泽组通〔2026〕1号已印发：关于五月重点工作的通报" in told(chief)
    assert told(d.chiefs[1])[-1] == "组织二科在泽组通〔2026〕1号中被点名"
    assert not any("点名" in text for text in told(d.chiefs[0]))
    kinds = LedgerMove.objects.filter(ledger="circular", row_id=made.pk)
    assert list(kinds.order_by("version").values_list("kind", flat=True)) == [
        "draft", "file", "sign", "issue",
    ]  # fmt: skip
    trail = AuditEntry.objects.filter(object_type="ledgers.circular", object_id=str(made.pk))
    assert trail.count() == 4


def test_a_problem_becomes_a_line_of_the_supervision_ledger_and_praise_does_not(d):
    job = task(d, "Z", lead=d.two)
    named = [
        Named(d.one, GOOD, "早"),
        Named(d.two, PROBLEM, "晚", job),
        Named(d.office, PROBLEM, "迟"),
    ]
    made = issued(d, named=named)
    notes = SupervisionNote.objects.order_by("section__name")
    assert [(n.kind, n.section, n.task, n.day, n.text, n.state) for n in notes] == [
        ("named", d.office, None, date(2026, 6, 3), "泽组通〔2026〕1号：迟", "stands"),
        ("named", d.two, job, date(2026, 6, 3), "泽组通〔2026〕1号：晚", "stands"),
    ]
    assert {n.note_id for n in Naming.objects.filter(circular=made)} == {
        None, *notes.values_list("pk", flat=True),
    }  # fmt: skip
    move = LedgerMove.objects.get(ledger="supervision", row_id=notes[0].pk)
    assert (move.kind, move.by, move.text) == ("hold", d.other, "泽组通〔2026〕1号")


def test_numbers_follow_each_other_by_mark_and_year(d, clock):
    assert [issued(d, f"2026-0{n}").serial for n in (1, 2)] == [1, 2]
    assert issued(d, "2026-03", mark="泽组办").serial == 1
    waiting = signed(d, "2026-04")
    for mark in ("", "泽", "泽组通〔", "泽组2026", "泽" * 21):
        wrong = refusal(lambda m=mark: steps.issue(waiting.pk, mark=m, version=2, by=d.other))
        assert wrong.field == "mark"
    clock.set("2027-01-05 09:00")
    assert steps.issue(waiting.pk, mark="泽组通", version=2, by=d.other).serial == 1


def test_nobody_signs_what_they_had_a_hand_in(d):
    made = drafted(d)
    appoint(d.chair, Office.PERSONNEL_OFFICE)
    change(made, by=d.chair, title="另一个标题")
    made = steps.file(made.pk, version=1, by=d.writer)
    assert "自己拟的稿" in str(refusal(lambda: steps.approve(made.pk, version=2, by=d.chair)))
    own = acts.draft(d.unit, content(d, "2026-04"), by=d.chair)
    # There is no other chair to sign it.
    assert "先任命" in str(refusal(lambda: steps.file(own.pk, version=0, by=d.chair)))
    steps.file(own.pk, version=0, by=d.writer)
    assert "自己拟的稿" in str(refusal(lambda: steps.approve(own.pk, version=1, by=d.chair)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Circular.objects.filter(pk=own.pk).update(approved_by=d.chair)


def test_returned_with_a_reason_by_who_signs_and_by_who_issues(d):
    made = filed(d)
    assert (
        refusal(lambda: steps.give_back(made.pk, reason=" ", version=1, by=d.chair)).field
        == "reason"
    )
    with pytest.raises(PermissionDenied):
        steps.give_back(made.pk, reason="x", version=1, by=d.writer)
    back = steps.give_back(made.pk, reason="数字再核", version=1, by=d.chair)
    assert back.state == State.RETURNED
    assert told(d.writer)[-1] == "通报退回补正：关于五月重点工作的通报"
    assert "退回补正" in str(
        refusal(lambda: steps.give_back(made.pk, reason="x", version=2, by=d.chair))
    )
    steps.file(made.pk, version=2, by=d.other)
    steps.approve(made.pk, version=3, by=d.chair)
    with pytest.raises(PermissionDenied):
        steps.give_back(made.pk, reason="x", version=4, by=d.chair)
    again = steps.give_back(made.pk, reason="漏了一科", version=4, by=d.other)
    assert (again.state, again.approved_by, again.approved_at) == (State.RETURNED, None, None)


def test_withdrawn_while_nobody_has_signed(d):
    made = filed(d)
    assert steps.withdraw(made.pk, version=1, by=d.other).state == State.DRAFT
    assert "不用再办" in str(refusal(lambda: steps.withdraw(made.pk, version=2, by=d.writer)))
    made = steps.file(made.pk, version=2, by=d.writer)
    with pytest.raises(PermissionDenied):
        steps.withdraw(made.pk, version=3, by=d.chair)
    assert "待签" in str(refusal(lambda: change(made, by=d.writer, title="x")))
    with pytest.raises(PermissionDenied):
        acts.name(made.pk, section=d.one, kind=GOOD, text="x", version=3, by=d.chair)


def test_dropped_before_or_after_the_signature_but_not_in_between(d):
    made = filed(d)
    assert "待签" in str(refusal(lambda: steps.drop(made.pk, reason="x", version=1, by=d.writer)))
    steps.approve(made.pk, version=1, by=d.chair)
    with pytest.raises(PermissionDenied):
        steps.drop(made.pk, reason="x", version=2, by=d.chair)
    assert steps.drop(made.pk, reason="并入下期", version=2, by=d.other).state == State.DROPPED


def test_each_step_once_and_only_in_its_turn(d):
    made = drafted(d)
    for step, by in ((steps.withdraw, d.writer), (steps.issue, d.other)):
        more = {"mark": "泽组通"} if step is steps.issue else {}
        refused = refusal(lambda s=step, b=by, m=more: s(made.pk, version=0, by=b, **m))
        assert refused.conflict, step
    # The chair does not see a draft at all.
    with pytest.raises(Circular.DoesNotExist):
        steps.approve(made.pk, version=0, by=d.chair)
    with pytest.raises(Circular.DoesNotExist):
        steps.word(made.pk, by=d.chief)
    done = issued(d, "2026-04")
    assert refusal(lambda: steps.approve(done.pk, version=3, by=d.chair)).conflict
    with pytest.raises(PermissionDenied):
        steps.issue(done.pk, mark="泽组通", version=3, by=d.chief)


# --- What the database itself refuses


def refused_by_the_database(call):
    with pytest.raises(IntegrityError), transaction.atomic():
        call()


def test_what_is_signed_is_not_rewritten_and_what_is_issued_is_frozen(d):
    made = signed(d)
    text, naming = part(made, "overall"), made.namings.get(kind=PROBLEM)
    parts, rows = CircularPart.objects.filter(pk=text.pk), Naming.objects.filter(pk=naming.pk)
    draft = drafted(d, "2026-04")
    for call in (
        lambda: parts.update(text="别的"),
        lambda: parts.update(circular=draft),
        lambda: parts.delete(),
        lambda: CircularPart.objects.create(circular=made, position=9, kind="text"),
        lambda: rows.update(text="别的"),
        lambda: rows.delete(),
        lambda: Circular.objects.filter(pk=draft.pk).update(state="approved"),
    ):
        refused_by_the_database(call)
    done = steps.issue(made.pk, mark="泽组通", version=2, by=d.other)
    row = Circular.objects.filter(pk=done.pk)
    for call in (
        lambda: row.update(title="别的"),
        lambda: row.update(version=9),
        lambda: rows.update(note=None),
        lambda: parts.delete(),
    ):
        refused_by_the_database(call)


# --- On paper


def test_each_copy_that_goes_out_leaves_its_line(d, tmp_path):
    made = issued(d)
    first, path = steps.word(made.pk, by=d.chief), tmp_path / "tables.xlsx"
    assert first == steps.word(made.pk, by=d.writer) and first.startswith(b"PK")
    steps.workbook(made.pk, path, by=d.chief)
    assert path.read_bytes().startswith(b"PK")
    trail = AuditEntry.objects.filter(act="circular.export").order_by("pk")
    assert [row.after["format"] for row in trail] == ["docx", "docx", "xlsx"]


def test_others_see_it_when_it_is_issued_and_another_unit_never(d):
    made, stranger = filed(d), make_department()
    sees = {
        person: Circular.objects.visible_to(person).filter(pk=made.pk).exists()
        for person in (d.writer, d.other, d.chair, d.leader, d.chief, stranger.personnel[0])
    }
    assert list(sees.values()) == [True, True, True, False, False, False]
    steps.approve(made.pk, version=1, by=d.chair)
    steps.issue(made.pk, mark="泽组通", version=2, by=d.writer)
    assert Circular.objects.visible_to(d.chief).get() == made
    assert not Circular.objects.visible_to(stranger.chair).exists()


def test_a_circular_without_a_place_for_namings_says_them_before_the_signature(d):
    grid = table([["科室", "篇"]], [["干部一科", 3]], "lc")
    plain = Content("adoption", "2026-05", "采用", [Part(TABLE, "adopted", table=grid)])
    made = acts.draft(d.unit, plain, by=d.writer)
    acts.name(made.pk, section=make_section(d.unit), kind=GOOD, text="好", version=0, by=d.writer)
    made.refresh_from_db()
    from ledgers.exports.circular import blocks

    names = [type(block).__name__ for block in blocks(made)]
    assert names == [
        *("Letterhead", "Title", "Addressed", "Table", "Heading", "Paragraph", "Signed")
    ]
