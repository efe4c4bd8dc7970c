"""The pages of the library: found, read, compared, written, without a query too many."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk import queries
from scheme.actions import library
from scheme.idempotency import new_key
from scheme.models import AuditEntry, ReadReceipt, Regulation, RegulationVersion
from scoring import regulation_pages as pages
from scoring.models import Tier
from tests.factories import again, make_rule_book
from tests.scheme import regulation_world as world


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-02 09:00")
    return world.department()


def get(client, who, name, /, *args, **asked):
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"scoring:{name}", args=args), asked)


def post(client, who, name, /, *args, **data):
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse(f"scoring:{name}", args=args)
    return client.post(url, {"idem": new_key(), **data})


def text_of(response):
    return response.content.decode()


FORM = {
    "area": 3,
    "number": 1,
    "title": "《日报制度》",
    "text": world.TEXT,
    "document_no": "组通1号",
    "issued_on": "2026-01-05",
    "effective_on": "2026-02-01",
}


def test_a_chief_drafts_a_leader_approves_everybody_reads(client, d):
    empty = text_of(get(client, d.writer, "regulation_list"))
    assert "制度库还是空的" in empty and "起草一项" in empty
    wrong = post(client, d.writer, "regulation_new", **(FORM | {"number": "x"}), owner=d.one.pk)
    assert wrong.status_code == 422
    assert post(client, d.writer, "regulation_new", **FORM, owner=d.two.pk).status_code == 422
    bad = post(client, d.writer, "regulation_new", **(FORM | {"text": "没有条"}), owner=d.one.pk)
    assert bad.status_code == 422 and "没有读到条款" in text_of(bad)
    assert post(client, d.writer, "regulation_new", **FORM, owner=d.one.pk).status_code == 302
    version = RegulationVersion.objects.get()
    assert version.regulation.title == "日报制度"
    page = text_of(get(client, d.writer, "regulation_write", version.pk))
    assert "第三条之一" in page and "第二章" in page
    stale = post(client, d.writer, "regulation_write", version.pk, text=world.TEXT, seen="nonsense")
    assert stale.status_code == 409
    mended = world.TEXT.replace("第三条之一", "第五条")
    saved = post(
        client, d.writer, "regulation_write", version.pk, **(FORM | {"text": mended}), seen=0
    )
    assert saved.status_code == 302
    assert "条号不连着" in text_of(get(client, d.writer, "regulation_write", version.pk))
    version.refresh_from_db()
    post(client, d.writer, "regulation_hand_in", version.pk, seen=version.version)
    version.refresh_from_db()
    waits = [task.title for task in queries.waiting(again(d.leader), None)]
    assert "《日报制度》" in waits
    shown = text_of(get(client, d.writer, "regulation_detail", version.regulation_id))
    assert "由分管负责科室或机关人事科的领导批准" not in shown and "起草过的人不能批准" in shown
    back = post(
        client, d.leader, "regulation_return", version.pk, seen=version.version, reason="改"
    )
    assert back.status_code == 302
    version.refresh_from_db()
    assert "退回修改" in [task.word for task in queries.owed(again(d.writer), [])]
    post(client, d.writer, "regulation_hand_in", version.pk, seen=version.version)
    version.refresh_from_db()
    post(client, d.leader, "regulation_approve", version.pk, seen=version.version)
    officer = d.officers[1][0]
    page = text_of(get(client, officer, "regulation_detail", version.regulation_id))
    assert 'id="c2-k2"' in page and "（一）公休假" in page and "提出废止" not in page
    assert "谁读过" not in page, "who has read is for who keeps it"


def test_found_by_a_word_with_the_place_marked(client, d):
    world.approved(d)
    draft = world.drafted(d, title="草拟", number=2, text="第一条 <b>公休假</b>另行规定。")
    officer = d.officers[1][0]
    page = text_of(get(client, officer, "regulation_list", q="公休假"))
    assert "<mark>公休假</mark>" in page and "#c2" in page and "草拟" not in page
    assert "条文里没有" in text_of(get(client, officer, "regulation_list", q="没有的词"))
    for asked in ("\x00", "《", "a" * 500, "一 二 三"):
        assert get(client, officer, "regulation_list", q=asked).status_code == 200
    regulation = Regulation.objects.get(number=1)
    page = text_of(get(client, officer, "regulation_detail", regulation.pk, q="公休假"))
    assert "<mark>公休假</mark>" in page
    # What is found is escaped before it is marked.
    assert pages.marked("<b>公休假</b>", ["公休假", ""]) == (
        "&lt;b&gt;<mark>公休假</mark>&lt;/b&gt;"
    )
    assert pages.marked("<b>", []) == "&lt;b&gt;"
    assert pages.snippet("甲" * 100 + "公休假" + "乙" * 100, ["公休假"]).startswith("…甲")
    assert get(client, officer, "regulation_detail", draft.regulation_id).status_code == 404
    assert get(client, officer, "regulation_detail", regulation.pk, version="9").status_code == 404


def test_the_list_filters_and_costs_the_same_at_one_and_at_thirty(client, d):
    first = world.approved(d)
    asked = {"q": "日报"}
    get(client, d.office, "regulation_list")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("scoring:regulation_list"), asked)
    for number in range(2, 32):
        world.approved(d, title=f"制度{number}", number=number, area=number % 7 + 1)
    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("scoring:regulation_list"), asked)
    assert len(page.context["rows"]) == 30
    assert len(many) == len(one) <= 12
    world.drafted(d, title="草稿一", number=40)
    world.revised(first, d, world.TEXT, date(2026, 6, 1))
    gone = Regulation.objects.get(number=2)
    end = world.acts.propose_abolition(
        gone.pk, effective_on=date(2026, 3, 2), reason="另有规定", by=d.office, seen=0
    )
    world.approve(end, d)
    library.describe(
        Regulation.objects.get(number=3).pk, area=3, number=3, title="制度3", owner=d.two,
        review_on=date(2026, 1, 1), cited_bare=False, by=d.office, seen=0,
    )  # fmt: skip

    def titles(**asked):
        rows = get(client, d.office, "regulation_list", **asked).context["rows"]
        return [row.regulation.title for row in rows]

    assert titles(status="draft") == ["草稿一"]
    assert titles(status="coming") == ["日报制度"]
    assert titles(status="abolished") == ["制度2"]
    assert titles(status="review") == ["制度3"] == titles(owner=d.two.pk)
    assert len(titles(status="in_force")) == 30 and "制度2" not in titles(status="in_force")
    assert titles(area=2) == [f"制度{n}" for n in (8, 15, 22, 29)]
    assert titles(area="x", owner="y", status="z")
    assert "没有合条件的" in text_of(
        get(client, d.office, "regulation_list", area=2, owner=d.two.pk)
    )
    officer = d.officers[0][1]
    shown = text_of(get(client, officer, "regulation_list"))
    assert "草稿一" not in shown and "起草一项" not in shown


def test_the_catalogue_in_the_offices_layout(client, d):
    world.approved(d)
    world.drafted(d, title="草稿一", number=2)
    answer = post(client, d.officers[0][1], "regulation_export")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["A1"].value.endswith("制度目录") and sheet.print_title_rows == "$1:$4"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert rows[0][:4] == [1, "工作纪律", "日报制度", "干部一科"]
    assert rows[0][4:9] == [1, "组通〔2026〕1号", "2026-01-05", "2026-02-01", "施行"]
    assert not any("草稿一" in str(row) for row in rows)
    assert AuditEntry.objects.filter(act="regulation.export").count() == 1


def test_two_versions_side_by_side(client, d):
    first = world.approved(d, text="前言\n第一条 甲。\n第二条 <乙>。\n第三条 丙。")
    regulation = first.regulation
    alone = text_of(get(client, d.office, "regulation_compare", regulation.pk))
    assert "没有别的一版可比" in alone
    world.revised(first, d, "前言\n第一条 甲。\n第二条 <乙丁>。\n第四条 戊。", date(2026, 4, 1))
    page = get(client, d.office, "regulation_compare", regulation.pk)
    found = [(pair.label, pair.kind) for pair in page.context["pairs"]]
    assert found == [
        ("", "same"),
        ("第一条", "same"),
        ("第二条", "changed"),
        ("第三条", "removed"),
        ("第四条", "added"),
    ]
    assert "&lt;乙<ins>丁</ins>&gt;" in text_of(page) and page.context["changed"] == 3
    turned = get(client, d.office, "regulation_compare", regulation.pk, **{"from": 2, "to": 1})
    assert "&lt;乙<del>丁</del>&gt;" in text_of(turned)
    same = get(client, d.office, "regulation_compare", regulation.pk, **{"from": 1, "to": 1})
    assert same.context["pairs"] == []
    wrong = get(client, d.office, "regulation_compare", regulation.pk, **{"from": "x"})
    assert wrong.status_code == 404


def test_one_touch_at_the_end_and_names_for_the_keeper_only(client, d):
    version = world.approved(d)
    asked = post(client, d.writer, "regulation_readers", version.pk, readers="everybody",
                 read_by="2026-03-09", seen=version.version)  # fmt: skip
    assert asked.status_code == 302
    refused = post(client, d.writer, "regulation_readers", version.pk, readers="sections",
                   read_by="2026-03-09", seen=version.version + 1)  # fmt: skip
    assert refused.status_code == 422 and "勾选要读的科室" in text_of(refused)
    wrong = post(client, d.writer, "regulation_readers", version.pk, readers="x", seen=1)
    assert wrong.status_code == 422
    officer = d.officers[1][0]
    assert "《日报制度》" in [task.title for task in queries.owed(again(officer), [])]
    page = text_of(get(client, officer, "regulation_detail", version.regulation_id))
    assert reverse("scoring:regulation_read", args=[version.pk]) in page
    for _again in range(2):
        assert post(client, officer, "regulation_read", version.pk).status_code == 302
    assert ReadReceipt.objects.count() == 1
    assert "您已阅" in text_of(get(client, officer, "regulation_detail", version.regulation_id))
    assert "《日报制度》" not in [task.title for task in queries.owed(again(officer), [])]
    names = text_of(get(client, d.writer, "regulation_readers", version.pk))
    assert officer.name in names and d.officers[2][1].name in names
    counts = text_of(get(client, d.writer, "regulation_detail", version.regulation_id))
    assert f"应读{len(d.everybody)}人" in counts
    assert get(client, officer, "regulation_readers", version.pk).status_code == 403


def test_which_rules_rest_on_it_and_what_has_changed(client, d):
    version = world.approved(d)
    book = make_rule_book(d.unit, state="draft", proposed_by=d.office)
    Tier.objects.filter(rule__code="精业-扣-01").update(clause="《日报制度》第二条第一款")
    type(book).objects.filter(pk=book.pk).update(
        state="approved", approved_by=d.leader, approved_at="2026-01-20T00:00Z",
        in_force_from=date(2026, 2, 1), digest="0" * 64,
    )  # fmt: skip
    officer = d.officers[1][0]
    page = text_of(get(client, officer, "regulation_detail", version.regulation_id))
    assert "被积分细则引用" in page and "精业-扣-01" in page
    shown = text_of(get(client, officer, "rulebook_detail", book.pk))
    assert f"{version.regulation_id}/?version=1#c2-k1" in shown
    world.revised(version, d, world.TEXT.replace("每个工作日", "每天"), date(2026, 3, 1))
    checked = text_of(get(client, d.office, "regulation_citations"))
    assert "1处要核对" in checked and "第2版改了这一条" in checked
    assert "第2版改了这一条" in text_of(get(client, d.office, "rulebook_detail", book.pk))
    assert "第2版改了这一条" not in text_of(get(client, officer, "rulebook_detail", book.pk))


def test_placed_abolished_and_dropped_from_the_pages(client, d):
    version = world.approved(d)
    pk = version.regulation_id
    form = {"area": 3, "number": 5, "title": "日报制度", "owner": d.two.pk, "seen": 0}
    assert post(client, d.office, "regulation_describe", pk, **form).status_code == 302
    stale = post(client, d.office, "regulation_describe", pk, **form)
    assert stale.status_code == 409 and "刚被改过" in text_of(stale)
    assert post(client, d.office, "regulation_describe", pk, seen=1).status_code == 422
    assert "归口" in text_of(get(client, d.office, "regulation_describe", pk))
    bad = post(client, d.office, "regulation_abolish", pk, seen=1, effective_on="x")
    assert bad.status_code == 422
    day = {"effective_on": "2026-03-01", "reason": "另有规定"}
    past = post(client, d.office, "regulation_abolish", pk, seen=1, **day)
    assert past.status_code == 422 and "不能早于印发日期" in text_of(past)
    day["effective_on"] = "2026-04-01"
    assert post(client, d.office, "regulation_abolish", pk, seen=1, **day).status_code == 302
    end = RegulationVersion.objects.get(abolishes=True)
    assert get(client, d.office, "regulation_write", end.pk).status_code == 302
    shown = text_of(get(client, again(d.leader), "regulation_detail", pk, version=2))
    assert "另有规定" in shown and "批准废止" in shown
    assert post(client, d.office, "regulation_discard", end.pk, seen=end.version).status_code == 302
    made = world.drafted(d, title="草稿一", number=9)
    gone = post(client, d.office, "regulation_discard", made.pk, seen=made.version)
    assert gone.url == reverse("scoring:regulation_list")
    names = text_of(get(client, d.office, "regulation_areas"))
    assert "督查督办" in names
    long = post(client, d.office, "regulation_areas", area_1="字" * 21)
    assert long.status_code == 422
    assert post(client, d.office, "regulation_areas", area_1="理论学习").status_code == 302
    assert "理论学习" in text_of(get(client, d.office, "regulation_list"))
