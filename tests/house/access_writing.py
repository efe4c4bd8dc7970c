"""Writing and innovation in the table of routes.

The officer's items, projects and promotions stand in every state; one of each waits that the
personnel office filed itself.
"""

from types import SimpleNamespace

from ledgers.actions import innovations, promotions, writing
from ledgers.models import Promotion
from scheme import clock
from tests.ledgers import writing_world as make

NOWHERE = 9_000_000_000_000_000_000
ADOPTED = "2026-03-03"


def build(d) -> None:
    p = d.people
    _writing(d, p["officer"], p["personnel"])
    _innovation(d, p["officer"], p["personnel"], p["supervision"])


def _writing(d, officer, office) -> None:
    w = d.writing = SimpleNamespace()
    w.draft = make.draft(officer, title="草稿")
    make.prove(w.draft)
    w.draft.refresh_from_db()
    w.filed = make.filed(officer, title="待核")
    w.returned = make.filed(officer, title="退回")
    w.returned = writing.turn_back(
        w.returned.pk, version=w.returned.version, reason="补版面", by=office
    )
    w.verified = make.verified(officer, checker=office, title="已核")
    w.void = make.verified(officer, checker=office, title="作废")
    w.void = writing.void(w.void.pk, version=w.void.version, reason="不是采用", by=office)
    w.own = make.filed(office, title="人事科自己的")


def _innovation(d, officer, office, other) -> None:
    i = d.innovation = SimpleNamespace()
    i.draft = make.project(officer, title="草稿项目")
    i.filed = innovations.file(make.project(officer, title="待登记项目").pk, by=officer)
    i.verified = make.registered(officer, checker=office, title="已登记项目")
    i.bare = make.registered(officer, checker=office, title="没有推广的项目")
    i.own = innovations.file(make.project(office, title="人事科的项目").pk, by=office)
    g = d.promotion = SimpleNamespace()
    g.draft = make.promotion(i.verified, officer, where="甲县")
    make.prove(g.draft, "promotion")
    g.draft.refresh_from_db()
    g.filed = make.promotion(i.verified, officer, where="乙县")
    make.prove(g.filed, "promotion")
    g.filed = promotions.file(g.filed.pk, by=officer)
    g.verified = make.promoted(i.verified, officer, checker=office, where="丙县")
    g.stray = Promotion.objects.create(
        unit=d.unit,
        promoted_on="2026-03-02",
        project=i.verified.title,
        project_key=i.verified.title_key,
        level="province",
        mark=f"stray{d.unit.pk}",
        recorded_at=clock.now(),
    )


def _of(area, name, side="here"):
    return lambda w: getattr(getattr(getattr(w, side), area), name)


TARGETS = {
    f"{area}.{name}": _of(area, name)
    for area, names in (
        ("writing", ("draft", "filed", "returned", "verified", "void", "own")),
        ("innovation", ("draft", "filed", "verified", "bare", "own")),
        ("promotion", ("draft", "filed", "verified")),
    )
    for name in names
}
TARGETS |= {
    f"{area}.unit": _of(area, "filed", "there") for area in ("writing", "innovation", "promotion")
}
TARGETS["innovation.unit.done"] = _of("innovation", "verified", "there")
TARGETS |= {
    f"stray.{side}": lambda w, side=side: (
        getattr(w, side).innovation.verified.pk,
        getattr(w, side).promotion.stray.pk,
    )
    for side in ("here", "there")
}
TARGETS["stray.nowhere"] = lambda w: (NOWHERE, NOWHERE)


def _item(w, thing):
    return {
        "title": "新的一篇",
        "kind": "information",
        "carrier": "《组工信息》",
        "level": "city",
        "adopted_on": ADOPTED,
        "seen": getattr(thing, "version", 0),
        f"role-p{w.here.people['officer'].pk}": "main",
        "move": "save",
    }


def _project(w, thing):
    return {
        "title": "新的项目",
        "section": w.here.one.pk,
        "novelty": "原来逐个查，现在自动比对。",
        "seen": getattr(thing, "version", 0),
        f"role-p{w.here.people['officer'].pk}": "main",
        "move": "save",
    }


def _promotion(w, thing):
    return {
        "where": "丁县委组织部",
        "level": "city",
        "promoted_on": ADOPTED,
        "seen": getattr(thing, "version", 0),
        f"role-p{w.here.people['officer'].pk}": "main",
        "move": "save",
    }


def _result(w, thing):
    return {
        "effect": "从三天减到半天",
        "effect_on": ADOPTED,
        "files": make.upload("成效"),
        "seen": getattr(thing, "version", 0),
    }


def _act(w, thing):
    move = {"draft": "file", "returned": "drop"}.get(getattr(thing, "state", ""), "withdraw")
    return {"move": move, "seen": getattr(thing, "version", 0)}


def _decide(w, thing):
    move = {"verified": "void", "void": "restore"}.get(getattr(thing, "state", ""), "verify")
    return {"move": move, "seen": getattr(thing, "version", 0), "reason": "写明理由"}


