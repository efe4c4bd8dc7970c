"""Items, projects and promotions as their actions leave them, said shortly."""

from datetime import date
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile

from ledgers.actions import innovations, papers, promotions, writing
from ledgers.crediting import Credit
from scheme.models import SectionMembership
from scheme.offices import Office
from tests.factories import appoint, make_department, make_staff, pdf

DAY = date(2026, 3, 3)


def world() -> SimpleNamespace:
    """The department, with somebody of the supervision office in the second section."""
    d = make_department()
    d.author, d.mate = d.officers[0][1], d.officers[0][2]
    d.office_one, d.office_two = d.personnel
    d.supervisor = make_staff(section=d.two, name="督查员")
    appoint(d.supervisor, Office.SUPERVISION_OFFICE)
    return d


def upload(words="证明", name="证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf(words).read())


def person(one, role="main") -> Credit:
    return Credit(person=one, role=role)


def section(one, role="main") -> Credit:
    return Credit(section=one, role=role)


def draft(by, *, credits=None, **more):
    content = {
        "title": "探索干部监督新机制",
        "kind": "information",
        "carrier": "《组工信息》",
        "issue_no": "第12期",
        "level": "city",
        "adopted_on": DAY,
        "note": "",
    }
    credits = [person(by)] if credits is None else credits
    return writing.add(by.unit, credits=credits, by=by, **(content | more))


def prove(row, ledger="writing", words=None):
    """Hangs a proof on the row, of its own content if none is given."""
    file = upload(words or f"{ledger}{row.pk}")
    return papers.attach(ledger, row.pk, file, "证明.pdf", by=row.filed_by)


def filed(by, *, words=None, **more):
    item = draft(by, **more)
    prove(item, words=words)
    return writing.file(item.pk, by=by)


def verified(by, *, checker, **more):
    item = filed(by, **more)
    return writing.verify(item.pk, version=item.version, by=checker)


def project(
    by, *, people=None, home=None, title="干部监督一张网", novelty="原来逐人查，现在一张网。"
):
    return innovations.add(
        by.unit,
        title=title,
        section=home or by_section(by),
        people=[by] if people is None else people,
        novelty=novelty,
        by=by,
    )


def by_section(one):
    return SectionMembership.objects.get(staff=one, end_on=None).section


def registered(by, *, checker, **more):
    row = project(by, **more)
    row = innovations.file(row.pk, by=by)
    return innovations.verify(row.pk, version=row.version, by=checker)


def promotion(innovation, by, *, credits=None, where="甲县委组织部", level="city", day=DAY):
    credits = [person(by)] if credits is None else credits
    return promotions.add(
        innovation.pk, credits=credits, where=where, level=level, promoted_on=day, by=by
    )


def promoted(innovation, by, *, checker, **more):
    row = promotion(innovation, by, **more)
    prove(row, "promotion")
    row = promotions.file(row.pk, by=by)
    return promotions.verify(row.pk, version=row.version, by=checker)
