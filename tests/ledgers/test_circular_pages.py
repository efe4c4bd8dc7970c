"""The pages of circulars: drafted in one click, edited on one page, found again, on paper."""

import io
from urllib.parse import unquote

import docx
import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk import circulars as desk
from ledgers.actions import circular_steps as steps
from ledgers.models import Circular
from scheme.idempotency import new_key
from tests.factories import again
from tests.ledgers.circular_world import department, drafted, filed, issued, ledger, months, signed

State = Circular.State


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-03 09:00")
    return department()


def sign_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def get(client, person, name, *args, **query):
    sign_in(client, person)
    return client.get(reverse(f"ledgers:{name}", args=args), query)


def post(client, person, name, *args, **data):
    sign_in(client, person)
    body = {"idem": new_key()} | data
    return client.post(reverse(f"ledgers:{name}", args=args), body)


def text_of(page) -> str:
    return page.content.decode()


def fields_of(page) -> dict:
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields}


def test_from_the_ledgers_to_the_issue(client, d):
    ledger(d)
    page = get(client, d.writer, "circular_new")
    assert fields_of(page) == {"kind": "monthly", "month": "2026-05"}
    done = post(client, d.writer, "circular_new", kind="monthly", month="2026-05")
    made = Circular.objects.get()
    assert done["Location"] == reverse("ledgers:circular_edit", args=[made.pk])
    twice = post(client, d.writer, "circular_new", kind="monthly", month="2026-05")
    assert twice.status_code == 422 and "已经起草" in text_of(twice)

    page = get(client, d.writer, "circular_edit", made.pk)
    fields = fields_of(page)
    problem = made.namings.filter(kind="problem").first()
    fields |= {"title": "改过的标题", f"naming-{problem.pk}": ""}
    text = made.parts.get(key="overall")
    fields[f"part-{text.pk}"] = "总的看，进展顺利。"
    saved = post(client, d.writer, "circular_edit", made.pk, **fields, move="save")
    assert saved.status_code == 302, saved.context["form"].errors
    page = get(client, d.writer, "circular_edit", made.pk)
    assert "这一段改过；按现在的台账是：" in text_of(page)
    post(client, d.writer, "circular_redraw", made.pk, seen=1)
    made.refresh_from_db()
    assert made.parts.get(key="overall").text == "总的看，进展顺利。"
    assert not made.namings.filter(section=problem.section, task=problem.task).exists()

    more = {"seen": 2, "kind": "good", "section": d.two.pk, "number": "B", "text": "补上了"}
    wrong = post(client, d.writer, "circular_name", made.pk, **more | {"number": "没有"})
    assert wrong.status_code == 422 and "台账里没有这个编号" in text_of(wrong)
    assert post(client, d.writer, "circular_name", made.pk, **more).status_code == 302
    again_ = post(client, d.writer, "circular_name", made.pk, **more | {"seen": 3})
    assert again_.status_code == 422 and "已因这件事" in text_of(again_)
    stale = post(client, d.writer, "circular_name", made.pk, **more)
    assert stale.status_code == 409

    fields = fields_of(get(client, d.writer, "circular_edit", made.pk))
    bad = post(client, d.writer, "circular_edit", made.pk, **fields | {"title": " "})
    assert bad.status_code == 422
    post(client, d.writer, "circular_edit", made.pk, **fields, move="file")
    assert [task.word for task in desk.waiting(d.chair)] == ["待签发"]
    page = get(client, d.chair, "circular_detail", made.pk)
    assert page.context["may_sign"] and not page.context["may_issue"]
    post(client, d.chair, "circular_return", made.pk, seen=4, reason="再核")
    assert [task.word for task in desk.waiting(d.writer)] == ["退回补正"]
    assert desk.waiting(again(d.chair)) == desk.waiting(again(d.chief)) == []
    post(client, d.writer, "circular_file", made.pk, seen=5)
    post(client, d.writer, "circular_withdraw", made.pk, seen=6)
    post(client, d.writer, "circular_file", made.pk, seen=7)
    post(client, d.chair, "circular_sign", made.pk, seen=8)
    assert [task.word for task in desk.waiting(d.other)] == ["待印发"]
    page = get(client, d.other, "circular_detail", made.pk)
    assert page.context["may_issue"] and page.context["may_return"]
    assert post(client, d.other, "circular_issue", made.pk, seen=9, mark="9").status_code == 422
    post(client, d.other, "circular_issue", made.pk, seen=9, mark="泽组通")
    made.refresh_from_db()
    assert (made.state, made.serial) == (State.ISSUED, 1)
    page = get(client, d.chief, "circular_detail", made.pk)
    said = text_of(page)
    for words in ("泽组通〔2026〕1号", "改过的标题", "总的看，进展顺利。", "2026年6月3日"):
        assert words in said, words
    assert "已记入督办台账" in said and not page.context["may_return"]
    assert get(client, d.writer, "circular_edit", made.pk).status_code == 302


