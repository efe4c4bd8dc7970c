"""The published result as a workbook: sections, persons, and how each item was counted.

Made from the frozen publication alone, never from the tables: it says in ten years what it says
today.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from stars.models import Publication

SIGNATURES = (
    "分管领导：                    审核人：                    填报人：                    "
)
OUTCOMES = {"agreed": "赞成", "split": "有分歧", "against": "不赞成"}
KINDS = {"section": "科室", "person": "个人"}


def write(publication: Publication, path: Path, *, progress: Callable[[int, int], None]) -> None:
    """`progress(done, total)` is called after every row."""
    body = publication.body
    sheets = [
        _sections(publication),
        _persons(publication),
        _counts(publication),
    ]
    total, done = sum(len(sheet.rows) for sheet in sheets), 0

    def each_row():
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    save(
        sheets,
        path,
        title=f"{half_name(body['half'])}五星评定结果",
        made=publication.published_at,
        each_row=each_row,
    )


def half_name(code: str) -> str:
    """A document handed up is Chinese, whatever language its maker reads."""
    return f"{code[:4]}年{'上' if code.endswith('1') else '下'}半年"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def _sheet(publication, name, what, columns, rows, notes) -> Sheet:
    body = publication.body
    rules = body["rules"]
    return Sheet(
        name=name,
        title=f"{half_name(body['half'])}五星评定结果{what}",
        unit=body["unit"],
        day=_day(clock.local(publication.published_at).date().isoformat()),
        columns=columns,
        rows=rows,
        notes=notes,
        signatures=SIGNATURES,
        footers=(f"细则 {rules['book_digest'] or '无'}", f"结果 {publication.digest}"),
    )


def _common_notes(body) -> list[str]:
    publicity = body["publicity"]
    objections = body["objections"]
    found = (
        f"收到异议{objections['raised']}条，成立{objections['upheld']}条"
        if objections["raised"]
        else "无异议"
    )
    return [
        f"经科室推星、支部评星、部务会定星，{_day(publicity['from'])}至"
        f"{_day(publicity['until'])}公示，{found}。",
        *(
            f"第{change['edition']}版（{_day(change['on'])}）：{change['reason']}"
            for change in body.get("changes", ())
        ),
    ]


def _awarded(body, part: str):
    for star in body["stars"]:
        for one in star[part]:
            yield f"{star['name']}之星", one


def _sections(publication) -> Sheet:
    body = publication.body
    columns = [
        Column("序号", 7),
        Column("星级", 16),
        Column("编号", 18, "获评"),
        Column("科室", 26, "获评"),
        Column("主要事迹", 60, align=LEFT),
        Column("备注", 16),
    ]
    rows = [
        [n, star, one["number"], one["name"], one["statement"], _remark(one)]
        for n, (star, one) in enumerate(_awarded(body, "sections"), 1)
    ]
    return _sheet(publication, "科室", "（科室）", columns, rows, _common_notes(body))


def _persons(publication) -> Sheet:
    body = publication.body
    columns = [
        Column("序号", 7),
        Column("星级", 16),
        Column("编号", 18, "获评"),
        Column("姓名", 14, "获评"),
        Column("科室", 24, "获评"),
        Column("职务", 20, "获评"),
        Column("主要事迹", 52, align=LEFT),
        Column("备注", 14),
    ]
    rows = [
        [
            n,
            star,
            one["number"],
            one["name"],
            one["section"],
            one["post"],
            one["statement"],
            _remark(one),
        ]
        for n, (star, one) in enumerate(_awarded(body, "persons"), 1)
    ]
    return _sheet(publication, "个人", "（个人）", columns, rows, _common_notes(body))


def _counts(publication) -> Sheet:
    body = publication.body
    stars = {star["key"]: f"{star['name']}之星" for star in body["stars"]}
    columns = [
        Column("序号", 7),
        Column("星级", 14),
        Column("对象", 8),
        Column("名称", 18),
        Column("应到", 7, "支部评星"),
        Column("回避", 7, "支部评星"),
        Column("赞成", 7, "支部评星"),
        Column("不赞成", 8, "支部评星"),
        Column("弃权", 7, "支部评星"),
        Column("平均分", 8, "支部评星"),
        Column("意见", 9, "支部评星"),
        Column("应到", 7, "部务会定星"),
        Column("实到", 7, "部务会定星"),
        Column("回避", 7, "部务会定星"),
        Column("同意", 7, "部务会定星"),
        Column("不同意", 8, "部务会定星"),
        Column("弃权", 7, "部务会定星"),
        Column("缓议", 7, "部务会定星"),
        Column("机动名额", 8),
        Column("结论", 17),
        Column("备注", 24, align=LEFT),
    ]
    rows = []
    for n, one in enumerate(body["counts"], 1):
        branch, committee = one["branch"], one["committee"]
        rows.append(
            [
                n,
                stars[one["star"]],
                KINDS[one["kind"]],
                one["nominee"],
                *(branch[k] for k in ("entitled", "recused", *_VOTES)),
                _mean(branch),
                OUTCOMES[branch["outcome"]],
                *(committee[k] for k in ("entitled", "present", "recused", *_VOTES)),
                committee.get("votes_defer", 0),
                "是" if one.get("floating") and one["placed"] else "",
                _conclusion(one),
                "；".join(
                    text for text in (one["settled"], _ballot(committee), _remark(one)) if text
                ),
            ]
        )
    rules = body["rules"]
    notes = [
        f"须到会{_share(rules['quorum'])}以上，同意票超过应到会{_share(rules['majority'])}为通过，"
        f"弃权不算同意；回避者{'计入' if rules['recused_count_as_entitled'] else '不计入'}应到会。",
        f"评星规则校验值{rules['seal']}，计分校验值{rules['run_hash'] or '无'}。",
    ]
    return _sheet(publication, "计票", "计票表", columns, rows, notes)


_VOTES = ("votes_for", "votes_against", "votes_abstain")


def _mean(branch: dict) -> str:
    """Of rounds in which the branch gave marks; those counted in votes have none."""
    mean = branch.get("mean")
    return "" if mean is None else f"{Decimal(mean):.2f}"


def _ballot(committee: dict) -> str:
    said = ["无记名"] if committee.get("secret") else []
    if committee.get("turn", 1) > 1:
        said.append(f"第{committee['turn']}次表决")
    return "，".join(said)


def _remark(one: dict) -> str:
    """That it was taken back later, on whose authority; empty for most."""
    revoked = one.get("revoked")
    return f"{_day(revoked['on'])}撤销，依据{revoked['authority']}" if revoked else ""


def _share(pair) -> str:
    names = {(1, 2): "半数", (2, 3): "三分之二", (3, 4): "四分之三"}
    return names.get(tuple(pair), f"{pair[1]}分之{pair[0]}")


def _conclusion(one: dict) -> str:
    if one.get("revoked"):
        return "已撤销"
    if one["objection_upheld"]:
        return "异议成立"
    if one.get("lost"):
        return "不再符合参评条件"
    if one["placed"]:
        return "评定"
    if one["committee"].get("deferred"):
        return "缓议"
    return "通过，名额已满" if one["committee"]["passed"] else "未通过"
