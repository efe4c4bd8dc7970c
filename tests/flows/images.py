"""What a database says, written down so that two databases can be compared."""

import json
import re
from collections import Counter

from django.apps import apps
from django.db import models

from ledgers.models import PointEntry
from scheme.models import AuditEntry

OURS = ("scheme", "ledgers", "scoring", "stars")
# A moment, and a name or hash that is another each time.
CHANGING = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)?|[0-9a-f]{32,}")
# How often work was tried is no part of what it did.
TRIES = {"scheme.Job": {"fence", "attempts"}}


def whole(*, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of every table in the order it was made, but for times, random names and how often
    a job was tried. Primary keys are counted anew: a number that was drawn in vain leaves a gap."""
    return {
        label: [_line({**row, pk: n}) for n, row in enumerate(rows)]
        for label, pk, rows in _tables(OURS)
        if label not in without
    }


def facts() -> dict:
    """The ledgers by what they say, in any order: without the keys of rows that jobs have made,
    which depend on who came first. And how often each act stands in the trail."""
    left_out = {"ledgers.PointEntry", "ledgers.Quarter"}
    found = {
        label: sorted(_line({k: v for k, v in row.items() if k != pk}) for row in rows)
        for label, pk, rows in _tables(("ledgers",), links_to=("scheme",))
        if label not in left_out
    }
    acts = Counter(AuditEntry.objects.values_list("act", flat=True))
    # A settling that finds nothing to do leaves no trace, and which one that is depends on who
    # came first.
    del acts["entries.post"]
    return found | {"acts": dict(acts)}


def points_book() -> list[str]:
    """The lines of the points book in any order, each with what it reverses; without keys."""
    entries = PointEntry.objects.select_related("quarter", "reverses", "person", "section")
    return sorted(_line(_entry(one)) for one in entries)


def _entry(one: PointEntry) -> dict:
    word = one.source.split(":")[0]
    rows = {"id", "posted_at", "quarter_id", "reverses_id", "source", "item", "fact"}
    plain = {f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields}
    return {name: value for name, value in plain.items() if name not in rows} | {
        "quarter": one.quarter.code,
        "trigger": word if word != "report" else one.source,
        "fact": {
            name: value
            for name, value in one.fact.items()
            if name not in (word, "task", "note", "declaration")
        },
        "alone": one.item == one.source or one.item,
        "reverses": one.reverses and _line(_entry(one.reverses)),
    }


def _tables(labels, *, links_to=OURS):
    """(name, primary key, rows in order) of every model, those of the histories included."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in labels:
            continue
        label, pk = model._meta.label, model._meta.pk.attname
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if not isinstance(field, models.DateTimeField)
            and field.attname not in TRIES.get(label, ())
            and (not field.is_relation or field.related_model._meta.app_label in links_to)
        ]
        yield label, pk, model._base_manager.order_by("pk").values(pk, *names)


def _line(row: dict) -> str:
    text = json.dumps(row, default=str, sort_keys=True, ensure_ascii=False)
    return CHANGING.sub("…", text)
