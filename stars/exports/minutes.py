"""The minutes as an official document: made from their frozen body alone."""

from datetime import date

from scheme import clock
from scheme.exports import documents
from scheme.exports.gongwen import (
    Annex,
    Block,
    Heading,
    Letterhead,
    Paragraph,
    Table,
    Title,
    blocks_of,
    spelled,
)
from stars.exports.published import KINDS, half_name
from stars.models import Minutes

RESULTS = {"passed": "通过", "failed": "未通过", "deferred": "缓议", "waiting": "未表决"}
CHOICES = {"for": "同意", "against": "不同意", "abstain": "弃权", "defer": "缓议"}
SHARES = {(1, 2): "半数", (2, 3): "三分之二", (3, 4): "四分之三"}
NUMERALS = "一二三四五六七八九十"


def title_of(minutes: Minutes) -> str:
    body = minutes.body
    return f"{body['unit']}部务会关于{half_name(body['half'])}五星评定的会议纪要"


def blocks(minutes: Minutes) -> list[Block]:
    body = minutes.body
    made: list[Block] = [
        Letterhead(f"{body['unit']}部务会会议纪要", f"（第{body['number']}次会议）"),
        Title(f"关于{half_name(body['half'])}五星评定的会议纪要"),
        *_opening(body),
    ]
    parts = [
        ("到会情况", _attendance(body)),
        ("表决规则", _rules(body)),
        ("逐项表决情况", _items(body)),
        ("同票裁定", _ties(body)),
        ("缺席成员的书面意见", _written(body)),
        ("其他事项", blocks_of(minutes.text)),
    ]
    for number, (name, found) in zip(NUMERALS, [p for p in parts if p[1]], strict=False):
        made += [Heading(f"{number}、{name}"), *found]
    made += _signatures(minutes)
    if named := _named(body):
        made += [Annex("附件", "记名表决情况"), named]
    return made


def word(minutes: Minutes) -> bytes:
    """The same minutes give the same bytes: their moment is their last."""
    made = minutes.confirmed_at or minutes.drafted_at
    return documents.build(blocks(minutes), title=title_of(minutes), made=made)


def file_name(minutes: Minutes) -> str:
    body = minutes.body
    return f"{half_name(body['half'])}五星评定部务会纪要（第{body['number']}次）"


def _opening(body) -> list[Block]:
    held = spelled(date.fromisoformat(body["held_on"])) if body["held_on"] else ""
    hours = "至".join(at[11:] for at in (body["began"], body["ended"]) if at)
    pairs = (
        ("时间", f"{held} {hours}".strip()),
        ("地点", body["place"]),
        ("主持", body["presided"]),
        ("记录", body["recorder"]),
        ("监票", body["scrutineer"]),
        ("计票", body["teller"]),
    )
    return [Paragraph(f"{label}：{value}") for label, value in pairs if value]


def _attendance(body) -> list[Block]:
    came = body["attendance"]
    away = "、".join(f"{one['name']}（{one['reason']}）" for one in came["away"])
    said = [
        f"应到{came['entitled']}人，实到{came['present']}人，"
        f"{'达到' if came['quorum'] else '未达到'}法定人数（须到{body['rules']['needed']}人）。",
        f"到会：{'、'.join(came['here']) or '无'}。",
    ]
    if away:
        said.append(f"未到会：{away}。")
    if came["left"]:
        left = "、".join(
            f"{one['name']}（{one['reason']}）" if one["reason"] else one["name"]
            for one in came["left"]
        )
        said.append(f"中途离会：{left}。离会前已投的票有效。")
    if body["adjourned"]:
        said.append(f"休会：{body['adjourned']}。未表决的各项另行召开会议审议。")
    return [Paragraph(text) for text in said]


def _rules(body) -> list[Block]:
    rules = body["rules"]
    counted = "计入" if rules["recused_count_as_entitled"] else "不计入"
    named = "无记名" if rules["secret"] else "记名"
    return [
        Paragraph(
            f"到会{_share(rules['quorum'])}以上方可开会；逐项{named}表决，"
            f"同意票超过应到会{_share(rules['majority'])}为通过，弃权不算同意；回避者"
            f"{counted}应到会人数；主持人末位表态；缺席成员的书面意见不计票。"
        )
    ]


