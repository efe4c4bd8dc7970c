"""Promotions (创新推广): a registered project is taken up elsewhere. Filed with its proof by one of
those credited, verified against it by somebody else; only then it counts."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers import crediting, filed, innovating, proofs, records
from ledgers.crediting import Credit
from ledgers.filed import DRAFT, FILED, VERIFIED, VOID
from ledgers.models import Innovation, Promotion, PromotionCredit
from ledgers.titles import reduced
from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Staff
from scheme.offices import Office

CONTENT = ("where", "level", "promoted_on")
VERIFIERS = (Office.PERSONNEL_OFFICE,)


class Duplicate(Refused):
    """The same promotion is in the ledger already: `other` is it."""

    def __init__(self, other: Promotion):
        text = _("这个项目同一天在同一单位的推广已经登记过，一份证明只计一次。")
        super().__init__(text, field="where", conflict=True)
        self.other = other


@transaction.atomic
def add(innovation_pk: int, *, credits: Iterable[Credit] = (), by: Staff, **content) -> Promotion:
    """A draft on a registered project, seen by its writer alone until it is filed."""
    project = _project(innovation_pk, by)
    row = Promotion(
        unit=project.unit,
        innovation=project,
        project=project.title,
        project_key=project.title_key,
        state=DRAFT,
        filed_by=by,
        recorded_at=clock.now(),
        version=1,
    )
    access.require(by, "innovation.file", row.anchor())
    _write(row, content)
    row.save()
    _credit(row, credits)
    records.note(row, "draft", by=by, after=_body(row))
    audit.record(by, "promotion.draft", row, after=_body(row))
    return row


@transaction.atomic
def change(pk: int, *, version: int, credits: Iterable[Credit], by: Staff, **content) -> Promotion:
    """Writes a draft or a returned promotion anew. `content`: those of CONTENT that change."""
    row = _to_edit(pk, by)
    filed.require_version(row, version)
    before = _body(row)
    _write(row, content)
    row.save()
    _credit(row, credits)
    after = _body(row)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        old = {name: before[name] for name in changed}
        filed.move(row, "change", by=by, before=old, after={name: after[name] for name in changed})
    return row


@transaction.atomic
def file(pk: int, *, by: Staff) -> Promotion:
    """Hands the promotion in to be verified. No proof, no credit."""
    row = _to_edit(pk, by)
    if row.innovation.state != VERIFIED:
        raise Refused(_("项目没有登记，不能报推广。"), conflict=True)
    credits = crediting.settled(crediting.of(row), row.unit, row.promoted_on)
    if not credits:
        raise Refused(_("还没有署名，请写明给谁计。"), field="credits")
    if not crediting.files(by, credits, "innovation.file_section"):
        raise Refused(_("推广由署名人填报，科室的由科长填报。"), field="credits")
    _require_unique(row)
    if not records.papers(row).exists():
        raise Refused(
            _("请附上推广证明（发文、通报或对方的证明），没有证明不计分。"), field="files"
        )
    filed.file_it(row, by=by)
    filed.tell_offices(
        row,
        VERIFIERS,
        reverse("ledgers:promotion_list") + "?state=filed",
        lambda: _("有创新推广待核实。"),
        by=by,
    )
    _tell(row, gettext_lazy("%(name)s报送了您署名的推广“%(title)s”，核实后计分。"), by=by)
    return row


@transaction.atomic
def withdraw(pk: int, *, by: Staff) -> Promotion:
    """Takes a filed promotion back to mend it."""
    row = filed.to_withdraw(Promotion, pk, by=by)
    filed.move(row, "withdraw", by=by, to=DRAFT)
    return row


@transaction.atomic
def drop(pk: int, *, by: Staff) -> Promotion:
    """Gives up a draft or a returned promotion."""
    row = _to_edit(pk, by)
    filed.move(row, "void", by=by, to=VOID)
    return row


@transaction.atomic
def verify(pk: int, *, version: int, by: Staff) -> Promotion:
    """Verified against its proof: from now on a fact that counts."""
    row = _before(pk, version, by)
    filed.verify_it(row, by=by)
    _tell(row, gettext_lazy("推广“%(title)s”已核实，积分随后入账。"), by=by)
    return row


@transaction.atomic
def turn_back(pk: int, *, version: int, reason: str, by: Staff) -> Promotion:
    """Sends a promotion back to be mended, with a reason."""
    row = _before(pk, version, by)
    reason = filed.said(reason)
    filed.move(row, "return", by=by, to=filed.RETURNED, text=reason)

    def say():
        text = _("推广“%(title)s”退回补正：%(reason)s")
        return text % {"title": row.project[:60], "reason": reason}

    filed.tell(row, [row.filed_by_id], say, by=by, icon="arrow-uturn-left")
    return row


@transaction.atomic
def void(pk: int, *, version: int, reason: str, by: Staff) -> Promotion:
    """A verified promotion turns out not to hold: what it counted is reversed."""
    row = filed.to_decide(Promotion, pk, "innovation.void", VERIFIED, version=version, by=by)
    reason = filed.said(reason)
    filed.move(row, "void", by=by, to=VOID, text=reason)
    text = gettext_lazy("推广“%(title)s”作废，所计积分冲回：%(reason)s")
    _tell(row, text, by=by, reason=reason)
    return row


@transaction.atomic
def restore(pk: int, *, version: int, reason: str, by: Staff) -> Promotion:
    """A voided promotion holds after all."""
    row = filed.to_decide(Promotion, pk, "innovation.void", VOID, version=version, by=by)
    if row.filed_by_id and not row.verified_by_id:
        raise Refused(_("这一条没有核实过就撤销了，请重新填报。"), conflict=True)
    filed.require_other(proofs.involved(row), by=by)
    reason = filed.said(reason)
    if row.innovation and row.innovation.state != VERIFIED:
        raise Refused(_("项目已经作废，请先恢复项目。"), conflict=True)
    _require_unique(row)
    filed.move(row, "restore", by=by, to=VERIFIED, text=reason)
    text = gettext_lazy("推广“%(title)s”恢复，积分随后入账：%(reason)s")
    _tell(row, text, by=by, reason=reason)
    return row


@transaction.atomic
def join(pk: int, *, innovation: int, by: Staff) -> Promotion:
    """Joins a promotion that a workbook told of to the registered project of the same name."""
    project = _project(innovation, by)
    if not (
        innovating.concerns(by, project)
        or access.can(by, "innovation.verify", project.anchor()._replace(state=FILED))
    ):
        raise PermissionDenied(_("由参与人员、科长或机关人事科并入。"))
    row = filed.held(Promotion, pk, by=by)
    if row.innovation_id or row.project_key != project.title_key:
        raise Refused(_("这条推广已经并入，或者不是这个项目的。"), conflict=True)
    row.innovation = project
    filed.move(row, "change", by=by, after={"innovation": project.number}, fields=["innovation"])
    return row


# --- Steps


def _project(pk: int, by: Staff) -> Innovation:
    """The registered project, held: who files on it goes one after another."""
    project = filed.held(Innovation, pk, by=by)
    if project.state != VERIFIED:
        raise Refused(_("项目登记以后才能报推广。"), conflict=True)
    return project


def _to_edit(pk: int, by: Staff) -> Promotion:
    """The promotion for its writer, its project held first: as everywhere, in one order."""
    seen = Promotion.objects.visible_to(by).filter(pk=pk)
    projects = Innovation.objects.filter(pk__in=seen.values("innovation"))
    list(projects.select_for_update(of=("self",)).order_by())
    return filed.to_edit(Promotion, pk, "innovation.file", by=by)


def _before(pk: int, version: int, by: Staff) -> Promotion:
    row = filed.to_decide(Promotion, pk, "innovation.verify", FILED, version=version, by=by)
    filed.require_other(proofs.involved(row), by=by)
    return row


def _write(row: Promotion, content: Mapping) -> None:
    if unknown := content.keys() - set(CONTENT):
        raise TypeError(f"not to be written: {sorted(unknown)}")
    for name, value in content.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    if not reduced(row.where):
        raise Refused(_("请写明在哪里推广。"), field="where")
    if row.promoted_on > clock.today():
        raise Refused(_("还没有到这一天，推广以后再报。"), field="promoted_on")
    _require_unique(row)


def _require_unique(row: Promotion) -> None:
    """Against what was filed by place, and against what a workbook told, which names no place."""
    same = Promotion.objects.filter(
        unit=row.unit_id, project_key=row.project_key, promoted_on=row.promoted_on
    )
    for other in same.exclude(state=VOID).exclude(pk=row.pk).order_by("pk"):
        told = not other.where or not row.where
        if reduced(other.where) == reduced(row.where) or (told and other.level == row.level):
            raise Duplicate(other)


def _credit(row: Promotion, credits: Iterable[Credit]) -> None:
    settled = crediting.settled(credits, row.unit, row.promoted_on)
    row.credits.all().delete()
    PromotionCredit.objects.bulk_create(
        PromotionCredit(promotion=row, person=one.person, section=one.section) for one in settled
    )


def _body(row: Promotion) -> dict:
    day: date = row.promoted_on
    return {
        "where": row.where,
        "level": row.level,
        "promoted_on": day.isoformat(),
        "credits": [one.subject.name for one in crediting.of(row)],
    }


def _tell(row: Promotion, text: str, *, by: Staff, reason: str = "") -> None:
    """All who are credited, and who filed it."""
    values = {"title": row.project[:60], "name": by.name, "reason": reason}
    filed.tell(row, proofs.involved(row), lambda: text % values, by=by, icon="light-bulb")
