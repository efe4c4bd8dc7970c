"""Trying a rule book: who may, and the workbook of a trial. Of the trial itself nothing is kept."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from scheme import audit, jobs
from scheme.access import can
from scheme.errors import Refused
from scheme.models import Job, Staff
from scoring import sandbox
from scoring.actions import rulebooks
from scoring.models import RuleBook

KIND = "scoring.sandbox"
VERB = "rulebook.sandbox"


def may_try(by: Staff, book: RuleBook) -> bool:
    """The office that proposes rules and the leaders who approve them: a trial shows everybody's
    figures."""
    return can(by, VERB, book.anchor()) or rulebooks.may_decide(by, VERB, book)


def require_try(by: Staff, book: RuleBook) -> None:
    if not may_try(by, book):
        raise PermissionDenied(_("试算由机关人事科和分管它的领导使用。"))


@transaction.atomic
def start(pk: int, *, half: str, persons: int, sections: int, by: Staff, key: str) -> Job:
    """Registers the making of a trial's workbook; `key` is the form's own, so a form makes one."""
    book = RuleBook.objects.select_related("unit").get(pk=pk)
    require_try(by, book)
    if half not in sandbox.halves_with_facts(book.unit):
        raise Refused(_("这个半年没有台账可以试算。"), field="half")
    args = {"book": book.pk, "half": half, "persons": persons, "sections": sections}
    return jobs.enqueue(KIND, f"{book.pk}:{by.pk}:{key}", args=args, unit=book.unit, by=by)


def record_workbook(job: Job, book: RuleBook, *, file: str, sha256: str) -> dict:
    """The effect of the job: a line in the trail, and where the workbook lies."""
    half = job.args["half"]
    after = {"half": half, "version": book.version, "sha256": sha256}
    audit.record(job.asked_by, "rulebook.sandbox", book, after=after)
    name = _("第%(version)s版试算 %(half)s.xlsx") % {"version": book.version, "half": half}
    return {"file": file, "name": name}
