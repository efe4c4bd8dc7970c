"""The end of a round: awards, the editions of the publication, its workbook."""

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scheme import access, audit, clock, jobs, notices
from scheme.errors import Refused
from scheme.models import Appointment, Job
from scheme.offices import Office
from scheme.templatetags.look import md_hm
from stars import bodies, eligibility, objecting, publicity
from stars.models import Award, Nomination, Publication, Revocation, Round
from stars.owing import office_of

from .rounds import digest_of


def conclude(round_: Round, by) -> dict:
    """The step from publicity to the result, for stages.advance, which holds the round's lock."""
    _check_final(round_)
    upheld = objecting.upheld(round_)
    decided = list(
        Nomination.objects.filter(round=round_, decision__isnull=False)
        .select_related("star", "person", "section", "branch", "branch_outcome", "decision__box")
        .order_by("star__position", "-kind", "person__sort_weight", "section__position", "pk")
    )
    placed = [one for one in decided if one.decision.placed and one.pk not in upheld]
    # Sanctioned since the sitting: asked once more, on the day the star would be given.
    lost = eligibility.lost(round_, placed)
    won = [one for one in placed if one.pk not in lost]
    awards = Award.objects.bulk_create(
        Award(
            unit=round_.unit,
            round=round_,
            nomination=one,
            star=one.star,
            person=one.person,
            section=one.section,
            number=_number(round_, n),
            awarded_on=clock.today(),
        )
        for n, one in enumerate(won, 1)
    )
    numbers = {row.nomination_id: row.number for row in awards}
    publication = _publish(round_, 1, bodies.first(round_, decided, upheld, set(lost), numbers), by)
    audit.record(
        by,
        "result.publish",
        publication,
        after={"awards": [row.number for row in awards], "digest": publication.digest},
    )
    _tell_winners(round_, awards)
    for one in placed:
        if one.pk in lost:
            _tell_lost(round_, one)
    facts = {"awards": len(awards), "publication": publication.digest}
    return {"due_at": None, "facts": facts}


def _check_final(round_: Round) -> None:
    """Every day of publicity given, every objection answered, every finding reviewed or past it."""
    if round_.objections.open().exists():
        raise Refused(_("还有异议没有处理完，不能公布。"))
    if publicity.is_shortened(round_):
        return
    period = publicity.period(round_)
    if clock.now() < period.ends_at:
        raise Refused(
            _("工作日历有调整，公示须满%(n)s个工作日，到%(until)s。")
            % {"n": round_.publicity_days, "until": md_hm(period.ends_at)}
        )
    until = objecting.review_open_until(round_)
    if until and clock.now() < until:
        raise Refused(
            _("异议的核实结果可以申请复核，到%(until)s才能公布。") % {"until": md_hm(until)}
        )


def _publish(round_: Round, edition: int, body: dict, by) -> Publication:
    return Publication.objects.create(
        unit=round_.unit,
        round=round_,
        edition=edition,
        body=body,
        digest=digest_of(body),
        published_at=clock.now(),
        published_by=by,
    )


@transaction.atomic
def republish(round_: Round, *, by, reason: str) -> Publication:
    """Another edition beside the last, with the stars struck that were revoked since; the rest by
    value as it was. For revocations.approve, which asks for the right and holds the round's lock.
    """
    last = round_.publications.order_by("-edition").first()
    rows = Revocation.objects.filter(award__round=round_, state=Revocation.State.APPROVED)
    body = bodies.later(last.body, rows.select_related("award"), last.edition + 1, reason)
    publication = _publish(round_, last.edition + 1, body, by)
    audit.record(
        by,
        "result.republish",
        publication,
        before={"digest": last.digest},
        after={"edition": publication.edition, "digest": publication.digest},
        reason=reason,
    )
    return publication


def _number(round_: Round, n: int) -> str:
    """〔2026〕上-01: the half-year it honours, counted through all stars."""
    half = "上" if round_.half.endswith("1") else "下"
    return f"〔{round_.half[:4]}〕{half}-{n:02d}"


def _tell_winners(round_: Round, awards: list[Award]) -> None:
    """Persons themselves; for a section its chiefs."""
    chiefs = chiefs_of({one.section_id for one in awards if one.person_id is None})
    url = reverse("stars:wall_round", args=[round_.pk])
    for award in awards:
        people = [award.person] if award.person else chiefs[award.section_id]
        notices.tell_all(
            people,
            f"award:{award.pk}",
            lambda award=award: _winning(round_, award),
            url=url,
            icon="trophy",
        )


def _winning(round_: Round, award: Award) -> str:
    form = {"round": round_, "star": award.star.title, "number": award.number}
    if award.person:
        return _("%(round)s：您获评%(star)s，编号%(number)s。") % form
    form["section"] = award.section.name
    return _("%(round)s：%(section)s获评%(star)s，编号%(number)s。") % form


def _tell_lost(round_: Round, one: Nomination) -> None:
    """The nominee (a section's chiefs) reads the neutral sentence, the office reads who it is; the
    reason stands where only those who may know it look."""
    people = [one.person] if one.person else chiefs_of([one.section_id])[one.section_id]
    words = {"round": round_, "star": one.star.title, "who": one.nominee.name}
    url = reverse("stars:nomination_detail", args=[one.pk])
    notices.tell_all(
        people,
        f"nomination:{one.pk}:lost",
        lambda: (
            _("%(round)s：%(who)s没有获评%(star)s。%(why)s") % {**words, "why": eligibility.NEUTRAL}
        ),
        url=url,
        icon="exclamation-triangle",
    )
    notices.tell_all(
        {*office_of(round_.unit_id)} - {*people},
        f"nomination:{one.pk}:lost",
        lambda: _("%(round)s：%(who)s现在不符合参评条件，没有评定%(star)s，名额空缺。") % words,
        url=url,
        icon="exclamation-triangle",
    )


def chiefs_of(sections) -> dict[int, list]:
    """The chiefs of the sections today."""
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section__in=sections
    )
    chiefs: dict[int, list] = {section: [] for section in sections}
    for row in held.select_related("staff"):
        chiefs[row.section_id].append(row.staff)
    return chiefs


@transaction.atomic
def start_workbook(pk: int, *, by, key: str) -> Job:
    """Registers the making of the publication's workbook; `key` is the form's own, so one form
    makes one workbook."""
    publication = Publication.objects.select_related("round", "unit").get(pk=pk)
    access.require(by, "result.export", publication.anchor())
    return jobs.enqueue(
        "stars.publish_workbook",
        f"{publication.pk}:{by.pk}:{key}",
        args={"publication": publication.pk},
        unit=publication.unit,
        by=by,
    )


def record_workbook(job: Job, publication: Publication, *, file: str, sha256: str) -> dict:
    """The effect of the job: one line in the trail per workbook, and where it lies."""
    name = _("%(round)s结果 %(day)s.xlsx") % {
        "round": publication.round,
        "day": date_format(clock.local(publication.published_at), "Ymd"),
    }
    audit.record(
        job.asked_by,
        "result.export",
        publication,
        after={"sha256": sha256, "edition": publication.edition},
    )
    return {"file": file, "name": name}
