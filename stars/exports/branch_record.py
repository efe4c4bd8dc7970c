"""The record of a branch's meeting as a Word file. Chinese, whatever its maker reads."""

from scheme import clock
from scheme.exports import documents
from scheme.exports.gongwen import Block, Heading, Paragraph, Table, Title, blocks_of, spelled
from scheme.models import Branch
from stars.models import BranchOutcome, Round
from stars.recording import Item, Record

# Written out: a document does not follow its maker's language.
WORDS = {
    BranchOutcome.Outcome.AGREED: "赞成",
    BranchOutcome.Outcome.SPLIT: "有分歧",
    BranchOutcome.Outcome.AGAINST: "不赞成",
}
HALVES = {"1": "上半年", "2": "下半年"}
LATER = "会议情况待有关评议结束后提供。"


def title(round_: Round, branch: Branch) -> str:
    half = f"{round_.half[:4]}年{HALVES[round_.half[-1]]}"
    return f"{branch.name}{half}评星会议记录"


def blocks(round_: Round, branch: Branch, record: Record) -> list[Block]:
    row = record.row
    lines = [
        f"时间：{spelled(row.held_on)}",
        f"地点：{row.place}",
        f"主持人：{row.host.name}",
        f"记录人：{row.recorder.name}",
        f"应到{len(record.entitled)}人，实到{len(record.present)}人。",
        f"到会：{_names(record.present)}。",
    ]
    if record.absent:
        lines.append(f"未到会：{_names(record.absent)}。")
    table = Table(
        [["提名对象", "星级", "推荐科室", "回避", _heading(record), "意见"]],
        [_row(item, record) for item in record.items],
        "lllclc",
    )
    return [
        Title(title(round_, branch)),
        *(Paragraph(line) for line in lines),
        Heading("一、评议情况"),
        *([table] if record.items else [Paragraph("没有可列的提名。")]),
        Heading("二、会议情况"),
        *(blocks_of(LATER if record.withheld else row.text)),
        Paragraph("主持人（签字）：　　　　　　　记录人（签字）："),
    ]


def word(round_: Round, branch: Branch, record: Record) -> bytes:
    """The same record gives the same bytes: its moment is its last."""
    return documents.build(
        blocks(round_, branch, record),
        title=title(round_, branch),
        made=clock.local(record.row.at),
    )


def _heading(record: Record) -> str:
    return "平均分（评分人数）" if record.by_marks else "赞成、不赞成、弃权"


def _row(item: Item, record: Record) -> list[str]:
    one, outcome = item.nomination, item.outcome
    counts, word_ = "", "评议中"
    if outcome is not None:
        word_ = WORDS[outcome.outcome]
        counts = f"{outcome.votes_for}、{outcome.votes_against}、{outcome.votes_abstain}"
        if record.by_marks:
            counts = f"{outcome.mean}（{outcome.given}人）" if outcome.given else "无人评分"
    return [
        str(one.nominee),
        one.star.name,
        one.section.name,
        _names(item.recused) or "无",
        counts,
        word_,
    ]


def _names(people) -> str:
    return "、".join(one.name for one in people)
