"""Steps that all acts on a talk share, inside the act's own transaction."""

from django.utils.translation import gettext as _

from ledgers import records
from ledgers.models import Talk
from scheme import audit, clock
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Staff
from scheme.templatetags.look import md

State = Talk.State


def locked(pk: int, version: int, by: Staff) -> Talk:
    """The talk as the reader saw it, held until the transaction ends."""
    seen = Talk.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = Talk.objects.select_for_update(of=("self",)).select_related("unit", "speaker")
    talk = rows.get(pk__in=seen)
    # Who may do nothing here is told so, not that somebody was faster.
    if by.pk != talk.speaker_id:
        require(by, "talk.keep", talk.anchor())
    if talk.version != version:
        raise Stale(_("这一讲刚才有人改过，刷新后再办。"))
    return talk


def ready(talk: Talk, *, again: bool = False) -> None:
    """Has it been given, as far as one can know? `again`: one already entered will do as well."""
    if talk.state != State.PLANNED and not again:
        raise Refused(_("这一讲不在已安排的状态，刷新后再看。"), conflict=True)
    if talk.day > clock.today():
        raise Refused(_("%(day)s还没到，讲过以后再登记。") % {"day": md(talk.day)})
    if not talk.title:
        raise Refused(_("先填上题目，再登记。"))


def moved(talk: Talk, kind: str, by: Staff | None, *, text="", before, after) -> Talk:
    talk.version += 1
    talk.save()
    records.note(talk, kind, by=by, text=text, before=before, after=after)
    audit.record(by, f"talk.{kind}", talk, before=before, after=after, reason=text)
    return talk
