"""What the matrix tries the routes on, and the forms it sends."""

from tests.house.access_areas import AREAS
from tests.house.access_world import BEFORE, NOWHERE, TODAY, YESTERDAY

TARGETS = {
    "-": lambda w: None,
    "nowhere": lambda w: NOWHERE,
    "today": lambda w: TODAY,
    "yesterday": lambda w: YESTERDAY,
    "report.own": lambda w: w.here.report.own,
    "report.draft": lambda w: w.here.report.draft,
    "report.accepted": lambda w: w.here.report.accepted,
    "report.returned": lambda w: w.here.report.returned,
    "report.chiefs": lambda w: w.here.report.chiefs,
    "report.section": lambda w: w.here.report.other_section,
    "report.unit": lambda w: w.there.report.own,
    "job.own": lambda w: w.here.job["officer"],
    "job.office": lambda w: w.here.job["personnel"],
    "job.unit": lambda w: w.there.job["personnel"],
    "upload.good": lambda w: w.here.upload.preview,
    "upload.bad": lambda w: w.here.upload.refused,
    "upload.unit": lambda w: w.there.upload.preview,
    "upload.unit.bad": lambda w: w.there.upload.refused,
    "book": lambda w: w.here.book,
    "book.draft": lambda w: w.here.draft_book,
    "book.unit": lambda w: w.there.draft_book,
    "book.returned": lambda w: w.here.returned_book,
    "rule": lambda w: w.here.book.rules.first(),
    "rule.draft": lambda w: w.here.draft_book.rules.first(),
    "rule.unit": lambda w: w.there.draft_book.rules.first(),
    "person.own": lambda w: w.here.people["officer"],
    "person.chief": lambda w: w.here.people["chief"],
    "person.section": lambda w: w.here.people["member"],
    "person.unit": lambda w: w.there.people["officer"],
    "section.own": lambda w: w.here.one,
    "section.other": lambda w: w.here.two,
    "section.unit": lambda w: w.there.one,
    "quarter.open": lambda w: w.here.quarter.open,
    "quarter.closed": lambda w: w.here.quarter.closed,
    "quarter.unit": lambda w: w.there.quarter.open,
    "quarter.unit.closed": lambda w: w.there.quarter.closed,
    "manual.waiting": lambda w: w.here.manual.waiting,
    "manual.done": lambda w: w.here.manual.done,
    "manual.unit": lambda w: w.there.manual.waiting,
    "objection": lambda w: w.here.objection,
    "objection.unit": lambda w: w.there.objection,
}
for _state in ("preparing", "nominating", "at_branch", "at_committee", "publicity", "published"):
    TARGETS[_state] = lambda w, state=_state: getattr(w.here.round, state)
    TARGETS[f"{_state}.unit"] = lambda w, state=_state: getattr(w.there.round, state)
for _name in (
    "draft",
    "submitted",
    "at_branch",
    "other_branch",
    "at_committee",
    "other_sitting",
    "placed",
):
    TARGETS[f"nomination.{_name}"] = lambda w, name=_name: getattr(w.here.nomination, name)
    TARGETS[f"nomination.unit.{_name}"] = lambda w, name=_name: getattr(w.there.nomination, name)


def _side(w, thing):
    unit_id = getattr(thing, "unit_id", None) or getattr(
        getattr(thing, "round", None), "unit_id", None
    )
    return w.there if unit_id == w.there.unit.pk else w.here


def _seen(w, thing):
    return {"seen": getattr(thing, "version", 0), "reason": "写明理由，以备查考"}


def _report(w, day):
    return {"lines-0-text": "核对档案", "lines-0-done": "on", "plan": "继续", "seen": 0}


def _plan(w, round_):
    form = {
        "nominate_until": "2026-07-15",
        "branch_until": "2026-07-22",
        "committee_until": "2026-07-27",
        "publicity_days": 5,
        "quorum_num": 2,
        "quorum_den": 3,
        "majority_num": 1,
        "majority_den": 2,
        "floating_sections": 0,
        "floating_persons": 1,
        "statement_fewest": 20,
        "statement_most": 500,
        "most_returns": 2,
        "branch_method": "votes",
        "agreed_from": 80,
        "against_below": 60,
        "leaders_weight": 0,
        "secret": "yes",
        "tie_last": "chair",
        **_seen(w, round_),
    }
    for star in ("xue", "geng", "ye", "xiao", "xin"):
        for kind in ("section", "person"):
            form |= {f"places_{star}_{kind}": 1, f"per_section_{star}_{kind}": 1}
    return form


