"""Plain builders of the things tests are about. Every one takes what matters and invents the rest.

Days default to long ago, so that whoever is built today was there in every tested half-year.
"""

import hashlib
import io
import itertools
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.db.models import F

from ledgers.actions import evidence
from ledgers.models import DailyReport, PointEntry, Quarter, ReportEvent, ReportLine, ReportPolicy
from ledgers.titles import reduced
from scheme import access, clock, periods
from scheme.models import (
    Absence,
    Appointment,
    Branch,
    BranchMembership,
    Section,
    SectionMembership,
    Staff,
    Star,
    Unit,
)
from scheme.offices import Office
from scoring.actions import rulebooks
from scoring.models import (
    Declaration,
    DeclarationMove,
    DeclarationProof,
    DeclarationWindow,
    Rule,
    RuleBook,
    Tier,
)
from stars.models import Nomination, Participant, Quota, Round
from stars.workflow import ROUND_NEXT

LONG_AGO = date(2020, 1, 6)
PASSWORD = "a long enough password 7"

_numbers = itertools.count(1)


def make_unit(name=None, **more) -> Unit:
    return Unit.objects.create(name=name or f"中共第{next(_numbers)}县委组织部", **more)


def make_section(unit=None, name=None, **more) -> Section:
    n = next(_numbers)
    more.setdefault("position", n % 30000)
    return Section.objects.create(unit=unit or make_unit(), name=name or f"干部{n}科", **more)


def make_branch(unit=None, name=None, **more) -> Branch:
    n = next(_numbers)
    more.setdefault("position", n % 30000)
    return Branch.objects.create(unit=unit or make_unit(), name=name or f"机关第{n}党支部", **more)


def make_staff(
    unit=None,
    *,
    section=None,
    branch=None,
    office=None,
    joined_on=LONG_AGO,
    since=None,
    password=None,
    **more,
) -> Staff:
    """A person who may sign in and owes no new password. `since`: begin of the memberships.

    `office` is an appointment from the start, over `section` or `branch` where it needs one.
    """
    n = next(_numbers)
    unit = unit or (section or branch).unit if (unit or section or branch) else make_unit()
    number = more.pop("staff_no", f"T{n:05d}")
    person = Staff(
        unit=unit,
        staff_no=number,
        login=more.pop("login", number),
        name=more.pop("name", f"张{_chinese(n)}"),
        joined_on=joined_on,
        must_change_password=more.pop("must_change_password", False),
        sort_weight=more.pop("sort_weight", n),
        **more,
    )
    person.set_password(password or PASSWORD)
    person.save()
    start = since or joined_on
    if section:
        SectionMembership.objects.create(staff=person, section=section, start_on=start)
    if branch:
        BranchMembership.objects.create(staff=person, branch=branch, start_on=start)
    if office:
        appoint(person, office, section=section, branch=branch, start_on=start)
    return person


def _chinese(n: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(n))


def make_administrator(kind, *, password=None, **more) -> Staff:
    """One of the three administrators of the installation (scheme.offices.Administrator)."""
    number = more.pop("staff_no", f"ADMIN{next(_numbers)}")
    person = Staff(
        administrator=kind,
        staff_no=number,
        login=more.pop("login", number),
        name=more.pop("name", "管理员"),
        must_change_password=more.pop("must_change_password", False),
        **more,
    )
    person.set_password(password or PASSWORD)
    person.save()
    return person


def appoint(
    staff, office, *, section=None, branch=None, start_on=LONG_AGO, end_on=None, title=""
) -> Appointment:
    """Gives an office; a section or branch that the office does not name is left out.

    What the person object remembers of its powers is forgotten, as after a new request.
    """
    from scheme.offices import OF_A_BRANCH, OF_A_SECTION

    made = Appointment.objects.create(
        staff=staff,
        office=office,
        section=section if office in OF_A_SECTION else None,
        branch=branch if office in OF_A_BRANCH else None,
        start_on=start_on,
        end_on=end_on,
        title=title,
    )
    forget_powers(staff)
    return made


def forget_powers(*people) -> None:
    """As at the start of a new request: powers are read once per person object and day."""
    for person in people:
        person.__dict__.pop("_powers", None)


def again(person) -> Staff:
    """The person as the next request loads it."""
    return Staff.objects.get(pk=person.pk)


def make_absence(staff, start_on, end_on=None, kind=Absence.Kind.LEAVE, note="") -> Absence:
    return Absence.objects.create(
        staff=staff, start_on=start_on, end_on=end_on, kind=kind, note=note
    )


