"""What every act on a task under way does alike: lock and look, move on, record, tell."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records
from ledgers.models import SupervisionNote, Task
from scheme import audit, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Staff

# Written into the history, whose text holds as much.
LONGEST = 500
State = Task.State


def hold(pk: int, *, by: Staff) -> Task:
    """The task, locked against other acts on it. Raises DoesNotExist for one out of sight."""
    seen = Task.objects.visible_to(by).filter(pk=pk).values("pk")
    return Task.objects.select_for_update(of=("self",)).get(pk__in=seen)


def allow(task: Task, verb: str, states: Iterable[str], version: int, *, by: Staff) -> None:
    """Raises PermissionDenied for who may not do this to the task in any of these states, and
    Stale where it stands in none of them (any more), or has moved on."""
    states = tuple(states)
    anchor = task.anchor()._replace(state=states[0])
    require(by, verb, anchor._replace(person_id=by.pk) if own_part(by, task) else anchor)
    still(task, version)
    if task.state not in states or (task.closed_on and State.CLOSED not in states):
        text = _("这项任务现在是“%(state)s”，不能这样办，刷新后再看。")
        raise Stale(text % {"state": task.get_state_display()})


def still(row: Task | SupervisionNote, version: int) -> None:
    if row.version != version:
        raise Stale(_("刚才有人办过这一项，刷新后再看。"))


def own_part(person: Staff, task: Task) -> bool:
    """Does the person handle the task as 主办?"""
    return task.handlers.filter(person=person, role="main").exists()


def not_oneself(other_id: int | None, by: Staff, text: str) -> None:
    if other_id == by.pk:
        raise PermissionDenied(text)


def words(text: str, *, field: str, longest: int = LONGEST, missing: str = "") -> str:
    """Trimmed, there, and short enough to be kept."""
    text = (text or "").strip()
    if not text:
        raise Refused(missing or _("请写明理由。"), field=field)
    if len(text) > longest:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": longest}, field=field)
    return text


def step(
    row: Task | SupervisionNote,
    kind: str,
    *,
    by: Staff | None,
    text: str = "",
    told: dict | None = None,
    **fields,
) -> None:
    """Changes the row, moves its version on, writes history and trail. `told` goes into both
    beside what changed."""
    before = {name: _plain(getattr(row, name)) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=["version", *(name.removesuffix("_id") for name in fields)])
    after = {name: _plain(getattr(row, name)) for name in fields} | (told or {})
    records.note(row, kind, by=by, text=text, before=before, after=after)
    ledger = records.ledger_of(row)
    audit.record(by, f"{ledger}.{kind}", row, before=before, after=after, reason=text)


def _plain(value):
    return value if value is None or isinstance(value, (int, str)) else value.isoformat()


def tell(task: Task, people: Iterable[Staff], kind: str, say: notices.Say, icon="bell") -> None:
    """Everybody once for this version of the task."""
    each = {one.pk: one for one in people}
    url = reverse("ledgers:task_detail", args=[task.pk])
    notices.tell_all(
        each.values(), f"task:{task.pk}:{task.version}:{kind}", say, url=url, icon=icon
    )


def main_handlers(task: Task) -> list[Staff]:
    rows = task.handlers.filter(role="main").select_related("person")
    return [row.person for row in rows if row.person.is_active]