def _participants(w, round_):
    rows = round_.participants.all() if hasattr(round_, "participants") else ()
    return _seen(w, round_) | {f"part-{row.pk}": "on" for row in rows}


def _nomination(w, thing):
    side = _side(w, thing)
    return {
        **_seen(w, thing),
        "star": "ye",
        "nominee": f"p{side.people['officer'].pk}",
        "statement": "日报及时，质量好，带动全科。" * 3,
    }


def _nomination_new(w, thing):
    side = _side(w, thing)
    return _nomination(w, thing) | {"nominee": f"p{side.people['chief'].pk}"}


def _opinions(w, thing):
    one = _side(w, thing).nomination.at_branch
    return {f"mark-{one.pk}": "for", f"seen-{one.pk}": one.version}


def _objection(w, thing):
    return {
        "nomination": _side(w, thing).nomination.placed.pk,
        "text": "材料里的数字和台账对不上。",
    }


def _manual(w, thing):
    return {
        "person": w.here.people["officer"].pk,
        "rule_code": "精业-加-01",
        "points": "0.5",
        "event_on": YESTERDAY.isoformat(),
        "matter": "临时任务",
        "reason": "台账里没有",
        "basis": "部务会纪要",
    }


BODIES = {
    "scheme:sign_in": lambda w, t: {"staff_no": "NOBODY", "password": "x"},
    "scheme:password_change": lambda w, t: {"old": "no", "new": "a", "again": "b"},
    "scheme:language_switch": lambda w, t: {"language": "en"},
    "scheme:theme_switch": lambda w, t: {"theme": "dark"},
    "ledgers:report_edit": _report,
    "ledgers:report_draft": _report,
    "ledgers:review_accept": lambda w, t: _seen(w, t) | {"grade": "good"},
    "ledgers:review_return": _seen,
    "ledgers:review_rest": lambda w, t: {
        "day": YESTERDAY.isoformat(),
        "seen": f"{w.here.report.own.pk}:{w.here.report.own.version}",
    },
    "scoring:rulebook_approve": lambda w, t: {"in_force_from": "2027-01-01"},
    "scoring:rulebook_retire": _seen,
    "scoring:rulebook_return": _seen,
    "scoring:rulebook_discard": _seen,
    "scoring:rule_switch": lambda w, t: {"enabled": "0"},
    "scoring:quarter_close": lambda w, t: {"checked": "yes"},
    "scoring:quarter_reopen": _seen,
    "scoring:manual_new": _manual,
    "scoring:manual_refuse": lambda w, t: {"answer": "依据不足"},
    "scoring:manual_reverse": _seen,
    "stars:round_prepare": lambda w, t: {"half": "2026H2"},
    "stars:round_plan": _plan,
    "stars:round_participants": _participants,
    "stars:round_open": _seen,
    "stars:round_cancel": _seen,
    "stars:round_advance": _seen,
    "stars:nomination_new": _nomination_new,
    "stars:nomination_edit": _nomination,
    "stars:nomination_submit": _seen,
    "stars:nomination_withdraw": _seen,
    "stars:nomination_return": _seen,
    "stars:opinion_give": _opinions,
    "stars:objection_raise": _objection,
    "stars:objection_handle": lambda w, t: {
        "outcome": "dismissed",
        "finding": "数字已核对，无误。",
    },
}

for _area in AREAS:
    # A name used twice would be tried on the wrong thing.
    if _twice := TARGETS.keys() & _area.TARGETS:
        raise ValueError(f"{_area.__name__}: {_twice}")
    TARGETS |= _area.TARGETS
    BODIES |= _area.BODIES

__all__ = ["BEFORE", "BODIES", "TARGETS"]