def make_department(unit=None, *, people_per_section=3) -> SimpleNamespace:
    """A small whole department: three sections, two branches, everybody who is needed.

    `sections` [one, two, office]; the last is the personnel office's own. `chiefs`, `deputies`
    (one, of the first section), `officers` (lists per section), `leader` in charge of the first
    and the last section, `other_leader` of the second, `chair`, `committee` (five with the chair
    and both leaders), `personnel` (two: the office's chief and an officer of it), `branches`,
    `secretaries`, `everybody`. Every person of sections one and office is in branch one but the
    last officer of section one; the rest is in branch two; leaders and committee in branch one.
    """
    unit = unit or make_unit()
    d = SimpleNamespace(unit=unit)
    d.sections = [make_section(unit, name) for name in ("干部一科", "组织二科", "机关人事科")]
    d.one, d.two, d.office = d.sections
    d.branches = [make_branch(unit, name) for name in ("机关第一党支部", "机关第二党支部")]
    first, second = d.branches

    d.chair = make_staff(unit, branch=first, name="周部长", post="部长")
    appoint(d.chair, Office.COMMITTEE_CHAIR)
    d.leader = make_staff(unit, branch=first, name="王副部长", post="副部长")
    d.other_leader = make_staff(unit, branch=second, name="赵副部长", post="副部长")
    d.members = [make_staff(unit, branch=second, name=f"部务委员{n}") for n in "甲乙"]
    for section, leader in zip(d.sections, [d.leader, d.other_leader, d.leader], strict=True):
        appoint(leader, Office.LEADER_IN_CHARGE, section=section)
    for member in (d.leader, d.other_leader, *d.members):
        appoint(member, Office.COMMITTEE_MEMBER)
    d.committee = [d.chair, d.leader, d.other_leader, *d.members]

    d.chiefs, d.officers = [], []
    for section in d.sections:
        home = second if section is d.two else first
        d.chiefs.append(
            make_staff(section=section, branch=home, office=Office.SECTION_CHIEF, post="科长")
        )
        d.officers.append(
            [
                make_staff(
                    section=section,
                    branch=second if section is d.one and n == people_per_section - 1 else home,
                )
                for n in range(people_per_section)
            ]
        )
    d.deputies = [d.officers[0][0]]
    appoint(d.deputies[0], Office.DEPUTY_CHIEF, section=d.one)
    d.personnel = [d.chiefs[2], d.officers[2][0]]
    for person in d.personnel:
        appoint(person, Office.PERSONNEL_OFFICE)
    d.secretaries = [d.chiefs[0], d.chiefs[1]]
    for person, branch in zip(d.secretaries, d.branches, strict=True):
        appoint(person, Office.BRANCH_SECRETARY, branch=branch)
    d.everybody = list(Staff.objects.filter(unit=unit))
    return d


# --- Daily reports and points


def make_report(
    author,
    day,
    *,
    state=DailyReport.State.FILED,
    filed_at=None,
    grade="",
    reviewed_by=None,
    lines=("核对干部档案",),
    plan="继续核对",
    **more,
) -> DailyReport:
    """A report with its lines and events, as the actions would have left it."""
    State = DailyReport.State
    at = filed_at or clock.at(day, 17, 30)
    filed = state != State.DRAFT
    accepted = state == State.ACCEPTED
    version = more.pop("version", {State.DRAFT: 0, State.FILED: 1}.get(state, 2))
    report = DailyReport.objects.create(
        unit_id=author.unit_id,
        author=author,
        day=day,
        state=state,
        plan=plan,
        first_filed_at=at if filed else None,
        filed_at=at if filed else None,
        grade=(grade or "fair") if accepted else "",
        reviewed_by=reviewed_by,
        reviewed_at=at + timedelta(hours=1) if reviewed_by else None,
        imported=more.pop("imported", accepted and reviewed_by is None),
        version=version,
        saved_at=at,
        **more,
    )
    ReportLine.objects.bulk_create(
        ReportLine(report=report, position=n, text=text) for n, text in enumerate(lines, 1)
    )
    Kind = ReportEvent.Kind
    if filed:
        body = {"lines": [{"text": text, "done": True} for text in lines], "plan": plan}
        ReportEvent.objects.create(
            report=report, version=1, kind=Kind.FILED, at=at, by=author, body=body
        )
    if state in (State.RETURNED, State.ACCEPTED):
        ReportEvent.objects.create(
            report=report,
            version=2,
            kind=Kind.ACCEPTED if accepted else Kind.RETURNED,
            at=at + timedelta(hours=1),
            by=reviewed_by,
            grade=report.grade,
            text="" if accepted else "请写具体些",
        )
    return report


