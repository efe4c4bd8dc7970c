"""What is missing before a round can open: said by name, with the way to mend it."""

from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.models import DailyReport, Quarter
from scheme import clock, periods, workdays
from scheme.errors import Refused
from scheme.models import (
    Appointment,
    Branch,
    BranchMembership,
    CalendarDay,
    Section,
    SectionMembership,
    Staff,
)
from scheme.offices import Office
from scheme.templatetags.look import listed
from scoring import posting, queries
from scoring.actions import runs
from scoring.models import ScoreRun
from stars.actions import participants
from stars.models import Round
from stars.models.round import BranchMethod

SHOWN = 5
FEWEST_MEMBERS = 3
FEWEST_MARKS = 5


class Gap(NamedTuple):
    """`blocking`: the round cannot open; else it is a note. `act` names the way on to `url`;
    with `post` it is a button there and then."""

    text: str
    url: str = ""
    blocking: bool = True
    act: str = ""
    post: bool = False


def missing(round_: Round) -> list[Gap]:
    """Blocking gaps first. A constant number of queries, whatever the size of the department."""
    found = [
        *_rules(round_),
        *_scores(round_),
        *_reports(round_),
        *_quarters(round_),
        *_dates(round_),
        *_people(round_),
        *_confirmations(round_),
        *_offices(round_),
        *_branches(round_),
    ]
    return sorted(found, key=lambda gap: not gap.blocking)


def _names(things) -> str:
    """The first few by name, the rest by number."""
    things = [str(thing) for thing in things]
    named = listed(things[:SHOWN])
    if len(things) > SHOWN:
        return _("%(names)s等%(count)s个") % {"names": named, "count": len(things)}
    return named


def _admin(label: str) -> str:
    return reverse(f"admin:{label}_changelist")


def _rules(round_):
    if queries.book_for(round_.unit, round_.half) is None:
        yield Gap(_("这个半年没有已批准的积分细则。"), _admin("scoring_rulebook"))
    url = reverse("stars:round_plan", args=[round_.pk])
    if not round_.quotas.filter(places__gt=0, per_section__gt=0).exists():
        yield Gap(_("还没有名额。"), url, act=_("定名额"))
    if not round_.contact:
        text = _("还没有写明公示期间向谁、怎样提出异议。")
        yield Gap(text, url, blocking=False, act=_("补写"))


def _scores(round_):
    url, act = reverse("stars:round_score", args=[round_.pk]), _("计算计分卡")
    if ScoreRun.objects.latest_of(round_.unit, round_.half) is None:
        yield Gap(_("这个半年的计分卡还没有算。"), url, act=act, post=True)
    elif runs.standing(round_.unit, round_.half) is None:
        yield Gap(_("计分卡算好以后，积分账、花名册或细则又有了变化。"), url, act=act, post=True)


def _reports(round_):
    span, book = round_.span, queries.book_for(round_.unit, round_.half)
    if book is not None:
        reach = posting.reach(round_.unit, span.first, span.last, clock.now())
        if reach.last < span.last:
            yield Gap(_("半年还没有过完，或者最后几天的补报期还没有过。"))
        if posting.drift(reach):
            yield Gap(_("有日报还没有入积分账，几分钟后会自动入账，之后再算计分卡。"))
    unread = DailyReport.objects.filter(
        unit=round_.unit,
        day__gte=span.first,
        day__lt=span.until,
        state__in=[DailyReport.State.FILED, DailyReport.State.RETURNED],
    ).count()
    if unread:
        text = _("有%(count)s份日报还没有批阅，现在开启就按未评等次计。") % {"count": unread}
        yield Gap(text, blocking=False)


def _quarters(round_):
    codes = periods.quarters_of(round_.half)
    closed = set(
        Quarter.objects.filter(unit=round_.unit, code__in=codes)
        .exclude(closed_at=None)
        .values_list("code", flat=True)
    )
    still = [code for code in codes if code not in closed]
    if still:
        text = _("季度还没有关账：%(names)s。") % {"names": _names(still)}
        yield Gap(text, reverse("scoring:quarter_list"), blocking=False, act=_("季度账"))


def _dates(round_):
    url = reverse("stars:round_plan", args=[round_.pk])
    days = [round_.nominate_until, round_.branch_until, round_.committee_until]
    known = {row.day: row for row in CalendarDay.objects.filter(day__in=days)}
    if clock.at(round_.nominate_until, 18) <= clock.now():
        yield Gap(_("推星截止日已经过去。"), url, act=_("改日期"))
    idle = [day for day in days if day in known and not known[day].is_working]
    if idle:
        yield Gap(_("截止日不是工作日：%(days)s。") % {"days": _names(idle)}, url, act=_("改日期"))
    try:
        end = workdays.following(round_.committee_until, round_.publicity_days)
    except Refused as refused:
        yield Gap(str(refused), _admin("scheme_calendarday"))
        return
    if CalendarDay.objects.filter(day__range=(days[0], end), provisional=True).exists():
        text = _("这些日子的放假安排还是暂定的，公布后各阶段会按新日历走。")
        yield Gap(text, _admin("scheme_calendarday"), blocking=False)


