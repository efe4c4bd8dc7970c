"""A nomination's papers, from the dossier frozen when it was submitted, not from today's books."""

from scheme.exports import documents
from scheme.exports.gongwen import Block, Heading, Paragraph, Table, Title, blocks_of, spelled
from scheme.templatetags.look import points, signed
from stars.models import Dossier, Nomination

from . import memo, wording

_ORDINALS = "一二三四五六七八九"


def title_of(one: Nomination) -> str:
    return f"{wording.of_star(one.star.name)}推荐材料"


def word(one: Nomination, dossier: Dossier, *, outcome: str) -> bytes:
    """`outcome`: what came of it so far, as far as its reader may know; empty: left out."""
    content = blocks(one, dossier, outcome=outcome)
    return documents.build(content, title=f"{one.nominee.name} {title_of(one)}", made=dossier.at)


def blocks(one: Nomination, dossier: Dossier, *, outcome: str) -> list[Block]:
    body = dossier.body
    parts: list[tuple[str, list[Block]]] = [
        ("推荐理由", blocks_of(one.statement)),
        ("积分", _cards(body)),
        ("积分来源", _rules(body)),
        ("主要事实和凭据", _entries(body)),
        ("半年走势", _trend(body)),
        ("日报", _filing(body)),
        ("重点任务", _tasks(body)),
        ("往期获星", _awards(body)),
        ("评议情况", [Paragraph(outcome)] if outcome else []),
    ]
    made: list[Block] = [Title(f"{one.nominee.name}\n{title_of(one)}"), _basics(one, body)]
    shown = [(name, content) for name, content in parts if content]
    for at, (name, content) in enumerate(shown):
        made += [Heading(f"{_ORDINALS[at]}、{name}"), *content]
    day = spelled(wording.local_day(dossier.at))
    made.append(Paragraph(f"（本材料{day}提交时定稿，校验值{dossier.digest}。）"))
    return made


def _basics(one: Nomination, body: dict) -> Table:
    nominee = body.get("nominee", {})
    rows = [["星级", wording.of_star(one.star.name)], ["半年", wording.half_name(one.round.half)]]
    if one.kind == "person":
        rows += [
            ["姓名", nominee.get("name", one.nominee.name)],
            ["科室", nominee.get("section", one.section.name)],
            ["职务", nominee.get("post", "")],
            ["职级", nominee.get("rank", "")],
        ]
    else:
        rows += [["科室", nominee.get("name", one.section.name)]]
        rows += [["人数", str(nominee["people"])]] if "people" in nominee else []
    if one.branch:
        rows.append(["评议支部", one.branch.name])
    return Table([["项目", "内容"]], [row for row in rows if row[1]], "cl")


def _cards(body: dict) -> list[Block]:
    rows = [
        [
            wording.of_star(card["name"]) if card["star"] else "合计",
            points(card["base"]),
            signed(card["bonus"]),
            points(card["deduction"]),
            points(card["score"]),
        ]
        for card in body.get("cards", ())
    ]
    if not rows:
        return [Paragraph("这个半年没有积分。")]
    return [Table([["星级", "基础", "加分", "扣分", "得分"]], rows, "lrrrr")]


def _rules(body: dict) -> list[Block]:
    rows = [
        [
            row["title"],
            row.get("code", ""),
            str(row["count"]),
            points(row.get("points", row["counted"])),
            points(row["counted"]),
        ]
        for row in body.get("rules", ())
    ]
    return [Table([["事项", "条款", "次数", "入账", "计入"]], rows, "lcrrr")] if rows else []


def _entries(body: dict) -> list[Block]:
    """Each fact that counts, the day it happened and the files that prove it; what is left out of
    a long list, and what it counts together."""
    entries = body.get("entries") or {"rows": ()}
    rows = [
        [
            _day(row["on"]),
            f"{row['title']}：{row['words']}" if row["words"] else row["title"],
            points(row["counted"]),
            "；".join(proof["name"] for proof in row["proofs"]),
        ]
        for row in entries["rows"]
    ]
    if not rows:
        return []
    found: list[Block] = [Table([["日期", "事实", "计入", "凭据"]], rows, "clrl")]
    if (others := entries["left_out"])["count"]:
        text = f"另有{others['count']}笔没有列出，合计计入{points(others['points'])}分。"
        found.append(Paragraph(text))
    return found


def _trend(body: dict) -> list[Block]:
    trend = body.get("trend") or {"halves": (), "months": ()}
    found: list[Block] = []
    if months := [[_month(row["month"]), signed(row["points"])] for row in trend["months"]]:
        found.append(Table([["月份", "加减分"]], months, "cr"))
    if len(trend["halves"]) > 1:
        said = "，".join(
            f"{wording.half_name(row['half'])}{points(row['score'])}分" for row in trend["halves"]
        )
        found.append(Paragraph(f"该星得分：{said}。"))
    return found


def _month(text: str) -> str:
    """2026-03 as 2026年3月."""
    year, number = text.split("-")
    return f"{year}年{int(number)}月"


def _tasks(body: dict) -> list[Block]:
    tasks = body.get("tasks")
    if not tasks or not sum(tasks[name] for name in ("done", "overdue", "running")):
        return []
    text = (
        f"截至半年末，办结{tasks['done']}项，其中逾期办结{tasks['late']}项；逾期未结"
        f"{tasks['overdue']}项，未到期{tasks['running']}项；主办{tasks['main']}项。"
    )
    return [Paragraph(text)]


def _filing(body: dict) -> list[Block]:
    filing = body.get("filing")
    if not filing:
        return []
    return [
        Paragraph(
            f"应报{filing['due']}份，按时{filing['on_time']}份，迟报{filing['late']}份，"
            f"缺报{filing['missing']}份；请假、出差、借调免报{filing['excused']}天。"
        )
    ]


def _awards(body: dict) -> list[Block]:
    texts = [
        f"{wording.half_name(row['half'])}{wording.of_star(row['name'])}（{row['number']}）"
        for row in body.get("awards", ())
    ]
    return [Paragraph(f"{'；'.join(texts)}。" if texts else "没有。")]


def _day(text: str) -> str:
    return wording.iso(text) if text else ""


def outcome_of(one: Nomination, *, counts: bool) -> str:
    """What branch and committee came to; the count only for those who decide."""
    found = []
    branch, decision = getattr(one, "branch_outcome", None), getattr(one, "decision", None)
    if branch is not None:
        word = memo.said(one.round, one) if counts else wording.OUTCOMES[branch.outcome]
        found.append(f"支部评星：{word}")
    if decision is not None:
        word = "拟评定" if decision.placed else "通过，名额已满" if decision.passed else "未通过"
        count = (
            f"（应到{decision.entitled}，同意{decision.votes_for}，不同意{decision.votes_against}，"
            f"弃权{decision.votes_abstain}，缓议{decision.votes_defer}，回避{decision.recused}）"
        )
        found.append(f"部务会定星：{word}{count if counts else ''}")
    return f"{'；'.join(found)}。" if found else ""