def make_policy(unit, *, in_force_from=LONG_AGO, cutoff=time(10), backfill_days=7) -> ReportPolicy:
    return ReportPolicy.objects.create(
        unit=unit, in_force_from=in_force_from, cutoff=cutoff, backfill_days=backfill_days
    )


def make_quarter(unit, code="2026Q1", *, closed_by=None) -> Quarter:
    """Found or made; closed when `closed_by` says who closed it."""
    span = periods.quarter_span(code)
    quarter, _made = Quarter.objects.get_or_create(
        unit=unit, code=code, defaults={"starts_on": span.first, "ends_on": span.until}
    )
    if closed_by:
        quarter.closed_at, quarter.closed_by = clock.now(), closed_by
        quarter.save()
    return quarter


def make_entry(subject, points, event_on, *, star="ye", kind=None, **more) -> PointEntry:
    """`subject`: a person or a section. The kind follows the sign unless it is given."""
    is_person = isinstance(subject, Staff)
    points = Decimal(str(points))
    n = next(_numbers)
    Kind = PointEntry.Kind
    return PointEntry.objects.create(
        unit_id=subject.unit_id,
        person=subject if is_person else None,
        section=None if is_person else subject,
        star_id=star,
        kind=kind or (Kind.DEDUCTION if points < 0 else Kind.BONUS),
        rule_code=more.pop("rule_code", "精业-扣-01" if points < 0 else "精业-加-01"),
        rule_title=more.pop("rule_title", "试验事项"),
        book_version=more.pop("book_version", 1),
        points=points,
        event_on=event_on,
        quarter=more.pop("quarter", None)
        or make_quarter(subject.unit, periods.quarter_of(event_on)),
        source=more.pop("source", f"test:{n}"),
        item=more.pop("item", f"test:{n}"),
        posted_at=more.pop("posted_at", clock.now()),
        **more,
    )


# --- Rules

# code, kind, subject, star, title, trigger, points; then the caps of an item, quarter, half-year
DAILY_RULES = [
    tuple(None if cell == "-" else cell for cell in line.split())
    for line in """
        勤学-基-01 base person xue 学习基础分 base 20 - - -
        精业-基-01 base person ye 精业基础分 base 20 - - -
        精业-扣-01 deduction person ye 无故不报日报 report_missing -0.20 - 4 -
        精业-扣-02 deduction person ye 迟报日报 report_late -0.10 - 2 -
        精业-扣-03 deduction person ye 日报评为较差 report_poor -0.50 - 2 3
        精业-加-01 bonus person ye 日报评为好 report_good 0.05 - 1.5 2.5
        精业-基-11 base section ye 精业基础分 base 20 - - -
        精业-扣-11 deduction section ye 干部无故不报日报 report_missing -0.05 - 2 -
    """.strip().splitlines()
]


def make_rule_book(
    unit,
    *,
    proposed_by=None,
    approved_by=None,
    state=RuleBook.State.APPROVED,
    in_force_from=LONG_AGO,
    rules=DAILY_RULES,
    version=1,
    **more,
) -> RuleBook:
    """A book with the rules of the daily report; approved by another person unless a draft.

    An approved book brings its ReportPolicy with it, as the action does. The points of a rule may
    be a dict of levels.
    """
    at = clock.now()
    book = RuleBook.objects.create(
        unit=unit,
        version=version,
        title=more.pop("title", "积分细则（试验）"),
        proposed_by=proposed_by or make_staff(unit),
        proposed_at=at,
        **more,
    )
    for position, row in enumerate(rules, 1):
        code, kind, subject, star, title, trigger, points, item, quarter, half = row
        rule = Rule.objects.create(
            book=book,
            code=code,
            kind=kind,
            subject=subject,
            star_id=star,
            title=title,
            trigger=trigger,
            cap_item=item,
            cap_quarter=quarter,
            cap_half=half,
            position=position,
        )
        tiers = points if isinstance(points, dict) else {"": points}
        for place, (level, worth) in enumerate(tiers.items(), 1):
            Tier.objects.create(rule=rule, level=level, points=Decimal(worth), position=place)
    if state != RuleBook.State.DRAFT:
        book.state = RuleBook.State.APPROVED
        book.approved_by, book.approved_at = approved_by or make_staff(unit), at
        book.in_force_from = in_force_from
        book.digest = rulebooks.digest_of(book, in_force_from)
        book.save()
        make_policy(
            unit,
            in_force_from=in_force_from,
            cutoff=book.report_cutoff,
            backfill_days=book.backfill_days,
        )
    if state == RuleBook.State.RETIRED:
        book.state, book.retire_reason = state, "另有新版"
        book.retired_by, book.retired_at = book.approved_by, at
        book.save()
    return book


