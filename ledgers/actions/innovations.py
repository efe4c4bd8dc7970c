"""Innovation projects (创新项目): registered as new, then what came of them (成效)."""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers import filed, innovating, records
from ledgers.actions import papers
from ledgers.filed import DRAFT, FILED, VERIFIED, VOID
from ledgers.models import Innovation
from ledgers.titles import reduced
from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Section, Staff, Unit
from scheme.offices import Office

VERIFIERS = (Office.PERSONNEL_OFFICE,)
MOST_PEOPLE = 30
ONCE = "innovation_registered_once"


class Duplicate(Refused):
    """A project of that name is there already: `other` is it, where it could be found."""

    def __init__(self, other: Innovation | None):
        super().__init__(_("同名项目已经有了，请在原项目上续报成效和推广。"), field="title")
        self.other = other


@transaction.atomic
def add(
    unit: Unit, *, title: str, section: Section, people: Iterable[Staff], novelty: str, by: Staff
) -> Innovation:
    """A draft, seen by its writer alone until it is filed."""
    project = Innovation(
        unit=unit, section=section, filed_by=by, recorded_at=clock.now(), version=1
    )
    access.require(by, "innovation.file", project.anchor())
    _write(project, title, section, novelty)
    with _registered_once(project):
        project.save()
    _name(project, people)
    body = innovating.body(project)
    records.note(project, "draft", by=by, after=body)
    audit.record(by, "innovation.draft", project, after=body)
    return project


@transaction.atomic
def change(
    pk: int,
    *,
    version: int,
    title: str,
    section: Section,
    people: Iterable[Staff],
    novelty: str,
    by: Staff,
) -> Innovation:
    """Writes a draft or a returned project anew."""
    project = filed.to_edit(Innovation, pk, "innovation.file", by=by)
    filed.require_version(project, version)
    before = innovating.body(project)
    _write(project, title, section, novelty)
    with _registered_once(project):
        project.save()
    _name(project, people)
    after = innovating.body(project)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        old = {name: before[name] for name in changed}
        new = {name: after[name] for name in changed}
        filed.move(project, "change", by=by, before=old, after=new)
    return project


@transaction.atomic
def file(pk: int, *, by: Staff) -> Innovation:
    """Hands the project in to be registered: by one of its people, or the section's chief."""
    project = filed.to_edit(Innovation, pk, "innovation.file", by=by)
    if not innovating.concerns(by, project):
        raise Refused(_("项目由参与人员或者科长申报，请先把自己写进参与人员。"), field="people")
    if not project.people.exists():
        raise Refused(_("请写明参与人员。"), field="people")
    filed.file_it(project, by=by)
    filed.tell_offices(
        project,
        VERIFIERS,
        reverse("ledgers:innovation_list") + "?state=filed",
        lambda: _("有创新项目待登记。"),
        by=by,
    )
    _tell(project, gettext_lazy("%(name)s申报了您参与的创新项目“%(title)s”。"), by=by)
    return project


@transaction.atomic
def withdraw(pk: int, *, by: Staff) -> Innovation:
    """Takes a filed project back to mend it."""
    project = filed.to_withdraw(Innovation, pk, by=by)
    filed.move(project, "withdraw", by=by, to=DRAFT)
    return project


@transaction.atomic
def drop(pk: int, *, by: Staff) -> Innovation:
    """Gives up a draft or a returned project; its name is free again."""
    project = filed.to_edit(Innovation, pk, "innovation.file", by=by)
    filed.move(project, "void", by=by, to=VOID)
    return project


@transaction.atomic
def verify(pk: int, *, version: int, by: Staff) -> Innovation:
    """Registers the project under the next number of the year."""
    project = _before(pk, version, by)
    project.number = project.number or _next_number(project.unit_id)
    number = {"number": project.number}
    filed.verify_it(project, by=by, fields=["number"], after=number)
    _tell(project, gettext_lazy("创新项目“%(title)s”已登记，编号%(number)s。"), by=by)
    return project


@transaction.atomic
def turn_back(pk: int, *, version: int, reason: str, by: Staff) -> Innovation:
    """Sends a project back to be mended, with a reason."""
    project = _before(pk, version, by)
    reason = filed.said(reason)
    filed.move(project, "return", by=by, to=filed.RETURNED, text=reason)

    def say():
        text = _("创新项目“%(title)s”退回补正：%(reason)s")
        return text % {"title": project.title[:60], "reason": reason}

    filed.tell(project, [project.filed_by_id], say, by=by, icon="arrow-uturn-left")
    return project


@transaction.atomic
def void(pk: int, *, version: int, reason: str, by: Staff) -> Innovation:
    """Takes a registered project off the register. Its promotions count, so they go first."""
    project = filed.to_decide(Innovation, pk, "innovation.void", VERIFIED, version=version, by=by)
    reason = filed.said(reason)
    if project.promotions.exclude(state__in=[VOID, DRAFT]).exists():
        raise Refused(_("这个项目名下还有推广，请先作废推广。"), conflict=True)
    filed.move(project, "void", by=by, to=VOID, text=reason)
    _tell(project, gettext_lazy("创新项目“%(title)s”作废：%(reason)s"), by=by, reason=reason)
    return project