def _people(round_):
    url = reverse("stars:round_participants", args=[round_.pk])
    if not round_.participants.taking_part().exists():
        yield Gap(_("没有人参加。"), url, act=_("定名单"))
    new = participants.absent_from(round_)
    if new:
        text = _("花名册里有、名单里没有：%(names)s。") % {
            "names": _names(row.person or row.section for row in new)
        }
        yield Gap(text, url, act=_("定名单"))


def _confirmations(round_):
    if names := _names(participants.unconfirmed(round_)):
        text = _("没有确认参加名单：%(names)s。请科室负责人核对，或由机关人事科写明理由代为确认。")
        url = reverse("stars:round_participants", args=[round_.pk])
        yield Gap(text % {"names": names}, f"{url}#confirmations", act=_("去确认"))


def _offices(round_):
    today = clock.today()
    held = Appointment.objects.on(today)
    sections = round_.participants.taking_part().exclude(section=None).values("section")
    headless = Section.objects.filter(pk__in=sections).exclude(
        Exists(held.filter(office=Office.SECTION_CHIEF, section=OuterRef("pk")))
    )
    if names := _names(headless):
        text = _("没有负责人，推不了星：%(names)s。任命负责人，或在名单里注明不参加。")
        yield Gap(text % {"names": names}, _admin("scheme_appointment"))
    committee = (Office.COMMITTEE_CHAIR, Office.COMMITTEE_MEMBER)
    rows = held.filter(office__in=committee, staff__unit=round_.unit)
    seats = list(rows.values_list("staff", "office"))
    members = len({staff for staff, _office in seats})
    if members < FEWEST_MEMBERS:
        text = _("部务会成员只有%(count)s人，至少要%(fewest)s人才能议事。")
        text = text % {"count": members, "fewest": FEWEST_MEMBERS}
        yield Gap(text, _admin("scheme_appointment"))
    if all(office != Office.COMMITTEE_CHAIR for _staff, office in seats):
        yield Gap(_("部务会没有主持人，票数相同时无人裁定。"), _admin("scheme_appointment"))


def _trimmed(round_):
    """With the highest and the lowest mark gone something must be left."""
    members = BranchMembership.objects.on(clock.today()).filter(branch=OuterRef("pk"))
    few = members.order_by().values("branch").annotate(n=Count("pk")).values("n")
    branches = Branch.objects.of_unit(round_.unit).filter(closed_on=None)
    small = branches.annotate(n=Subquery(few)).filter(n__lt=FEWEST_MARKS)
    if names := _names(small):
        text = _("人数太少，去掉最高分和最低分后平均分没有意义：%(names)s。") % {"names": names}
        url = reverse("stars:round_plan", args=[round_.pk])
        yield Gap(text, url, blocking=False, act=_("改规则"))


def _branches(round_):
    if round_.branch_method == BranchMethod.MARKS and round_.trimmed:
        yield from _trimmed(round_)
    today = clock.today()
    secretaries = Appointment.objects.on(today).filter(
        office=Office.BRANCH_SECRETARY, branch=OuterRef("pk")
    )
    branches = Branch.objects.of_unit(round_.unit).filter(closed_on=None)
    if names := _names(branches.exclude(Exists(secretaries))):
        text = _("没有书记的党支部：%(names)s。") % {"names": names}
        yield Gap(text, _admin("scheme_appointment"), blocking=False)
    in_branch = BranchMembership.objects.on(today).filter(staff=OuterRef("pk"))
    part = round_.participants.taking_part()
    people = Staff.objects.filter(pk__in=part.exclude(person=None).values("person"))
    if names := _names(people.exclude(Exists(in_branch)).in_office_order()):
        text = _("没有编入党支部：%(names)s。由本科室多数人所在的支部评星。") % {"names": names}
        yield Gap(text, _admin("scheme_branchmembership"), blocking=False)
    covered = BranchMembership.objects.on(today).filter(
        staff__in=SectionMembership.objects.on(today)
        .filter(section=OuterRef(OuterRef("pk")))
        .values("staff")
    )
    sections = Section.objects.filter(pk__in=part.exclude(section=None).values("section"))
    if names := _names(sections.exclude(Exists(covered))):
        text = _("整个科室都没有编入党支部，无人评星：%(names)s。") % {"names": names}
        yield Gap(text, _admin("scheme_branchmembership"))