# --- Declarations

DECLARED_RULES = [
    ("勤学-加-02", "bonus", "person", "xue", "业务竞赛获奖", "declared",
     {"province": "2.50", "city": "1.50", "own": "0.50"}, None, None, None),
    ("精业-加-02", "bonus", "person", "ye", "抽调专项工作", "declared", "1", None, None, None),
    ("笔耕-扣-01", "deduction", "person", "geng", "材料失实、退改", "declared", "-1",
     None, None, None),
    ("效能-加-12", "bonus", "section", "xiao", "工作受到通报表扬", "declared",
     {"city": "2", "own": "0.50"}, None, None, None),
]  # fmt: skip


def pdf(text="") -> io.BytesIO:
    """A small PDF; another one for each text (a new one for none)."""
    body = text or f"no. {next(_numbers)}"
    return io.BytesIO(f"%PDF-1.4\n% {body}\ntrailer <<>>\n%%EOF\n".encode())


def make_window(unit, quarter="2026Q1", *, opens_on=LONG_AGO, closes_on=None, by=None):
    return DeclarationWindow.objects.create(
        unit=unit,
        quarter=quarter,
        opens_on=opens_on,
        closes_on=closes_on or clock.today() + timedelta(30),
        set_by=by or make_staff(unit),
        set_at=clock.now(),
    )


def make_declaration(
    subject,
    rule_code="精业-加-02",
    document_on=date(2026, 3, 5),
    *,
    state=Declaration.State.FILED,
    filed_by=None,
    checked_by=None,
    verified_by=None,
    proof=True,
    **more,
) -> Declaration:
    """A line with its proof and its moves, as the actions would have left it in that state.

    `subject`: a person or a section; a section's line is filed by its chief, or somebody made so.
    """
    Kind = DeclarationMove.Kind
    is_person = isinstance(subject, Staff)
    n, at = next(_numbers), clock.now()
    if filed_by is None:
        filed_by = subject if is_person else make_staff(section=subject, office="section_chief")
    matter = more.pop("matter", f"抽调第{n}专班")
    line = Declaration.objects.create(
        unit_id=subject.unit_id,
        quarter=more.pop("quarter", periods.quarter_of(document_on)),
        person=subject if is_person else None,
        section=None if is_person else subject,
        rule_code=rule_code,
        quantity=Decimal(more.pop("quantity", 1)),
        matter=matter,
        matter_key=reduced(matter),
        document_no=more.pop("document_no", f"试组发〔2026〕{n}号"),
        document_on=document_on,
        filed_by=filed_by,
        recorded_at=at,
        **more,
    )
    if proof:
        DeclarationProof.objects.create(
            declaration=line,
            file=evidence.keep(subject.unit, pdf(), by=filed_by),
            name=f"证明{n}.pdf",
            added_by=filed_by,
            added_at=at,
        )
    checker = checked_by or (state in ("checked", "confirmed") and make_staff(subject.unit))
    verifier = verified_by or (state == "confirmed" and make_staff(subject.unit))
    steps = [(Kind.FILED, filed_by, "")] if state not in ("draft", "withdrawn") else []
    if checker:
        steps.append((Kind.CHECKED, checker, ""))
    if state in ("confirmed", "returned", "refused", "withdrawn"):
        reason = "请补原件" if state in ("returned", "refused") else ""
        steps.append((Kind(state), verifier or checker or filed_by, reason))
    states = {Kind.FILED: "filed", Kind.CHECKED: "checked"}
    for kind, by, reason in steps:
        line.version += 1
        line.state = states.get(kind, kind.value)
        if kind == Kind.FILED:
            line.filed_at = at
        elif kind == Kind.CHECKED:
            line.checked_by, line.checked_at = by, at
        elif kind == Kind.CONFIRMED:
            line.verified_by, line.verified_at = by, at
        elif kind == Kind.RETURNED:
            line.checked_by = line.checked_at = None
        line.save()
        DeclarationMove.objects.create(
            declaration=line, version=line.version, kind=kind, at=at, by=by, reason=reason
        )
    return line


# --- The round


