"""The work ledgers brought in from a workbook: all of it or nothing."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scheme.access import Anchor, require
from scheme.errors import Stale
from scheme.imports.sheets import open_book
from scheme.models import Staff, Unit
from scoring.imports import facts
from scoring.imports.facts import Counts, Facts


def load(unit: Unit, source, *, by: Staff) -> Counts:
    """Reads a workbook (an open file or its bytes) and stores what is new and what is corrected.

    The same workbook again changes nothing. Raises BadBook when it is none at all, Unreadable
    with the problems of its rows.
    """
    require(by, "facts.import", Anchor(unit.pk))
    with transaction.atomic():
        _hold(unit)
        return _store(facts.read(open_book(source), unit), unit, by)


def store(read: Facts, unit: Unit, *, by: Staff) -> Counts:
    """Stores what was read before, in a process of its own, say."""
    require(by, "facts.import", Anchor(unit.pk))
    with transaction.atomic():
        _hold(unit)
        return _store(read, unit, by)


def _hold(unit: Unit) -> None:
    """One import of the unit at a time."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)


def _store(read: Facts, unit: Unit, by: Staff) -> Counts:
    try:
        with transaction.atomic():
            return facts.store(read, unit, by=by)
    except IntegrityError as error:
        # A report was filed, or a task written by hand, between looking and storing.
        text = _("导入时有人刚好改了同一条台账，什么都没有存，请再导入一次。")
        raise Stale(text) from error
