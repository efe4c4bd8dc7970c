"""Facts workbooks in the table of routes: to confirm, with errors, at work, stored."""

from types import SimpleNamespace

from scheme import clock
from scheme.models import Job
from scoring import uploads
from scoring.models import FactsUpload


def build(d) -> None:
    at, by = clock.now(), d.people["personnel"]
    d.facts = SimpleNamespace()
    for state in ("preview", "refused", "reading", "applied"):
        job = Job.objects.create(
            kind="facts.read", dedupe_key=f"{d.unit.pk}/{state}", unit=d.unit, asked_by=by,
            run_after=at, created_at=at,
        )  # fmt: skip
        done = {"applied_by": by, "applied_at": at} if state == "applied" else {}
        sheet = {"sheet": "日报", "read": 1, "new": 1, "changed": 0, "known": 0, "problems": 1}
        upload = FactsUpload.objects.create(
            unit=d.unit, file_name="台账.xlsx", sha256=f"{state:0>64}", size=1, state=state,
            job=job, counts={"sheets": [sheet], "total": sheet, "anything": True}, uploaded_by=by,
            uploaded_at=at, problems=[{"sheet": "日报", "row": 3, "column": "", "reason": "x"}],
            **done,
        )  # fmt: skip
        setattr(d.facts, state, upload)
    path = uploads.errors_path_of(d.facts.refused)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK not really a workbook")


def clean_up() -> None:
    for upload in FactsUpload.objects.all():
        uploads.remove(upload)


TARGETS = {
    f"facts.{state}": lambda w, state=state: getattr(w.here.facts, state)
    for state in ("preview", "refused", "reading", "applied")
}
TARGETS["facts.unit"] = lambda w: w.there.facts.preview
TARGETS["facts.unit.bad"] = lambda w: w.there.facts.refused

BODIES = {"scoring:facts_export": lambda w, t: {"half": "2026H1"}}

TABLE = """
scoring:facts_list          -                            GET  LFFFFFFFF.FFFF.L
scoring:facts_list          -                            POST LFFFFFFFFUFFFFUL

scoring:facts_template      -                            GET  LFFFFFFFF.FFFF.L

scoring:facts_export        -                            GET  LFFFFFFFFMFFFFML
scoring:facts_export        -                            POST LFFFFFFFFRFFFFRL

scoring:facts_upload        facts.preview                GET  LFFFFFFFF.FFFFNL
scoring:facts_upload        facts.refused                GET  LFFFFFFFF.FFFFNL
scoring:facts_upload        facts.reading                GET  LFFFFFFFF.FFFFNL
scoring:facts_upload        facts.applied                GET  LFFFFFFFF.FFFFNL
scoring:facts_upload        facts.unit                   GET  LFFFFFFFFNFFFF.L
scoring:facts_upload        nowhere                      GET  LFFFFFFFFNFFFFNL

scoring:facts_progress      facts.preview                GET  LFFFFFFFFRFFFFNL
scoring:facts_progress      facts.reading                GET  LFFFFFFFF.FFFFNL
scoring:facts_progress      facts.unit                   GET  LFFFFFFFFNFFFFRL
scoring:facts_progress      nowhere                      GET  LFFFFFFFFNFFFFNL

scoring:facts_confirm       facts.preview                GET  LFFFFFFFFMFFFFML
scoring:facts_confirm       facts.preview                POST LFFFFFFFFRFFFFNL
scoring:facts_confirm       facts.refused                POST LFFFFFFFFCFFFFNL
scoring:facts_confirm       facts.applied                POST LFFFFFFFFCFFFFNL
scoring:facts_confirm       facts.unit                   POST LFFFFFFFFNFFFFRL
scoring:facts_confirm       nowhere                      POST LFFFFFFFFNFFFFNL

scoring:facts_drop          facts.preview                GET  LFFFFFFFFMFFFFML
scoring:facts_drop          facts.preview                POST LFFFFFFFFRFFFFNL
scoring:facts_drop          facts.refused                POST LFFFFFFFFRFFFFNL
scoring:facts_drop          facts.reading                POST LFFFFFFFFCFFFFNL
scoring:facts_drop          facts.applied                POST LFFFFFFFFCFFFFNL
scoring:facts_drop          facts.unit                   POST LFFFFFFFFNFFFFRL
scoring:facts_drop          nowhere                      POST LFFFFFFFFNFFFFNL

scoring:facts_errors        facts.refused                GET  LFFFFFFFF.FFFFNL
scoring:facts_errors        facts.preview                GET  LFFFFFFFFNFFFFNL
scoring:facts_errors        facts.unit.bad               GET  LFFFFFFFFNFFFF.L
scoring:facts_errors        nowhere                      GET  LFFFFFFFFNFFFFNL
"""
