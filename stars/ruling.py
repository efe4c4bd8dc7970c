"""The rules of a round: what may be chosen, what its seal names, and how they read in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from scheme.errors import Refused
from scheme.models import Restriction
from scheme.templatetags.look import listed, ymd
from stars.models import Round
from stars.models.round import (
    CHOOSABLE_RECUSALS,
    TIE_CRITERIA,
    BranchMethod,
    NomineeKind,
    RecusalKind,
    TieLast,
)

DATES = ("nominate_until", "branch_until", "committee_until")
# Rules by their column, with what they were before they could be chosen. A seal names only those
# that are otherwise: so the seals of rounds from before then still prove true.
FIRST: dict[str, object] = {
    "floating_sections": 0,
    "floating_persons": 0,
    "branch_method": "votes",
    "trimmed": False,
    "leaders_weight": 0,
    "agreed_from": 80,
    "against_below": 60,
    "secret": False,
    "recusals": ["head", "member", "nominator"],
    "tie_order": ["branch"],
    "tie_last": "chair",
    "vetoes": [
        "sanction",
        "admonition",
        "investigation",
        "criticism",
        "secrets",
        "error",
        "fraud",
    ],
    "bar_probation": True,
    "absence_limit": None,
    "statement_fewest": 20,
    "statement_most": 500,
    "most_returns": 2,
}
MAX_PLACES = 99
# A trimmed mean needs marks left once the highest and the lowest are gone.
LIMITS = {
    "floating_sections": (0, MAX_PLACES),
    "floating_persons": (0, MAX_PLACES),
    "leaders_weight": (0, 99),
    "agreed_from": (0, 100),
    "against_below": (0, 100),
    "statement_fewest": (0, 2000),
    "statement_most": (1, 2000),
    "most_returns": (0, 9),
    "absence_limit": (1, 200),
}
CHOICES = {
    "recusals": tuple(kind.value for kind in CHOOSABLE_RECUSALS),
    "tie_order": tuple(TIE_CRITERIA),
    "vetoes": tuple(Restriction.Kind.values),
}


def of(round_: Round) -> dict:
    """Everything the office decides, JSON-ready."""
    return {
        "half": round_.half,
        "dates": [str(getattr(round_, name)) for name in DATES],
        "publicity_days": round_.publicity_days,
        "publicity_seconds": round_.publicity_seconds,
        "quorum": [round_.quorum_num, round_.quorum_den],
        "majority": [round_.majority_num, round_.majority_den],
        "recused_count_as_entitled": round_.recused_count_as_entitled,
        "quotas": [
            [row.star_id, row.kind, row.places, row.per_section] for row in round_.quotas.all()
        ],
    } | {name: getattr(round_, name) for name in FIRST}


def sealed(round_: Round) -> dict:
    """The rules as the seal has them: without the dates, which may be put off later and then say
    so themselves."""
    rules = of(round_)
    del rules["dates"]
    return {name: value for name, value in rules.items() if FIRST.get(name, ...) != value}


def check(rules: Mapping[str, object]) -> None:
    """Refuses what cannot be, at its field. `rules` is whole: every name of FIRST."""
    for name, (least, most) in LIMITS.items():
        value = rules[name]
        if value is None and name == "absence_limit":
            continue
        if not isinstance(value, int) or not least <= value <= most:
            raise Refused(
                _("须为%(least)s至%(most)s。") % {"least": least, "most": most}, field=name
            )
    for name, allowed in CHOICES.items():
        chosen = list(rules[name])
        if len(set(chosen)) != len(chosen):
            raise Refused(_("同一项只能选一次。"), field=name)
        if not set(chosen) <= set(allowed):
            raise Refused(_("没有这个选项，请刷新后再选。"), field=name)
    if rules["branch_method"] not in BranchMethod.values:
        raise Refused(_("请选支部评星的方式。"), field="branch_method")
    if rules["tie_last"] not in TieLast.values:
        raise Refused(_("请选仍相同时怎么办。"), field="tie_last")
    if rules["against_below"] > rules["agreed_from"]:
        raise Refused(_("不赞成的分数线不能高于赞成的。"), field="against_below")
    if rules["statement_fewest"] > rules["statement_most"]:
        raise Refused(_("至少的字数不能多于至多的。"), field="statement_fewest")
    for name in ("trimmed", "secret", "bar_probation"):
        if not isinstance(rules[name], bool):
            raise Refused(_("请选是或否。"), field=name)


def lines(round_: Round) -> list[tuple[str, str]]:
    """The rules in words, for pages and documents, in the order a round goes through them."""
    return [
        (_("推星截止"), ymd(round_.nominate_until)),
        (_("评星截止"), ymd(round_.branch_until)),
        (_("定星截止"), ymd(round_.committee_until)),
        (_("名额"), _places(round_)),
        *_nominating(round_),
        *_branch(round_),
        *_committee(round_),
        *_publicity(round_),
    ]


def _places(round_: Round) -> str:
    total = dict.fromkeys(NomineeKind.values, 0)
    for row in round_.quotas.all():
        total[row.kind] += row.places
    text = _("科室%(sections)s个、个人%(persons)s个") % {
        "sections": total["section"],
        "persons": total["person"],
    }
    floating = (round_.floating_sections, round_.floating_persons)
    if any(floating):
        text = _("%(places)s，另有机动名额科室%(sections)s个、个人%(persons)s个") % {
            "places": text,
            "sections": floating[0],
            "persons": floating[1],
        }
    return text


def _nominating(round_: Round):
    yield (
        _("推荐理由"),
        _("%(fewest)s至%(most)s字")
        % {"fewest": round_.statement_fewest, "most": round_.statement_most},
    )
    yield _("退回补正"), _("最多%(n)s次") % {"n": round_.most_returns}
    kinds = dict(Restriction.Kind.choices)
    barred = [str(kinds[key]) for key in Restriction.Kind.values if key in round_.vetoes]
    if round_.bar_probation:
        barred.append(_("试用期"))
    if round_.absence_limit is not None:
        barred.append(_("缺勤超过%(n)s个工作日") % {"n": round_.absence_limit})
    yield _("不能参评"), listed(barred) or _("没有规定")


def _branch(round_: Round):
    if round_.branch_method == BranchMethod.VOTES:
        yield _("支部评星"), _("逐项表决，赞成过应到半数为同意推荐")
        return
    text = _("打分，平均%(agreed)s分以上为同意推荐，不到%(against)s分为不同意") % {
        "agreed": round_.agreed_from,
        "against": round_.against_below,
    }
    yield _("支部评星"), text
    how = [_("去掉一个最高分和一个最低分") if round_.trimmed else _("全部分数计入")]
    if round_.leaders_weight:
        how.append(_("领导和科室负责人的分占%(n)s%%") % {"n": round_.leaders_weight})
    yield _("平均分"), listed(how, "；")


def _committee(round_: Round):
    yield _("表决方式"), _("无记名投票") if round_.secret else _("记名表决")
    share = "%(num)s／%(den)s"
    yield _("法定人数"), share % {"num": round_.quorum_num, "den": round_.quorum_den}
    majority = share % {"num": round_.majority_num, "den": round_.majority_den}
    yield _("通过须过应到会的"), majority
    always = [str(RecusalKind.OWN.label), str(RecusalKind.KIN.label)]
    chosen = [str(kind.label) for kind in CHOOSABLE_RECUSALS if kind in round_.recusals]
    yield _("回避"), listed([*always, *chosen], "；")
    counted = round_.recused_count_as_entitled
    yield _("回避者"), _("计入应到会") if counted else _("不计入应到会")
    order = [_("同意票多者"), *(str(TIE_CRITERIA[key]) for key in round_.tie_order)]
    last = str(TieLast(round_.tie_last).label)
    text = _("依次看%(order)s；仍相同的%(last)s") % {"order": listed(order), "last": last}
    yield _("名额不够时"), text


def _publicity(round_: Round):
    yield _("公示"), _("%(n)s个工作日") % {"n": round_.publicity_days}
    if round_.publicity_seconds:
        yield _("公示（演示）"), _("%(n)s秒") % {"n": round_.publicity_seconds}
