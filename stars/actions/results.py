"""The end of a round: awards, the frozen text of the publication, its workbook."""

import re

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scheme import access, audit, clock, jobs, notices
from scheme.errors import Refused
from scheme.models import Appointment, Job, Star
from scheme.offices import Office
from stars.models import Award, Nomination, Objection, Publication, Round

from .rounds import digest_of

LINE = 60


def conclude(round_: Round, by) -> dict:
    """The step from publicity to the result, for stages.advance, which holds the round's lock."""
    if round_.objections.open().exists():
        raise Refused(_("还有异议没有处理完，不能公布。"))
    upheld = set(
        round_.objections.filter(outcome=Objection.Outcome.UPHELD).values_list(
            "nomination_id", flat=True
        )
    )
    decided = list(
        Nomination.objects.filter(round=round_, decision__isnull=False)
        .select_related("star", "person", "section", "decision", "branch", "branch_outcome")
        .order_by("star__position", "-kind", "person__sort_weight", "section__position", "pk")
    )
    won = [one for one in decided if one.decision.placed and one.pk not in upheld]
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
    body = _body(round_, decided, upheld, {row.nomination_id: row.number for row in awards})
    publication = Publication.objects.create(
        unit=round_.unit,
        round=round_,
        edition=1,
        body=body,
        digest=digest_of(body),
        published_at=clock.now(),
        published_by=by,
    )
    audit.record(
        by,
        "result.publish",
        publication,
        after={"awards": [row.number for row in awards], "digest": publication.digest},
    )
    _tell_winners(round_, awards)
    facts = {"awards": len(awards), "publication": publication.digest}
    return {"due_at": None, "facts": facts}


def _number(round_: Round, n: int) -> str:
    """〔2026〕上-01: the half-year it honours, counted through all stars."""
    half = "上" if round_.half.endswith("1") else "下"
    return f"〔{round_.half[:4]}〕{half}-{n:02d}"


def _body(round_: Round, decided: list[Nomination], upheld: set[int], numbers: dict) -> dict:
    """Everything the publication says, by value: it must read the same in ten years."""
    raised = list(round_.objections.values_list("outcome", flat=True))
    return {
        "unit": round_.unit.name,
        "half": round_.half,
        "published_on": clock.today().isoformat(),
        "publicity": {
            "from": round_.publicity_from.isoformat(),
            "until": round_.publicity_until.isoformat(),
            "days": round_.publicity_days,
        },
        "rules": {
            "quorum": [round_.quorum_num, round_.quorum_den],
            "majority": [round_.majority_num, round_.majority_den],
            "recused_count_as_entitled": round_.recused_count_as_entitled,
            "seal": round_.seal,
            "book": str(round_.book) if round_.book else "",
            "book_digest": round_.book.digest if round_.book else "",
            "run_hash": round_.run.output_hash if round_.run else "",
        },
        "objections": {
            "raised": len(raised),
            "upheld": raised.count("upheld"),
            "dismissed": raised.count("dismissed"),
        },
        "stars": [
            {
                "key": star.key,
                "name": star.name,
                "sections": _winners(decided, numbers, star, "section"),
                "persons": _winners(decided, numbers, star, "person"),
            }
            for star in Star.objects.all()
        ],
        "counts": [_count(one, one.pk in upheld, numbers.get(one.pk, "")) for one in decided],
    }


def _winners(decided, numbers, star, kind) -> list[dict]:
    return [
        {
            "number": numbers[one.pk],
            "name": one.nominee.name,
            "section": one.section.name,
            "post": one.person.post if one.person else "",
            "line": first_sentence(one.statement),
            "statement": one.statement,
        }
        for one in decided
        if one.star_id == star.pk and one.kind == kind and one.pk in numbers
    ]


def _count(one: Nomination, upheld: bool, number: str) -> dict:
    branch, decision = one.branch_outcome, one.decision
    fields = ("entitled", "recused", "votes_for", "votes_against", "votes_abstain")
    return {
        "star": one.star.key,
        "kind": one.kind,
        "nominee": one.nominee.name,
        "section": one.section.name,
        "branch": {"name": one.branch.name if one.branch else "", "outcome": branch.outcome}
        | {name: getattr(branch, name) for name in fields},
        "committee": {"present": decision.present, "passed": decision.passed}
        | {name: getattr(decision, name) for name in fields},
        "placed": decision.placed,
        "settled": decision.settled_reason,
        "objection_upheld": upheld,
        "number": number,
    }


def first_sentence(text: str) -> str:
    """What stands under a name on the wall: the first sentence, kept short."""
    found = re.match(r"[^。！？!?；;\n]+[。！？]?", text.strip())
    line = found[0] if found else ""
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


def _tell_winners(round_: Round, awards: list[Award]) -> None:
    """Persons themselves; for a section its chiefs."""
    sections = {one.section_id for one in awards if one.person_id is None}
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section__in=sections
    )
    chiefs: dict[int, list] = {}
    for row in held.select_related("staff"):
        chiefs.setdefault(row.section_id, []).append(row.staff)
    url = reverse("stars:wall_round", args=[round_.pk])
    for award in awards:
        people = [award.person] if award.person else chiefs.get(award.section_id, [])
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