def test_on_paper_it_says_what_the_page_says(client, d):
    made = issued(d)
    answer = post(client, d.chief, "circular_word", made.pk)
    name = unquote(answer["Content-Disposition"]).rpartition("'")[2]
    assert name == "泽组通〔2026〕1号关于五月重点工作的通报.docx"
    document = docx.Document(io.BytesIO(answer.content))
    texts = [line.text for line in document.paragraphs if line.text]
    assert texts[:3] == [d.unit.name, "泽组通〔2026〕1号", "关于五月重点工作的通报"]
    assert "组织二科：晚" in texts and texts[-2:] == [d.unit.name, "2026年6月3日"]
    assert document.tables[-1].cell(0, 0).text == f"{d.unit.name}\t2026年6月3日印发"
    assert document.tables[0].cell(1, 0).text == "干部一科"
    answer = post(client, d.chief, "circular_tables", made.pk)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert (sheet["A1"].value, sheet["A3"].value, sheet["B5"].value) == ("任务", "科室", 12)
    page = text_of(get(client, d.chief, "circular_detail", made.pk))
    assert 'class="gongwen"' in page and "<caption>任务</caption>" in page


def test_dropped_ones_make_room(client, d):
    made = drafted(d)
    assert (
        post(client, d.writer, "circular_drop", made.pk, seen=0, reason="\x00").status_code == 422
    )
    post(client, d.writer, "circular_drop", made.pk, seen=0, reason="合到下期")
    assert Circular.objects.get().state == State.DROPPED
    assert "合到下期" in text_of(get(client, d.writer, "circular_detail", made.pk))


def test_the_list_is_found_by_what_people_know_of_it(client, d):
    first = issued(d, "2026-04")
    second = signed(d, "2026-03")
    steps.give_back(second.pk, reason="x", version=2, by=d.writer)

    def found(**query):
        page = get(client, d.writer, "circular_list", **query)
        return [one.pk for one, _kind, _number in page.context["rows"]]

    assert found() == [second.pk, first.pk]
    assert (
        found(q="泽组通〔2026〕1号")
        == found(q="泽组通[2026]1")
        == found(q="〔2026〕1号")
        == [first.pk]
    )
    assert found(q="泽组通〔2026〕2号") == found(q="没有") == []
    assert found(q="重点") == [second.pk, first.pk] and found(q="泽组通") == [first.pk]
    assert found(state="returned") == [second.pk] == found(state="returned", kind="monthly")
    assert found(year="2025") == found(kind="quarterly") == []
    assert found(year="9" * 30, kind="\x00", q="\x00", page="\x00") == [second.pk, first.pk]
    empty = get(client, d.writer, "circular_list", q="没有")
    assert "没有符合条件的通报" in text_of(empty)
    # A chief sees what is issued.
    page = get(client, d.chief, "circular_list")
    assert [row[0].pk for row in page.context["rows"]] == [first.pk]
    assert "起草通报" not in text_of(page)


def test_empty_lists_teach_each_reader_their_part(client, d):
    assert "选好月份" in text_of(get(client, d.writer, "circular_list"))
    assert "主持人签发，印发以后在这里看" in text_of(get(client, d.chief, "circular_list"))


def test_one_circular_or_thirty_the_list_asks_as_often(client, d):
    def asked(name, *args):
        sign_in(client, d.writer)
        url = reverse(f"ledgers:{name}", args=args)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    first = filed(d, "2026-05")
    few = asked("circular_list")
    assert few <= 12
    for period in months(31)[1:]:
        drafted(d, period)
    assert asked("circular_list") == few
    page = get(client, d.writer, "circular_list")
    assert len(page.context["rows"]) == 30 and page.context["listing"].total == 31
    assert asked("circular_detail", first.pk) <= 16
