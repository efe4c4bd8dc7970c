"""What the pages of a circular show beside its text."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers.exports import circular as paper
from ledgers.models import Circular, Naming
from scheme.access import Anchor, can
from scheme.exports.gongwen import (
    Block,
    Heading,
    Imprint,
    Signed,
    Table,
    Title,
    characters,
    heads,
    spelled,
    title_lines,
)
from scheme.models import Staff
from scheme.templatetags.look import moment, ymd

State = Circular.State
KINDS = {
    State.DRAFT: "warn",
    State.FILED: "warn",
    State.RETURNED: "bad",
    State.APPROVED: "warn",
    State.ISSUED: "ok",
    State.DROPPED: "done",
}
# What a circular may be long (handbook: documents normally up to 5,000 characters).
LONGEST = 5000
REDRAWN = gettext_lazy("已重新取数。改过的段落和点名没有动，现在的数字写在旁边。")
SIDES = {"l": "", "c": "mid", "r": "num"}


def shown(circular: Circular) -> list[dict]:
    """The blocks for the page; each knows its kind."""
    return [_shown(block) for block in paper.blocks(circular)]


def _shown(block: Block) -> dict:
    made = {"is": type(block).__name__.lower(), "block": block}
    match block:
        case Title():
            made["lines"] = title_lines(block.text)
        case Heading():
            made["tag"] = f"level-{block.level}"
        case Signed() | Imprint():
            made["day"] = spelled(block.day) if block.day else ""
        case Table():
            made |= table(block._asdict())
    return made


def table(body: dict) -> dict:
    """A table with its heads joined and a class for each column."""
    classes = [SIDES.get(side, "mid") for side in body["align"]]
    return {
        "caption": body["caption"],
        "heads": heads(body["head"]),
        "rows": [list(zip(row, classes, strict=True)) for row in body["rows"]],
    }


def length(circular: Circular) -> int:
    return characters(paper.blocks(circular))


def facts(circular: Circular) -> list[tuple]:
    pairs = [
        (_("类型"), circular.get_kind_display()),
        (_("期间"), circular.period),
        (_("拟稿人"), circular.written_by.name),
        (_("起草时间"), moment(circular.recorded_at)),
    ]
    if circular.approved_by:
        who = {"name": circular.approved_by.name, "when": moment(circular.approved_at)}
        pairs.append((_("签发人"), _("%(name)s　%(when)s") % who))
    if circular.issued_by:
        who = {"name": circular.issued_by.name, "when": ymd(circular.issued_on)}
        pairs.append((_("印发"), _("%(name)s　%(when)s") % who))
    return pairs


def noted(circular: Circular) -> list[Naming]:
    """Namings that stand in the supervision ledger now."""
    rows = circular.namings.filter(note__isnull=False).select_related("section", "note")
    return list(rows.order_by("section__position", "section_id", "pk"))


def redraw_url(circular: Circular) -> str:
    """Quarterly comparisons are drawn where the points are."""
    quarterly = circular.kind == Circular.Kind.QUARTERLY
    route = "scoring:circular_quarterly_redraw" if quarterly else "ledgers:circular_redraw"
    return reverse(route, args=[circular.pk])


# Where the figures come from, to look a doubtful one up.
SOURCES = {
    Circular.Kind.MONTHLY: (
        (gettext_lazy("重点任务台账"), "ledgers:task_list"),
        (gettext_lazy("督办记录"), "ledgers:note_list"),
        (gettext_lazy("一月一结"), "ledgers:summary_list"),
    ),
    Circular.Kind.ADOPTION: (
        (gettext_lazy("信息宣传"), "ledgers:writing_list"),
        (gettext_lazy("月采用表"), "ledgers:writing_monthly"),
    ),
}


def sources(circular: Circular) -> list[tuple]:
    return [(name, reverse(route)) for name, route in SOURCES.get(circular.kind, ())]


def rights(person: Staff, circular: Circular) -> dict[str, bool]:
    """Which steps the page offers; the actions ask again."""
    anchor: Anchor = circular.anchor()
    signs = can(person, "circular.approve", anchor)
    issues = can(person, "circular.issue", anchor)
    writes = can(person, "circular.write", anchor)
    return {
        "may_write": writes,
        "may_withdraw": can(person, "circular.withdraw", anchor),
        "may_sign": signs and person.pk != circular.written_by_id,
        "own_text": signs and person.pk == circular.written_by_id,
        "may_return": signs or issues,
        "may_issue": issues,
        "may_drop": writes or issues,
    }
