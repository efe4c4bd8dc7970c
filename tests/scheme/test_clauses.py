import pytest

from scheme import clauses
from scheme.errors import Refused
from tests.scheme.regulation_world import TEXT


def test_a_pasted_text_falls_into_chapters_and_clauses():
    pieces = clauses.parse("\x00关于日报的规定\r\n\r\n" + TEXT)
    assert [(p.kind, p.label, p.number, p.sub) for p in pieces] == [
        ("plain", "", 0, 0),
        ("heading", "第一章", 0, 0),
        ("clause", "第一条", 1, 0),
        ("heading", "第二章", 0, 0),
        ("clause", "第二条", 2, 0),
        ("clause", "第三条", 3, 0),
        ("clause", "第三条之一", 3, 1),
    ]
    assert pieces[0].text == "关于日报的规定"
    assert pieces[2].text == "为规范日报，制定本制度。"
    assert pieces[4].text.split("\n")[1:] == ["请假的免报：", "（一）公休假；", "（二）病假。"]
    # A line that speaks of another clause begins none.
    told = clauses.parse("第一条 按\n第二条规定办理的，\n第二条第一款的例外。\n第二条 其他")
    assert [p.number for p in told] == [1, 2]
    assert "第二条第一款的例外。" in told[0].text


def test_a_text_without_articles_is_numbered_by_its_heads():
    pieces = clauses.parse("一、目的\n为了工作。\n十二、其他")
    assert [(p.label, p.number, p.text) for p in pieces] == [
        ("一", 1, "目的\n为了工作。"),
        ("十二", 12, "其他"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有读到条款"),
        ("随便写写", "没有读到条款"),
        ("第一条 甲\n第一条 乙", "第一条出现了两次"),
        ("第一条\n第二条 乙", "第一条没有正文"),
        ("第零条 甲", "条号读不懂"),
        ("第一条 " + "字" * clauses.LONGEST, "全文太长"),
    ],
)
def test_a_text_that_cannot_be_cited_is_refused_at_its_field(text, said):
    with pytest.raises(Refused, match=said) as refused:
        clauses.parse(text)
    assert refused.value.field == "text"


@pytest.mark.parametrize("number", [*range(1, 121), 200, 210, 305, 999])
def test_numerals_go_there_and_back(number):
    assert clauses.number_of(clauses.numeral(number)) == number


def test_figures_of_every_kind_are_read():
    read = ["12", "１２", "一二", "一百零三", "两", "二十", "二十一"]
    assert [clauses.number_of(one) for one in read] == [12, 12, 12, 103, 2, 20, 21]
    assert clauses.label_of(12) == "第十二条"
    assert clauses.label_of(3, 1) == "第三条之一"


def test_jumps_in_the_numbers_are_pointed_out_and_subclauses_are_none():
    pieces = clauses.parse("第一条 甲\n第二条 乙\n第二条之一 丙\n第四条 丁\n第五条 戊")
    assert clauses.gaps(pieces) == ["第四条"]


def test_items_belong_to_the_paragraph_above():
    text = clauses.parse(TEXT)[3].text
    assert clauses.paragraphs(text) == [
        ["每个工作日报送日报。"],
        ["请假的免报：", "（一）公休假；", "（二）病假。"],
    ]


def test_a_word_is_looked_for_by_its_pairs():
    held = set(clauses.grams("督查，督办ABC"))
    assert {"督", "督查", "督办", "ab", "bc"} <= held
    assert "查督" not in held, "no pair reaches over a mark"
    assert clauses.needed("督查") == ["督查"]
    assert clauses.needed("办") == ["办"]
    assert clauses.needed("，。") == []