def make_round(
    unit,
    *,
    state=Round.State.PREPARING,
    half="2026H1",
    by=None,
    stars=("xue", "geng", "ye", "xiao", "xin"),
    places=2,
    per_section=1,
    participants=True,
    due_at=None,
    **more,
) -> Round:
    """A round standing in `state`: opened by `by`, with quotas of every star and its participants.

    Stage dates are weeks ahead of the clock; seats and moves of the stages are the actions' to
    make, so a test of a later stage adds `make_seats`.
    """
    State = Round.State
    today = clock.today()
    round_ = Round.objects.create(
        unit=unit,
        half=half,
        nominate_until=more.pop("nominate_until", today + timedelta(7)),
        branch_until=more.pop("branch_until", today + timedelta(14)),
        committee_until=more.pop("committee_until", today + timedelta(21)),
        stage_since=more.pop("stage_since", clock.now()),
    )
    for star in Star.objects.filter(pk__in=stars):
        for kind in ("section", "person"):
            Quota.objects.create(
                round=round_, star=star, kind=kind, places=places, per_section=per_section
            )
    if participants:
        span = periods.half_span(half)
        for person in Staff.objects.filter(unit=unit).subjects(*span):
            Participant.objects.create(round=round_, person=person)
        for section in Section.objects.filter(unit=unit, closed_on=None):
            Participant.objects.create(round=round_, section=section)
    if state not in (State.PREPARING, State.CANCELLED):
        round_.opened_at, round_.opened_by = clock.now(), by or make_staff(unit)
        round_.seal = hashlib.sha256(f"{round_.pk}".encode()).hexdigest()
        round_.due_at = due_at or clock.at(round_.nominate_until, 18)
    for name, value in more.items():
        setattr(round_, name, value)
    round_.save()
    if state == State.CANCELLED:
        step_round(round_, state)
    while round_.state != state:
        step_round(round_, ROUND_NEXT[round_.state])
    return round_


def step_round(round_, to) -> Round:
    """The bare change of state, without what the action does around it."""
    Round.objects.filter(pk=round_.pk).update(state=to, version=F("version") + 1)
    round_.refresh_from_db()
    return round_


def make_nomination(
    round_,
    nominee,
    *,
    star="ye",
    by=None,
    section=None,
    branch=None,
    state=Nomination.State.DRAFT,
    statement="日报及时，质量好。",
    **more,
) -> Nomination:
    """`nominee`: a person or a section; the nominating section is theirs of today.

    From `submitted` on it has a branch: the person's own, or the first of the unit.
    """
    is_person = isinstance(nominee, Staff)
    today = clock.today()
    if section is None:
        section = (
            Section.objects.get(
                pk=SectionMembership.objects.on(today).get(staff=nominee).section_id
            )
            if is_person
            else nominee
        )
    if by is None:
        chief = Appointment.objects.on(today).filter(office=Office.SECTION_CHIEF, section=section)
        by = chief.first().staff if chief.exists() else make_staff(section=section)
    submitted = state not in (Nomination.State.DRAFT,)
    if submitted and branch is None:
        own = BranchMembership.objects.on(today).filter(staff=nominee) if is_person else None
        branch = (own and own.first() and own.first().branch) or Branch.objects.filter(
            unit=round_.unit
        ).first()
    return Nomination.objects.create(
        unit=round_.unit,
        round=round_,
        star_id=star,
        kind="person" if is_person else "section",
        person=nominee if is_person else None,
        section=section,
        branch=branch,
        statement=statement,
        state=state,
        made_by=by,
        made_at=clock.now(),
        submitted_by=by if submitted else None,
        submitted_at=clock.now() if submitted else None,
        **more,
    )


def make_seats(round_, body, people, *, branch=None, present=None, chair=None):
    """Seats as frozen when a stage begins, and who stands back from what is before the body by
    then. `body`: "branch" (with its branch) or "committee"."""
    from stars import recusal
    from stars.models import Seat

    seats = Seat.objects.bulk_create(
        Seat(
            round=round_,
            body=body,
            branch=branch,
            staff=person,
            chairs=chair is not None and person.pk == chair.pk,
            present=present,
        )
        for person in people
    )
    before = {"branch": "at_branch", "committee": "at_committee"}[body]
    recusal.lay(round_, body, round_.nominations.filter(state=before), seats)
    return seats


def moment(text: str) -> datetime:
    """ "2026-03-05 17:30" as an instant of Shanghai's wall clock."""
    naive = datetime.fromisoformat(text)
    return clock.at(naive.date(), naive.hour, naive.minute, naive.second)


def powers_of(person) -> set[str]:
    return {str(power.role) for power in access.powers(again(person))}
