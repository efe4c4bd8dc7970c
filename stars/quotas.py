"""Places and nominations in figures: what each section may still put forward."""

from collections.abc import Iterable

from django.db.models import Count, Q

from scheme.models import Section
from scheme.models.star import spoken
from stars.models import Nomination, Round

WRITING = ("draft", "returned")


def of(round_: Round, sections: Iterable[Section]) -> list[tuple[Section, list[dict]]]:
    """Per section, for each star and kind that is given: `places` of the whole unit, `total` the
    section may put forward, `used` (submitted), `writing` (drafts, which hold no place), `left`."""
    sections = list(sections)
    rows = (
        Nomination.objects.filter(round=round_, section__in=sections)
        .exclude(state="withdrawn")
        .order_by()
        .values("section", "star", "kind")
        .annotate(
            used=Count("pk", filter=~Q(state__in=WRITING)),
            writing=Count("pk", filter=Q(state__in=WRITING)),
        )
    )
    counts = {(row["section"], row["star"], row["kind"]): row for row in rows}
    rows = round_.quotas.select_related("star").order_by("star__position", "-kind")
    quotas = [quota for quota in rows if quota.places]
    return [(section, [_line(section, quota, counts) for quota in quotas]) for section in sections]


def _line(section, quota, counts) -> dict:
    count = counts.get((section.pk, quota.star_id, quota.kind), {"used": 0, "writing": 0})
    return {
        "star": quota.star,
        "kind": quota.kind,
        "label": f"{spoken(quota.star.name, quota.star_id)} {quota.get_kind_display()}",
        "places": quota.places,
        "total": quota.per_section,
        "used": count["used"],
        "writing": count["writing"],
        "left": max(0, quota.per_section - count["used"]),
    }