def _batch(w, thing):
    item = w.here.writing.filed
    return {"move": "pass", "pick": f"{item.pk}:{item.version}"}


BODIES = {
    "ledgers:writing_new": _item,
    "ledgers:writing_edit": _item,
    "ledgers:writing_act": _act,
    "ledgers:writing_decide": _decide,
    "ledgers:writing_verify_list": _batch,
    "ledgers:writing_export": lambda w, t: {"month": "2026-03", "which": "items"},
    "ledgers:innovation_new": _project,
    "ledgers:innovation_edit": _project,
    "ledgers:innovation_act": _act,
    "ledgers:innovation_decide": _decide,
    "ledgers:innovation_result": _result,
    "ledgers:promotion_new": _promotion,
    "ledgers:promotion_edit": _promotion,
    "ledgers:promotion_act": _act,
    "ledgers:promotion_decide": _decide,
}

TABLE = """
# anonymous officer deputy chief leader secretary member Committee cHair personnel
# superVision System secUrity Auditor stranger(x) Disabled                aodclsmCHpvSUAxD
ledgers:writing_list        -                            GET  L..........FFF.L

ledgers:writing_new         -                            GET  L...F..FF..FFF.L
ledgers:writing_new         -                            POST LRRRFRRFFRRFFFRL

ledgers:credit_find         -                            GET  L...F..FF..FFF.L

ledgers:writing_verify_list -                            GET  LFFFFFFFF..FFF.L
# An item that is not the reader's to see is told as refused, and stays as it is.
ledgers:writing_verify_list -                            POST LFFFFFFFFRRFFFRL

ledgers:writing_monthly     -                            GET  L..........FFF.L

ledgers:writing_export      -                            GET  LMMMMMMMMMMFFFML
ledgers:writing_export      -                            POST L..........FFF.L

ledgers:writing_detail      writing.draft                GET  L.NNNNNNNNNFFFNL
ledgers:writing_detail      writing.filed                GET  L..........FFFNL
ledgers:writing_detail      writing.void                 GET  L..........FFFNL
ledgers:writing_detail      writing.unit                 GET  LNNNNNNNNNNFFF.L
ledgers:writing_detail      nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:writing_edit        writing.draft                GET  L.NNFNNFFNNFFFNL
ledgers:writing_edit        writing.draft                POST LRNNFNNFFNNFFFNL
ledgers:writing_edit        writing.returned             GET  L.FFFFFFFFFFFFNL
ledgers:writing_edit        writing.returned             POST LRFFFFFFFFFFFFNL
ledgers:writing_edit        writing.filed                GET  LRFFFFFFFFFFFFNL
ledgers:writing_edit        writing.filed                POST LRFFFFFFFFFFFFNL
ledgers:writing_edit        writing.unit                 GET  LNNNFNNFFNNFFFFL
ledgers:writing_edit        writing.unit                 POST LNNNFNNFFNNFFFFL
ledgers:writing_edit        nowhere                      GET  LNNNFNNFFNNFFFNL

ledgers:writing_act         writing.draft                GET  LMMMFMMFFMMFFFML
ledgers:writing_act         writing.draft                POST LRNNFNNFFNNFFFNL
ledgers:writing_act         writing.returned             POST LRFFFFFFFFFFFFNL
ledgers:writing_act         writing.filed                POST LRFFFFFFFFFFFFNL
ledgers:writing_act         writing.verified             POST LCFFFFFFFFFFFFNL
ledgers:writing_act         writing.unit                 POST LNNNFNNFFNNFFFFL
ledgers:writing_act         nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:writing_decide      writing.filed                GET  LFFFFFFFFMMFFFML
ledgers:writing_decide      writing.draft                POST LFFFFFFFFNNFFFNL
ledgers:writing_decide      writing.filed                POST LFFFFFFFFRRFFFNL
ledgers:writing_decide      writing.own                  POST LFFFFFFFFURFFFNL
ledgers:writing_decide      writing.returned             POST LFFFFFFFFCCFFFNL
ledgers:writing_decide      writing.verified             POST LFFFFFFFFRFFFFNL
ledgers:writing_decide      writing.void                 POST LFFFFFFFFRFFFFNL
ledgers:writing_decide      writing.unit                 POST LFFFFFFFFNNFFFRL
ledgers:writing_decide      nowhere                      POST LFFFFFFFFNNFFFNL

ledgers:innovation_list     -                            GET  L..........FFF.L

ledgers:innovation_export   -                            GET  LMMMMMMMMMMFFFML
ledgers:innovation_export   -                            POST L..........FFF.L

ledgers:innovation_new      -                            GET  L...F..FF..FFF.L
ledgers:innovation_new      -                            POST LRRRFRRFFRRFFFUL

ledgers:innovation_detail   innovation.draft             GET  L.NNNNNNNNNFFFNL
ledgers:innovation_detail   innovation.verified          GET  L..........FFFNL
ledgers:innovation_detail   innovation.unit              GET  LNNNNNNNNNNFFF.L
ledgers:innovation_detail   nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:innovation_edit     innovation.draft             GET  L.NNFNNFFNNFFFNL
ledgers:innovation_edit     innovation.draft             POST LRNNFNNFFNNFFFNL
ledgers:innovation_edit     innovation.filed             GET  LRFFFFFFFFFFFFNL
ledgers:innovation_edit     innovation.filed             POST LRFFFFFFFFFFFFNL
ledgers:innovation_edit     innovation.unit              GET  LNNNFNNFFNNFFFFL
ledgers:innovation_edit     nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:innovation_act      innovation.draft             GET  LMMMFMMFFMMFFFML
ledgers:innovation_act      innovation.draft             POST LRNNFNNFFNNFFFNL
ledgers:innovation_act      innovation.filed             POST LRFFFFFFFFFFFFNL
ledgers:innovation_act      innovation.verified          POST LCFFFFFFFFFFFFNL
ledgers:innovation_act      innovation.unit              POST LNNNFNNFFNNFFFFL
ledgers:innovation_act      nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:innovation_decide   innovation.filed             GET  LFFFFFFFFMFFFFML
ledgers:innovation_decide   innovation.filed             POST LFFFFFFFFRFFFFNL
ledgers:innovation_decide   innovation.own               POST LFFFFFFFFUFFFFNL
ledgers:innovation_decide   innovation.draft             POST LFFFFFFFFNFFFFNL
# Its promotions go first.
ledgers:innovation_decide   innovation.verified          POST LFFFFFFFFCFFFFNL
ledgers:innovation_decide   innovation.bare              POST LFFFFFFFFRFFFFNL
ledgers:innovation_decide   innovation.unit              POST LFFFFFFFFNFFFFRL
ledgers:innovation_decide   nowhere                      POST LFFFFFFFFNFFFFNL

ledgers:innovation_result   innovation.verified          GET  LMMMFMMFFMMFFFML
ledgers:innovation_result   innovation.verified          POST LRFRFFFFFFFFFFNL
ledgers:innovation_result   innovation.draft             POST LCNNFNNFFNNFFFNL
ledgers:innovation_result   innovation.unit.done         POST LNNNFNNFFNNFFFRL
ledgers:innovation_result   nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:innovation_join     stray.here                   GET  LMMMMMMMMMMFFFML
ledgers:innovation_join     stray.here                   POST LRFRFFFFFRFFFFNL
ledgers:innovation_join     stray.there                  POST LNNNNNNNNNNFFFRL
ledgers:innovation_join     stray.nowhere                POST LNNNNNNNNNNFFFNL

ledgers:promotion_list      -                            GET  L..........FFF.L

ledgers:promotion_new       innovation.verified          GET  L...F..FF..FFFNL
ledgers:promotion_new       innovation.verified          POST LRRRFRRFFRRFFFNL
ledgers:promotion_new       innovation.filed             GET  LCCCFCCFFCCFFFNL
ledgers:promotion_new       innovation.draft             POST LCNNFNNFFNNFFFNL
ledgers:promotion_new       innovation.unit.done         POST LNNNFNNFFNNFFFRL
ledgers:promotion_new       nowhere                      GET  LNNNFNNFFNNFFFNL

ledgers:promotion_detail    promotion.draft              GET  L.NNNNNNNNNFFFNL
ledgers:promotion_detail    promotion.verified           GET  L..........FFFNL
ledgers:promotion_detail    promotion.unit               GET  LNNNNNNNNNNFFF.L
ledgers:promotion_detail    nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:promotion_edit      promotion.draft              GET  L.NNFNNFFNNFFFNL
ledgers:promotion_edit      promotion.draft              POST LRNNFNNFFNNFFFNL
ledgers:promotion_edit      promotion.filed              GET  LRFFFFFFFFFFFFNL
ledgers:promotion_edit      promotion.unit               POST LNNNFNNFFNNFFFFL
ledgers:promotion_edit      nowhere                      GET  LNNNFNNFFNNFFFNL

ledgers:promotion_act       promotion.draft              GET  LMMMFMMFFMMFFFML
ledgers:promotion_act       promotion.draft              POST LRNNFNNFFNNFFFNL
ledgers:promotion_act       promotion.filed              POST LRFFFFFFFFFFFFNL
ledgers:promotion_act       promotion.verified           POST LCFFFFFFFFFFFFNL
ledgers:promotion_act       promotion.unit               POST LNNNFNNFFNNFFFFL
ledgers:promotion_act       nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:promotion_decide    promotion.filed              GET  LFFFFFFFFMFFFFML
ledgers:promotion_decide    promotion.filed              POST LFFFFFFFFRFFFFNL
ledgers:promotion_decide    promotion.verified           POST LFFFFFFFFRFFFFNL
ledgers:promotion_decide    promotion.draft              POST LFFFFFFFFNFFFFNL
ledgers:promotion_decide    promotion.unit               POST LFFFFFFFFNFFFFRL
ledgers:promotion_decide    nowhere                      POST LFFFFFFFFNFFFFNL
"""