@transaction.atomic
def restore(pk: int, *, version: int, reason: str, by: Staff) -> Innovation:
    """A voided project is registered after all, under its old number."""
    project = filed.to_decide(Innovation, pk, "innovation.void", VOID, version=version, by=by)
    if not project.verified_by_id:
        raise Refused(_("这一条没有核实过就撤销了，请重新填报。"), conflict=True)
    filed.require_other(innovating.involved(project), by=by)
    reason = filed.said(reason)
    with _registered_once(project):
        filed.move(project, "restore", by=by, to=VERIFIED, text=reason)
    _tell(project, gettext_lazy("创新项目“%(title)s”恢复：%(reason)s"), by=by, reason=reason)
    return project


@transaction.atomic
def result(
    pk: int,
    *,
    version: int,
    effect: str,
    effect_on: date,
    files: Iterable = (),
    by: Staff,
) -> Innovation:
    """What came of a registered project, with its proof: told by one of its people or its chief.
    Told again, the earlier words stay in the history."""
    project = filed.held(Innovation, pk, by=by)
    if not innovating.concerns(by, project):
        raise PermissionDenied(_("成效由参与人员或者科长登记。"))
    filed.require_state(project, VERIFIED)
    filed.require_version(project, version)
    effect = effect.strip()
    if not effect:
        raise Refused(_("请写明成效：解决了什么，有什么数字。"), field="effect")
    if effect_on > clock.today():
        raise Refused(_("还没有到这一天。"), field="effect_on")
    files = list(files)
    if not files and not innovating.papers_of_result(project):
        raise Refused(_("请附上成效的证明材料。"), field="files")
    before = {"effect": project.effect, "effect_on": _iso(project.effect_on)}
    project.effect, project.effect_on = effect, effect_on
    after = {"effect": effect, "effect_on": _iso(effect_on)}
    written = ["effect", "effect_on"]
    filed.move(
        project, "result", by=by, text=effect[:300], before=before, after=after, fields=written
    )
    for one in files:
        papers.hang(project, one, one.name, by=by)
    _tell(project, gettext_lazy("%(name)s登记了创新项目“%(title)s”的成效。"), by=by)
    return project


# --- Steps


def _before(pk: int, version: int, by: Staff) -> Innovation:
    """A filed project, for whoever may register it."""
    project = filed.to_decide(Innovation, pk, "innovation.verify", FILED, version=version, by=by)
    filed.require_other(innovating.involved(project), by=by)
    return project


def _write(project: Innovation, title: str, section: Section, novelty: str) -> None:
    project.title, project.title_key = title.strip(), reduced(title)
    project.section, project.novelty = section, novelty.strip()
    if not project.title_key:
        raise Refused(_("请写项目名称。"), field="title")
    if not project.novelty:
        raise Refused(_("请写明新在哪里。"), field="novelty")
    if section.unit_id != project.unit_id:
        raise Refused(_("请选本单位的科室。"), field="section")
    same = Innovation.objects.filter(unit=project.unit_id, title_key=project.title_key)
    if other := same.exclude(state=VOID).exclude(pk=project.pk).first():
        raise Duplicate(other)


@contextmanager
def _registered_once(project: Innovation):
    """Two people at the same moment: the second is told, not shown an error."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
        same = Innovation.objects.filter(unit=project.unit_id, title_key=project.title_key)
        raise Duplicate(same.exclude(state=VOID).exclude(pk=project.pk).first()) from None


def _name(project: Innovation, people: Iterable[Staff]) -> None:
    people = {one.pk: one for one in people}
    if len(people) > MOST_PEOPLE:
        raise Refused(_("参与人员最多%(n)s人。") % {"n": MOST_PEOPLE}, field="people")
    if any(one.unit_id != project.unit_id for one in people.values()):
        raise Refused(_("参与人员须是本单位的人。"), field="people")
    project.people.set(people.values())


def _next_number(unit_id: int) -> str:
    """CX2026-001 and on, without gaps: the unit is held meanwhile."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    prefix = f"CX{clock.today().year}-"
    rows = Innovation.objects.filter(unit=unit_id, number__startswith=prefix)
    taken = [int(n[len(prefix) :]) for n in rows.values_list("number", flat=True)]
    return f"{prefix}{max(taken, default=0) + 1:03d}"


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _tell(project: Innovation, text: str, *, by: Staff, reason: str = "") -> None:
    """All its people, and who filed it."""
    values: Mapping = {
        "title": project.title[:60],
        "name": by.name,
        "number": project.number,
        "reason": reason,
    }
    to = innovating.involved(project)
    filed.tell(project, to, lambda: text % values, by=by, icon="light-bulb")
