"""The demo's round: prepared, opened, nominated, and standing at the branches."""

from desk.demo import play
from scheme import access, clock
from scheme.models import Appointment, Section, Staff, Star, Unit
from scheme.offices import Office
from scheme.roles import Role
from scoring import queries
from stars import eligibility
from stars.actions import nominations, participants, rounds, stages
from stars.models import Quota, Round
from stars.models.round import NomineeKind

PUBLICITY_SECONDS = 60
CONTACT = "机关人事科（机关楼203室），电话2210203，工作日8:30至17:30"
# How many sections put somebody forward for each star, best scorecards first.
CONTENDERS = 3
# ZC042 heads it, ZC043 belongs to it.
OWN_SECTION = "公务员一科"
# Opinions left for a visitor to give.
LEFT_OPEN = frozenset({"ZC042", "ZC043"})
STATEMENTS = {
    "xue": "坚持每周一学，学习笔记扎实，两周一讲受到听讲同志好评，带动科室形成比学赶超的氛围。",
    "geng": "围绕中心工作动笔，信息报送及时、质量高，多篇稿件被采用，反映了基层的真情况、好做法。",
    "ye": "一日一报不漏一天，手头工作日清日结，急难任务主动承担，半年来没有出现差错。",
    "xiao": "承担的重点任务全部按时限办结，督办事项件件有回音，材料一次过关，配合科室评价好。",
    "xin": "大胆改进老办法，新做法在全市推广，减少了重复填报，基层和兄弟科室都说好用。",
}


def build(unit: Unit, half: str, office: Staff) -> Round:
    """Through the real actions, up to the branch stage with most opinions given."""
    round_ = rounds.prepare(unit, half, by=office)
    round_ = rounds.plan(
        round_.pk,
        by=office,
        seen=round_.version,
        dates={
            name: getattr(round_, name)
            for name in ("nominate_until", "branch_until", "committee_until")
        },
        quotas={
            (row.star_id, row.kind): (row.places, row.per_section)
            for row in Quota.objects.filter(round=round_)
        },
        quorum=(round_.quorum_num, round_.quorum_den),
        majority=(round_.majority_num, round_.majority_den),
        publicity_days=round_.publicity_days,
        publicity_seconds=PUBLICITY_SECONDS,
        rules={"secret": True, "floating_persons": 1},
        contact=CONTACT,
    )
    confirm(round_, office)
    round_ = rounds.open_(round_.pk, by=office, seen=round_.version)
    nominate(round_, half)
    round_.refresh_from_db()
    stages.advance(
        round_.pk, by=office, reason="演示：推星已齐，提前进入支部评星", seen=round_.version
    )
    round_.refresh_from_db()
    play.give_opinions(round_, leave=LEFT_OPEN)
    return round_


def confirm(round_: Round, office: Staff) -> None:
    """Chiefs look their list over; the office does so for a section without one."""
    chiefs = _chiefs()
    for section in participants.unconfirmed(round_):
        chief = chiefs.get(section.pk)
        participants.confirm(
            round_.pk, section, by=chief or office, reason="" if chief else "科室暂无负责人"
        )


def nominate(
    round_: Round,
    half: str,
    *,
    contenders: int = CONTENDERS,
    statements: dict[str, str] = STATEMENTS,
) -> None:
    """For each star the sections with the best scorecards, and the best person of others."""
    chiefs = _chiefs()
    people = {
        one.pk: one
        for one in Staff.objects.of_unit(round_.unit)
        .on_roll(clock.today())
        .with_section(clock.today())
    }
    sections = {one.pk: one for one in Section.objects.of_unit(round_.unit)}
    taking_part = set(
        round_.participants.filter(takes_part=True, person__isnull=False).values_list(
            "person", flat=True
        )
    )
    taking_part -= {
        pk for kind, pk in eligibility.grounds(round_, clock.today()) if kind == "person"
    }
    cards = queries.scorecards(round_.unit, half)
    used = set()
    for star in Star.objects.all():
        # Of equals another one for each star, so that every branch has something to judge.
        turn = star.position * 7
        of_star = sorted(
            (card for card in cards if card.star_id == star.key),
            key=lambda card: (card.place, ((card.section_id or card.person_id) * 5 + turn) % 31),
        )
        wanted = [card.section_id for card in of_star if card.section_id in chiefs][:contenders]
        for section_id in wanted:
            section = sections[section_id]
            _put_forward(round_, star, section, None, chiefs[section_id], statements)
        able = [people[card.person_id] for card in of_star if card.person_id in people]
        able = [one for one in able if one.pk in taking_part and one.section_id in chiefs]
        # The section a visitor heads puts somebody forward for the star its reports earn.
        if star.key == "ye":
            able.sort(key=lambda one: sections[one.section_id].name != OWN_SECTION)
        found = set()
        for person in able:
            if len(found) == contenders:
                break
            if person.pk in used or person.section_id in found:
                continue
            section = sections[person.section_id]
            _put_forward(round_, star, section, person, chiefs[section.pk], statements)
            used.add(person.pk)
            found.add(section.pk)


def _put_forward(
    round_: Round,
    star: Star,
    section: Section,
    person: Staff | None,
    chief: Staff,
    statements: dict[str, str],
) -> None:
    nomination = nominations.save(
        round_.pk,
        by=chief,
        star=star,
        kind=NomineeKind.PERSON if person else NomineeKind.SECTION,
        person=person,
        section=section,
        statement=statements[star.key],
    )
    nominations.submit(nomination.pk, by=chief, seen=nomination.version)


def _chiefs() -> dict[int, Staff]:
    """Who heads each section today."""
    today = clock.today()
    rows = (
        Appointment.objects.on(today)
        .filter(office=Office.SECTION_CHIEF)
        .select_related("staff")
        .order_by("pk")
    )
    return {row.section_id: row.staff for row in rows if access.has_role(row.staff, Role.CHIEF)}
