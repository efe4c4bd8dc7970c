"""The demo's library: a dozen regulations, one revised, one to be read, one to be abolished."""

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from scheme import regulations, workdays
from scheme.actions import library
from scheme.actions import regulations as acts
from scheme.models import Notice, RegulationVersion, Section, Staff, Unit

SOURCE = Path(settings.BASE_DIR) / "tests" / "data" / "regulations.txt"
ISSUED = date(2025, 1, 6)
READERS_SAID = 40


def build(unit: Unit, office: Staff, today: date) -> None:
    sections = {one.name: one for one in Section.objects.filter(unit=unit)}
    made = [_enter(unit, head, text, sections, office) for head, text in _texts()]
    # They were approved long ago: what was told of it then is not news.
    Notice.objects.filter(to__unit=unit, key__startswith="regulation:").delete()
    by_title = {one.regulation.title: one for one in made}
    first = made[0].regulation
    library.describe(
        first.pk,
        area=first.area,
        number=first.number,
        title=first.title,
        owner=first.owner,
        review_on=date(today.year + 1, 6, 30),
        cited_bare=True,
        by=office,
        seen=first.version,
    )
    _revise(by_title["日报制度"], office, today)
    _ask(by_title["保密工作制度"], office, today)
    _abolish_waits(by_title["办公用品管理办法"], office, today)


def _texts():
    """(area, number, title, owner, document number) and the text under it."""
    for part in SOURCE.read_text(encoding="utf-8").split("# ")[1:]:
        head, _line, text = part.partition("\n")
        yield head.split("|"), text


def _enter(unit, head, text, sections, office) -> RegulationVersion:
    area, number, title, owner, document_no = head
    draft = acts.draft(
        unit,
        area=int(area),
        number=int(number),
        title=title,
        owner=sections[owner],
        words=acts.Words(text, document_no, ISSUED, ISSUED + timedelta(days=25)),
        by=office,
    )
    return _approve(acts.hand_in(draft.pk, by=office, seen=draft.version))


def _approve(draft: RegulationVersion) -> RegulationVersion:
    leader = regulations.approvers(draft.regulation)[0]
    return acts.approve(draft.pk, by=leader, seen=draft.version)


def _revise(version, office, today) -> None:
    """A second version: one clause changed, one new."""
    draft = acts.revise(version.regulation_id, by=office, seen=version.regulation.version)
    text = draft.text.replace("明天做什么；", "遇到什么困难、明天做什么；")
    text += "\n第六条 日报的报送情况每月在科室内通报一次。"
    words = acts.Words(
        text, "泽组通〔2026〕2号（演示）", today - timedelta(30), today - timedelta(20),
        "补充困难一项，增加按月通报。",
    )  # fmt: skip
    draft = acts.write(draft.pk, words=words, by=office, seen=draft.version)
    _approve(acts.hand_in(draft.pk, by=office, seen=draft.version))


def _ask(version, office, today) -> None:
    """Everybody is to read one of them; some have."""
    asked = library.ask_to_read(
        version.pk,
        readers=regulations.Readers.EVERYBODY,
        sections=(),
        read_by=workdays.following(today, 5),
        by=office,
        seen=version.version,
    )
    people = Staff.objects.filter(unit=asked.regulation.unit, is_active=True).on_roll(today)
    for person in people.exclude(staff_no__in=["ZC042", "ZC045"]).order_by("staff_no")[
        :READERS_SAID
    ]:
        library.confirm_read(asked.pk, by=person)


def _abolish_waits(version, office, today) -> None:
    regulation = version.regulation
    acts.propose_abolition(
        regulation.pk,
        effective_on=workdays.following(today, 10),
        reason="已由全市统一的办公用品管理规定代替。",
        by=office,
        seen=regulation.version,
    )
