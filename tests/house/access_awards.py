"""公示, objections, awards and their revocation in the table of routes."""

from scheme import clock
from stars.models import Award, Objection, Revocation


def build(d) -> None:
    """What its rows need besides the world of access_world.py: see `finish`."""


def finish(d, judged) -> None:
    """Once there are rounds: a finding one may ask to review, a star that is in question."""
    # Here, not above: the builders import what this is built with.
    from tests import factories as make

    p, at = d.people, clock.now()
    d.award = Award.objects.get(unit=d.unit)
    other = judged(
        make.make_nomination(d.round.published, p["deputy"], by=p["chief"], state="closed"),
        placed=True,
    )
    d.revocation = Revocation.objects.create(
        award=Award.objects.create(
            unit=d.unit,
            round=d.round.published,
            nomination=other,
            star=other.star,
            person=p["deputy"],
            section=d.one,
            number="〔2023〕下-02",
            awarded_on=clock.today(),
        ),
        authority="部务会纪要〔2026〕9号",
        reason="材料失实",
        proposed_by=p["personnel"],
        proposed_at=at,
    )
    d.finding = Objection.objects.create(
        round=d.round.publicity,
        nomination=d.nomination.placed,
        raised_by=p["member"],
        raised_at=at,
        text="次数有出入",
        outcome="dismissed",
        finding="已核对",
        handled_by=p["supervision"],
        handled_at=at,
    )


def _side(w, thing):
    unit = getattr(thing, "unit_id", None) or thing.round.unit_id
    return w.there if unit == w.there.unit.pk else w.here


def _record(w, thing):
    if isinstance(thing, int):
        return {}
    return {
        "nomination": _side(w, thing).nomination.placed.pk,
        "source": "letter",
        "informant": "李四",
        "contact": "来信地址",
        "text": "次数和台账对不上。",
    }


def _assign(w, thing):
    if isinstance(thing, int):
        return {}
    return {"to": _side(w, thing).people["supervision"].pk}


