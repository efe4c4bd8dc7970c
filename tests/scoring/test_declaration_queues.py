"""The two desks of declarations, the windows, the workbook, and what the desk says of them."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme.idempotency import new_key
from scheme.models import AuditEntry
from scoring.actions import declaration_papers
from scoring.models import Declaration, DeclarationWindow
from tests.factories import make_declaration
from tests.scoring.declaring import department

State = Declaration.State
CHECK, VERIFY = "declaration_check_list", "declaration_verify_list"


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def get(client, person, name, **query):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"scoring:{name}"), query)


def post(client, person, name, **data):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(reverse(f"scoring:{name}"), {"idem": new_key()} | data)


def pick(*lines):
    return [f"{line.pk}:{line.version}" for line in lines]


def rows(page):
    return [row for group in page.context["groups"] for row, _star in group["rows"]]


def state_of(line):
    line.refresh_from_db()
    return line.state


# --- What lies on whose desk


def test_the_chief_s_desk_has_the_section_s_lines_and_boxes_only_where_there_is_a_choice(client, d):
    chief = d.chiefs[0]
    theirs = make_declaration(d.who)
    own = make_declaration(chief)
    section = make_declaration(d.one, "效能-加-12", level="city", filed_by=chief)
    make_declaration(d.officers[1][0])
    make_declaration(d.who, state="draft")
    page = get(client, chief, CHECK)
    assert {row.line: (row.may, row.why) for row in rows(page)} == {
        theirs: (True, ""),
        own: (False, "自己的申报，由分管领导初核"),
        section: (False, "自己的申报，由分管领导初核"),
    }
    assert page.content.decode().count('name="pick"') == 1
    leader = get(client, d.leader, CHECK)
    may = {row.line: row.may for row in rows(leader)}
    assert may == {theirs: False, own: True, section: True}
    assert page.context["counts"] == {"mine": 1, "others": 2, "settled": 0}


def test_the_office_verifies_what_others_checked(client, d):
    line = make_declaration(d.who, state="checked", checked_by=d.chiefs[0])
    own = make_declaration(d.verifier, state="checked", checked_by=d.leader)
    mine = make_declaration(d.other_verifier, state="checked", checked_by=d.verifier)
    make_declaration(d.who)
    page = get(client, d.verifier, VERIFY)
    assert {row.line: row.why for row in rows(page)} == {
        line: "",
        own: "自己的申报，由别人核验",
        mine: "您初核过，由另一人核验",
    }


def test_filters_live_in_the_address(client, d):
    one = make_declaration(d.who, "勤学-加-02", level="city", state="checked")
    two = make_declaration(d.officers[1][0], "精业-加-02", state="checked")
    three = make_declaration(d.officers[1][0], "精业-加-02", date(2026, 1, 9), state="confirmed")

    def found(**query):
        return {row.line for row in rows(get(client, d.verifier, VERIFY, **query))}

    assert found() == {one, two}
    assert found(state="") == {one, two, three}
    assert found(state="confirmed") == {three}
    assert found(section=d.one.pk) == {one}
    assert found(star="ye") == {two} and found(rule="勤学-加-02") == {one}
    assert found(quarter="2026Q2") == set()
    page = get(client, d.verifier, VERIFY, star="ye", state="")
    assert "star=ye" in page.context["here"] and '<option value="ye" selected>' in (
        page.content.decode()
    )
    nothing = get(client, d.verifier, VERIFY, quarter="2026Q2").content.decode()
    assert "没有合乎条件的申报" in nothing


def test_lines_stand_section_by_section_and_star_by_star(client, d):
    make_declaration(d.officers[1][0], state="checked")
    make_declaration(d.who, "精业-加-02", state="checked")
    make_declaration(d.who, "勤学-加-02", level="city", state="checked")
    make_declaration(d.officers[0][2], "勤学-加-02", level="own", state="checked")
    groups = get(client, d.verifier, VERIFY).context["groups"]
    assert [group["section"] for group in groups] == [d.one, d.two]
    assert [star and star.pk for _row, star in groups[0]["rows"]] == ["xue", None, "ye"]


def test_an_imported_line_is_only_looked_at(client, d):
    line = make_declaration(d.who, state="draft", imported=True, proof=False)
    Declaration.objects.filter(pk=line.pk).update(state="checked")
    (row,) = rows(get(client, d.verifier, VERIFY))
    assert not row.may and row.why == "随台账导入，只看不办"


@pytest.mark.parametrize("name", [CHECK, VERIFY])
def test_empty_desks_say_what_will_come(client, d, name):
    person = d.chiefs[0] if name == CHECK else d.verifier
    assert "没有等您" in get(client, person, name).content.decode()


@pytest.mark.parametrize(("name", "state"), [(CHECK, "filed"), (VERIFY, "checked")])
def test_a_line_costs_no_more_queries_than_thirty(client, d, name, state):
    person = d.chiefs[0] if name == CHECK else d.verifier

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert get(client, person, name).status_code == 200
        return len(seen)

    make_declaration(d.who, state=state)
    cost()
    one = cost()
    for n in range(29):
        make_declaration(d.officers[0][n % 3], state=state)
    assert cost() == one
    assert len(rows(get(client, person, name))) == 30


# --- Deciding


def test_a_batch_passes_and_tells_of_each_line(client, d):
    good = [make_declaration(d.who) for _n in range(3)]
    stale = make_declaration(d.who)
    picked = [*pick(*good), f"{stale.pk}:{stale.version + 1}"]
    answer = post(client, d.chiefs[0], CHECK, move="pass", pick=picked, query="star=", at="2")
    assert {state_of(line) for line in good} == {State.CHECKED}
    assert state_of(stale) == State.FILED
    assert "at=2" in answer["Location"]
    page = client.get(answer["Location"])
    outcome = page.context["outcome"]
    assert outcome["done"] == good
    assert [line for line, _why in outcome["refused"]] == [stale]
    assert "刚才变了" in page.content.decode()


def test_the_same_batch_twice_is_done_once_and_answers_alike(client, d):
    line = make_declaration(d.who)
    body = {"move": "pass", "pick": pick(line), "idem": new_key()}
    first = post(client, d.chiefs[0], CHECK, **body)
    again = post(client, d.chiefs[0], CHECK, **body)
    assert again["Location"] == first["Location"]
    assert line.moves.filter(kind="checked").count() == 1


def test_the_office_verifies_a_batch(client, d):
    lines = [make_declaration(d.who, state="checked") for _n in range(3)]
    post(client, d.verifier, VERIFY, move="pass", pick=pick(*lines))
    assert {state_of(line) for line in lines} == {State.CONFIRMED}


@pytest.mark.parametrize(
    ("move", "field", "state"),
    [("return", "reason", "returned"), ("refuse", "refuse_reason", "refused")],
)
def test_a_batch_is_turned_down_with_one_reason(client, d, move, field, state):
    lines = [make_declaration(d.who) for _n in range(2)]
    own = make_declaration(d.chiefs[0])
    picked = [*pick(*lines, own), "9000000000:1"]
    answer = post(client, d.chiefs[0], CHECK, move=move, pick=picked, **{field: "缺公章"})
    assert {state_of(line) for line in lines} == {state}
    assert state_of(own) == State.FILED
    assert {move_.reason for line in lines for move_ in line.moves.filter(kind=state)} == {"缺公章"}
    assert len(client.get(answer["Location"]).context["outcome"]["refused"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"move": "pass"},
        {"move": "pass", "pick": ["x", "1", "1:x", "9" * 30 + ":1"]},
        {"move": "return", "pick": ["1:1"]},
        {"move": "fly", "pick": ["1:1"]},
    ],
)
def test_an_empty_choice_no_reason_and_rubbish_are_refused(client, d, body):
    assert post(client, d.chiefs[0], CHECK, **body).status_code == 422


def test_somebody_else_s_outcome_is_not_shown(client, d):
    line = make_declaration(d.who)
    answer = post(client, d.chiefs[0], CHECK, move="pass", pick=pick(line))
    url = answer["Location"]
    assert client.get(url).context["outcome"]
    assert get(client, d.leader, CHECK, outcome="1").context["outcome"] is None


# --- Windows, figures, workbook


def test_a_window_is_set_and_extended(client, d):
    body = {"quarter": "2026Q2", "opens_on": "2026-06-25", "closes_on": "2026-07-05"}
    assert post(client, d.verifier, "declaration_windows", **body).status_code == 302
    assert DeclarationWindow.objects.get(quarter="2026Q2").set_by == d.verifier
    later = body | {"closes_on": "2026-07-08"}
    page = post(client, d.verifier, "declaration_windows", **later)
    assert page.status_code == 422 and "reason" in page.context["form"].errors
    answer = post(client, d.verifier, "declaration_windows", **later, reason="材料还在路上")
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.context["form"]["closes_on"].value() == date(2026, 7, 8)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("closes_on", {"closes_on": "2026-06-01"}),
        ("opens_on", {"opens_on": "0001-01-01"}),
        ("closes_on", {"closes_on": "2026-13-01"}),
        ("quarter", {"quarter": "2026Q9"}),
    ],
)
def test_a_wrong_window_is_told_at_its_field(client, d, field, more):
    body = {"quarter": "2026Q2", "opens_on": "2026-06-25", "closes_on": "2026-07-05"} | more
    page = post(client, d.verifier, "declaration_windows", **body)
    assert page.status_code == 422 and field in page.context["form"].errors


def test_the_figures_have_everybody_for_a_denominator(client, d):
    make_declaration(d.who)
    make_declaration(d.who, state="checked")
    make_declaration(d.officers[1][0], state="draft")
    make_declaration(d.one, "效能-加-12", level="city")
    page = get(client, d.verifier, "declaration_windows", quarter="2026Q1").context
    # Nine officers and three chiefs (of the sections), and the chief made to file the line.
    assert (page["people"], page["people_declared"]) == (13, 1)
    assert (page["sections"], page["sections_declared"]) == (3, 1)
    assert {one["value"]: one["n"] for one in page["states"] if one["n"]} == {
        "draft": 1,
        "filed": 2,
        "checked": 1,
    }


def test_the_workbook_has_the_columns_of_the_sheet_and_leaves_its_line(client, d):
    line = make_declaration(d.who, "勤学-加-02", level="city", quantity="2.50", matter="=1+1")
    make_declaration(d.who, state="confirmed")
    make_declaration(d.who, state="refused", checked_by=d.chiefs[0])
    make_declaration(d.who, state="checked")
    make_declaration(d.who, state="draft")
    make_declaration(d.who, state="withdrawn")
    answer = post(client, d.verifier, "declaration_export", quarter="2026Q1")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["申报"]
    assert [cell.value for cell in sheet[3]] == [
        *("季度", "对象", "规则编号", "级别", "数量", "事项", "文件号", "文件日期", "初核", "核验")
    ]
    assert [cell.value or "" for cell in sheet[5]] == [
        *("2026Q1", d.who.staff_no, "勤学-加-02", "市", "2.5", "=1+1", line.document_no),
        *("2026-03-05", "", ""),
    ]
    assert sheet.cell(5, 6).data_type == "s"
    outcomes = [(sheet.cell(n, 9).value or "", sheet.cell(n, 10).value or "") for n in (6, 7, 8)]
    assert outcomes == [("通过", "通过"), ("通过", "不通过"), ("通过", "")]
    assert AuditEntry.objects.get(act="declaration.export").after["lines"] == 4
    assert post(client, d.verifier, "declaration_export", quarter="x").status_code == 404


def test_a_line_refused_at_the_first_check_and_a_section_s_in_the_workbook(d, tmp_path):
    make_declaration(d.who, state="refused")
    make_declaration(d.one, "效能-加-12", level="city")
    path = tmp_path / "out.xlsx"
    assert declaration_papers.export(d.unit, "2026Q1", path, by=d.verifier) == 2
    sheet = openpyxl.load_workbook(path)["申报"]
    assert (sheet["I5"].value, sheet["J5"].value or "") == ("不通过", "")
    assert sheet["B6"].value == d.one.name


def test_the_workbook_is_the_office_s(d, tmp_path):
    with pytest.raises(PermissionDenied):
        declaration_papers.export(d.unit, "2026Q1", tmp_path / "out.xlsx", by=d.who)


# --- The desk and the admin


def test_the_desk_names_what_waits_and_what_came_back(client, d):
    make_declaration(d.who)
    make_declaration(d.who, state="checked")
    back = make_declaration(d.who, state="returned")

    def desk(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(reverse("desk:home")).context
        return [task.url for task in [*page["owed"], *page["waiting"]]]

    assert reverse(f"scoring:{CHECK}") in desk(d.chiefs[0])
    assert reverse(f"scoring:{VERIFY}") in desk(d.verifier)
    assert reverse("scoring:declaration_edit", args=[back.pk]) in desk(d.who)
    assert reverse(f"scoring:{CHECK}") not in desk(d.who)


def test_the_admin_has_a_window_on_declarations(client, d):
    line = make_declaration(d.who)
    client.force_login(d.verifier, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:scoring_declaration_change", args=[line.pk]))
    assert reverse("scoring:declaration_detail", args=[line.pk]) in page.content.decode()
    assert client.get(reverse("admin:scoring_manualentry_changelist")).status_code == 200