def _items(body) -> list[Block]:
    head = [
        ["序号", "星级", "对象", "提名对象", "到会", "", "", "表决", "", "", "", "结果"],
        ["", "", "", "", "应到", "实到", "回避", "同意", "不同意", "弃权", "缓议", ""],
    ]
    rows = []
    for item in body["items"]:
        counted = [one for one in item["ballots"] if one["state"] == "closed"]
        last = counted[-1] if counted else None
        names = ("entitled", "present", "recused", "for", "against", "abstain", "defer")
        rows.append(
            [
                str(item["number"]),
                f"{item['star']}之星",
                KINDS[item["kind"]],
                item["nominee"],
                *(str(last[name]) if last else "—" for name in names),
                RESULTS[item["result"]],
            ]
        )
    if not rows:
        return [Paragraph("没有上会的提名。")]
    table = Table(head, rows, "cccl" + "c" * 8)
    return [table, *(Paragraph(text) for item in body["items"] for text in _remarks(item))]


def _remarks(item) -> list[str]:
    """What the table does not say of an item."""
    said = []
    if item["recused"]:
        names = "、".join(f"{one['name']}（{one['why']}）" for one in item["recused"])
        said.append(f"回避：{names}。")
    for ballot in item["ballots"]:
        turn = f"第{ballot['turn']}次表决"
        if ballot["reconsidered"]:
            who = "、".join(ballot["supporters"])
            said.append(f"{turn}系复议，由{who}提出：{ballot['reconsidered']}。")
        if ballot["state"] == "void":
            said.append(f"{turn}无效，未计票：{ballot['why']}。")
        elif ballot["not_cast"]:
            said.append(f"{turn}应投未投：{'、'.join(ballot['not_cast'])}。")
    counted = [one for one in item["ballots"] if one["state"] == "closed"]
    for ballot in counted[:-1]:
        said.append(f"第{ballot['turn']}次表决：{_counts(ballot)}，已由后一次表决代替。")
    if not said:
        return []
    return [f"第{item['number']}项（{item['nominee']}）" + "".join(said)]


def _counts(ballot) -> str:
    return "，".join(f"{word}{ballot[key]}票" for key, word in CHOICES.items())


def _ties(body) -> list[Block]:
    said = []
    for one in body["ties"]:
        star = f"{one['star']}之星" if one["star"] else "机动名额"
        said.append(
            f"{star}（{KINDS[one['kind']]}）同票，由{one['by']}裁定{'、'.join(one['winners'])}"
            f"取得名额，理由：{one['reason']}。"
        )
    return [Paragraph(text) for text in said]


def _written(body) -> list[Block]:
    """Read out and recorded, not counted."""
    return [
        Paragraph(
            f"{one['name']}{'对' + one['nominee'] if one['nominee'] else ''}的书面意见"
            f"（不计票）：{one['text']}"
        )
        for one in body["written"]
    ]


def _named(body) -> Table | None:
    """How each voted, of open ballots; of secret ones there is nothing to tell."""
    rows = []
    for item in body["items"]:
        for ballot in item["ballots"]:
            if not ballot.get("votes"):
                continue
            for choice, word_ in CHOICES.items():
                names = [v["name"] for v in ballot["votes"] if v["choice"] == choice]
                if names:
                    turn = f"（第{ballot['turn']}次）" if len(item["ballots"]) > 1 else ""
                    rows.append(
                        [str(item["number"]), item["nominee"] + turn, word_, "、".join(names)]
                    )
    return Table([["序号", "提名对象", "意见", "成员"]], rows, "clcl") if rows else None


def _signatures(minutes: Minutes) -> list[Block]:
    blank = "　　　　　　"
    said = [f"主持人（签字）：{blank}记录人（签字）：{blank}"]
    body = minutes.body
    if body["scrutineer"] or body["teller"]:
        said.append(f"监票人（签字）：{blank}计票人（签字）：{blank}")
    if minutes.confirmed_at:
        day = spelled(clock.local(minutes.confirmed_at).date())
        said.append(
            f"本纪要由主持人{minutes.confirmed_by.name}于{day}确认，校验值{minutes.digest}。"
        )
    else:
        said.append("本纪要尚未经主持人确认。")
    return [Paragraph(""), *(Paragraph(text) for text in said)]


def _share(pair) -> str:
    return SHARES.get(tuple(pair), f"{pair[1]}分之{pair[0]}")