TARGETS = {
    "award": lambda w: w.here.award,
    "award.unit": lambda w: w.there.award,
    "award.questioned": lambda w: w.here.revocation.award,
    "revocation": lambda w: w.here.revocation,
    "revocation.unit": lambda w: w.there.revocation,
    "finding": lambda w: w.here.finding,
    "finding.unit": lambda w: w.there.finding,
}
BODIES = {
    "stars:objection_record": _record,
    "stars:objection_assign": _assign,
    "stars:objection_note": lambda w, t: {"text": "问了科长，看了台账。"},
    "stars:objection_review": lambda w, t: {"text": "台账后来改过，请再核。"},
    "stars:revocation_new": lambda w, t: {"authority": "部务会纪要", "reason": "材料失实"},
    "stars:revocation_decide": lambda w, t: {"decision": "approve"},
}
TABLE = """
stars:publicity             at_committee                 GET  LNNNNNNNNNNFFFNL
stars:publicity             publicity                    GET  L..........FFFNL
stars:publicity             published                    GET  L..........FFFNL
stars:publicity             publicity.unit               GET  LNNNNNNNNNNFFF.L
stars:publicity             nowhere                      GET  LNNNNNNNNNNFFFNL

stars:objection_raise       publicity                    GET  LMMMMMMMMMMFFFML
stars:objection_raise       publicity                    POST LRRRRCRRRRRFFFNL
stars:objection_raise       published                    POST LCCCCCCCCCCFFFNL
stars:objection_raise       publicity.unit               POST LNNNNNNNNNNFFFRL
stars:objection_raise       nowhere                      POST LNNNNNNNNNNFFFNL

stars:objection_list        publicity                    GET  LFFFFFFFF.FFFFNL
stars:objection_list        published                    GET  LFFFFFFFF.FFFFNL
stars:objection_list        at_committee                 GET  LFFFFFFFFNFFFFNL
stars:objection_list        publicity.unit               GET  LFFFFFFFFNFFFF.L
stars:objection_list        nowhere                      GET  LFFFFFFFFNFFFFNL

stars:objection_record      publicity                    GET  LFFFFFFFFMFFFFML
stars:objection_record      publicity                    POST LFFFFFFFFRFFFFNL
stars:objection_record      published                    POST LFFFFFFFFCFFFFNL
stars:objection_record      publicity.unit               POST LFFFFFFFFNFFFFRL
stars:objection_record      nowhere                      POST LFFFFFFFFNFFFFNL

stars:objection_detail      objection                    GET  LNNNN.NNN.NFFFNL
stars:objection_detail      objection.unit               GET  LNNNNNNNNNNFFF.L
stars:objection_detail      nowhere                      GET  LNNNNNNNNNNFFFNL

stars:objection_receipt     objection                    GET  LNNNN.NNN.NFFFNL
stars:objection_receipt     objection.unit               GET  LNNNNNNNNNNFFF.L
stars:objection_receipt     nowhere                      GET  LNNNNNNNNNNFFFNL

stars:objection_assign      objection                    GET  LFFFFFFFMMFFFFML
stars:objection_assign      objection                    POST LFFFFFFFNRFFFFNL
stars:objection_assign      finding                      POST LFFFFFFFNCFFFFNL
stars:objection_assign      objection.unit               POST LFFFFFFFNNFFFFRL
stars:objection_assign      nowhere                      POST LFFFFFFFNNFFFFNL

stars:objection_note        objection                    GET  LMMMMMMMMMMFFFML
stars:objection_note        objection                    POST LNNNNFNNNRNFFFNL
stars:objection_note        objection.unit               POST LNNNNNNNNNNFFFRL
stars:objection_note        nowhere                      POST LNNNNNNNNNNFFFNL

stars:objection_handle      objection                    GET  LMMMMMMMMMMFFFML
stars:objection_handle      objection                    POST LNNNNFNNNRNFFFNL
stars:objection_handle      finding                      POST LNNNNNFNNCNFFFNL
stars:objection_handle      objection.unit               POST LNNNNNNNNNNFFFRL
stars:objection_handle      nowhere                      POST LNNNNNNNNNNFFFNL

stars:objection_review      finding                      GET  LMMMMMMMMMMFFFML
stars:objection_review      finding                      POST LNNNNNRNNNNFFFNL
stars:objection_review      objection                    POST LNNNNNNNNNNFFFNL
stars:objection_review      finding.unit                 POST LNNNNNNNNNNFFFNL
stars:objection_review      nowhere                      POST LNNNNNNNNNNFFFNL

stars:result                at_committee                 GET  LNNNNNNNNNNFFFNL
stars:result                publicity                    GET  L..........FFFNL
stars:result                published                    GET  L..........FFFNL
stars:result                published.unit               GET  LNNNNNNNNNNFFF.L
stars:result                nowhere                      GET  LNNNNNNNNNNFFFNL

stars:certificates_print    published                    GET  LFFFFFFFFMFFFFML
stars:certificates_print    published                    POST LFFFFFFFF.FFFFNL
stars:certificates_print    publicity                    POST LFFFFFFFFNFFFFNL
stars:certificates_print    published.unit               POST LFFFFFFFFNFFFF.L
stars:certificates_print    nowhere                      POST LFFFFFFFFNFFFFNL

stars:award_detail          award                        GET  L..........FFFNL
stars:award_detail          award.questioned             GET  L..........FFFNL
stars:award_detail          award.unit                   GET  LNNNNNNNNNNFFF.L
stars:award_detail          nowhere                      GET  LNNNNNNNNNNFFFNL

stars:award_print           award                        GET  LFFFFFFFFMFFFFML
stars:award_print           award                        POST LFFFFFFFF.FFFFNL
stars:award_print           award.questioned             POST LFFFFFFFFUFFFFNL
stars:award_print           award.unit                   POST LFFFFFFFFNFFFF.L
stars:award_print           nowhere                      POST LFFFFFFFFNFFFFNL

stars:revocation_new        award                        GET  LFFFFFFFF.FFFFNL
stars:revocation_new        award                        POST LFFFFFFFFRFFFFNL
stars:revocation_new        award.questioned             POST LFFFFFFFFCFFFFNL
stars:revocation_new        award.unit                   GET  LFFFFFFFFNFFFF.L
stars:revocation_new        award.unit                   POST LFFFFFFFFNFFFFRL
stars:revocation_new        nowhere                      GET  LFFFFFFFFNFFFFNL
stars:revocation_new        nowhere                      POST LFFFFFFFFNFFFFNL

stars:revocation_decide     revocation                   GET  LFFFFFFFMFFFFFML
stars:revocation_decide     revocation                   POST LFFFFFFFRFFFFFNL
stars:revocation_decide     revocation.unit              POST LFFFFFFFNFFFFFUL
stars:revocation_decide     nowhere                      POST LFFFFFFFNFFFFFNL
"""
