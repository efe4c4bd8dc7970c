"""The demo's declarations: a window is open, and lines wait for every pair of eyes."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from scheme import access, clock, periods, workdays
from scheme.models import Staff, Unit
from scheme.roles import Role
from scoring import declaring
from scoring.actions import declarations, windows
from scoring.models import Declaration

MOST = 40
OPEN_FOR = 10


def build(unit: Unit, office: Staff, today: date) -> None:
    """Last quarter's window, with lines to be filed, checked and verified."""
    first = periods.quarter_span(periods.quarter_of(today)).first
    quarter = periods.quarter_of(first - timedelta(days=1))
    windows.set_window(
        unit, quarter, opens_on=today, closes_on=workdays.following(today, OPEN_FOR), by=office
    )
    span = periods.quarter_span(quarter)
    days = workdays.between(span.first, span.last)
    for number, told in enumerate(_told(unit), 1):
        _declare(unit, told, quarter, days[number * 7 % len(days)], number)
    _check(unit)


def _told(unit: Unit) -> list[Declaration]:
    """What the workbook declared for people who are still here, to declare the like again."""
    codes = [rule.code for rule in declaring.declarable_rules(unit, "person", clock.today())]
    rows = Declaration.objects.filter(unit=unit, imported=True, state="confirmed")
    rows = rows.filter(rule_code__in=codes)
    rows = rows.filter(person__isnull=False, person__left_on=None).select_related("person")
    return list(rows.order_by("pk")[:MOST])


def _declare(unit: Unit, told: Declaration, quarter: str, day: date, number: int) -> None:
    line = declarations.add(
        unit,
        quarter=quarter,
        rule_code=told.rule_code,
        level=told.level,
        quantity=Decimal(1),
        matter=told.matter,
        document_no=f"泽组发〔{day.year}〕{200 + number}号",
        document_on=day,
        by=told.person,
    )
    file = SimpleUploadedFile("notice.pdf", _pdf(f"{day.isoformat()} No. {200 + number}"))
    declarations.attach(line.pk, file, f"文件{200 + number}号.pdf", by=told.person)
    # Every eighth is still its writer's own.
    if number % 8:
        declarations.file(line.pk, by=told.person)


def _check(unit: Unit) -> None:
    """The chiefs have read most of theirs; one section's still wait."""
    for chief in declaring.chiefs_of(unit.pk):
        waiting = list(declaring.to_check_by(chief).order_by("pk"))
        if not access.has_role(chief, Role.PERSONNEL) and len(waiting) > 1:
            versions = {line.pk: line.version for line in waiting[1:]}
            declarations.check_many(versions, by=chief)


def _pdf(words: str) -> bytes:
    """A page with one line on it."""
    stream = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    end += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(parts) + 1,
        len(body),
    )
    return body + end
