"""Rows of the desk about regulations: what one has to read, what waits for one's approval."""

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rows import Task
from scheme import access, clock, regulations
from scheme.models import RegulationVersion
from scheme.roles import Role
from scheme.templatetags.look import md

State = RegulationVersion.State


def to_read(person) -> list[Task]:
    today = clock.today()
    return [
        Task(
            "bad" if version.read_by < today else "warn",
            _("过期未读") if version.read_by < today else _("待阅读"),
            str(version.regulation),
            _("%(day)s前读完，读到文末点“已阅”") % {"day": md(version.read_by)},
            _page(version),
            _("去读"),
        )
        for version in regulations.must_read(person, today).defer("text")
    ]


def returned(person) -> list[Task]:
    """Drafts of one's own that a leader has sent back."""
    drafts = RegulationVersion.objects.filter(
        state=State.DRAFT, drafted_by=person, handed_in_at=None
    ).exclude(return_reason="")
    return [
        Task(
            "bad",
            _("退回修改"),
            str(version.regulation),
            version.return_reason,
            reverse("scoring:regulation_detail", args=[version.regulation_id])
            + f"?version={version.number}",
            _("去修改"),
        )
        for version in drafts.select_related("regulation").defer("text")
    ]


def to_approve(person) -> list[Task]:
    """Drafts handed in that this leader, and not their writer, may approve."""
    if not access.has_role(person, Role.LEADER):
        return []
    drafts = RegulationVersion.objects.visible_to(person).filter(
        state=State.DRAFT, handed_in_at__isnull=False
    )
    drafts = drafts.exclude(drafted_by=person).select_related("regulation", "drafted_by")
    # Asked once, not for every draft.
    places = (None, *regulations.office_sections(person.unit_id))
    return [
        Task(
            "warn",
            _("待批准"),
            str(version.regulation),
            (_("由%(name)s提出废止") if version.abolishes else _("由%(name)s起草，批准后施行"))
            % {"name": version.drafted_by},
            _page(version),
            _("去看"),
        )
        for version in drafts.defer("text").order_by("handed_in_at")
        if any(access.can(person, "regulation.approve", version.anchor(at)) for at in places)
    ]


def _page(version) -> str:
    page = reverse("scoring:regulation_detail", args=[version.regulation_id])
    return f"{page}?version={version.number}"
