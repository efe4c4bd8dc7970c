"""科室推星, what bars somebody, and what is said of nominees in the table of routes."""

from datetime import date
from types import SimpleNamespace

from tests.stars.nominating_world import make_restriction


def build(d) -> None:
    """The officer was barred once; a member of another section, nobody's nominee, is now."""
    by = d.people["personnel"]
    d.restriction = SimpleNamespace(
        own=make_restriction(
            d.people["officer"], by=by, since=date(2024, 1, 1), until=date(2024, 7, 1)
        ),
        stands=make_restriction(d.people["member"], by=by),
    )


TARGETS = {
    "restriction.own": lambda w: w.here.restriction.own,
    "restriction.stands": lambda w: w.here.restriction.stands,
    "restriction.unit": lambda w: w.there.restriction.stands,
}


def _recorded(world, _target) -> dict:
    subject = f"p{world.here.people['supervision'].pk}"
    return {
        "subject": subject,
        "kind": "criticism",
        "since": "2026-07-01",
        "until": "2027-01-01",
        "authority": "试办发〔2026〕9号",
        "note": "",
    }


BODIES = {
    "scheme:restriction_new": _recorded,
    "scheme:restriction_lift": lambda world, target: {
        "seen": getattr(target, "until", ""),
        "why": "试纪〔2026〕8号",
    },
    "stars:clearance_record": lambda world, target: {
        "body": "personnel",
        "word": "clear",
        "text": "",
        "document": "",
    },
}
TABLE = """
stars:nomination_list       preparing                    GET  LNN.NNNNN.NFFFNL
stars:nomination_list       nominating                   GET  L..........FFFNL
stars:nomination_list       at_branch                    GET  L..........FFFNL
stars:nomination_list       published                    GET  L..........FFFNL
stars:nomination_list       nominating.unit              GET  LNNNNNNNNNNFFF.L
stars:nomination_list       nowhere                      GET  LNNNNNNNNNNFFFNL

stars:nomination_new        nominating                   GET  LFF.FFFFFFFFFFNL
stars:nomination_new        nominating                   POST LFFRFFFFFFFFFFNL
stars:nomination_new        at_branch                    GET  LFFUFFFFFFFFFFNL
stars:nomination_new        at_branch                    POST LFFUFFFFFFFFFFNL
stars:nomination_new        nominating.unit              GET  LFFNFFFFFFFFFF.L
stars:nomination_new        nominating.unit              POST LFFNFFFFFFFFFFRL
stars:nomination_new        nowhere                      GET  LFFNFFFFFFFFFFNL
stars:nomination_new        nowhere                      POST LFFNFFFFFFFFFFNL

stars:nomination_detail     nomination.draft             GET  LNN.NNNNNNNFFFNL
stars:nomination_detail     nomination.submitted         GET  LN...NNNN.NFFFNL
stars:nomination_detail     nomination.at_branch         GET  L......NN.NFFFNL
stars:nomination_detail     nomination.other_branch      GET  LNNN.NN....FFFNL
stars:nomination_detail     nomination.at_committee      GET  L.........NFFFNL
stars:nomination_detail     nomination.placed            GET  L.........NFFFNL
stars:nomination_detail     nomination.unit.at_branch    GET  LNNNNNNNNNNFFF.L
stars:nomination_detail     nowhere                      GET  LNNNNNNNNNNFFFNL
stars:nomination_detail     nomination.other_sitting     GET  LNNN.NN....FFFNL

stars:nomination_edit       nomination.draft             GET  LFF.FFFFFFFFFFNL
stars:nomination_edit       nomination.draft             POST LFFRFFFFFFFFFFNL
stars:nomination_edit       nomination.submitted         GET  LFFRFFFFFFFFFFNL
stars:nomination_edit       nomination.submitted         POST LFFRFFFFFFFFFFNL
stars:nomination_edit       nomination.at_branch         GET  LFFRFFFFFFFFFFNL
stars:nomination_edit       nomination.at_branch         POST LFFRFFFFFFFFFFNL
stars:nomination_edit       nomination.unit.draft        GET  LFFNFFFFFFFFFF.L
stars:nomination_edit       nomination.unit.draft        POST LFFNFFFFFFFFFFRL
stars:nomination_edit       nowhere                      GET  LFFNFFFFFFFFFFNL
stars:nomination_edit       nowhere                      POST LFFNFFFFFFFFFFNL

stars:nomination_submit     nomination.draft             GET  LFFMFFFFFFFFFFML
stars:nomination_submit     nomination.draft             POST LFFRFFFFFFFFFFNL
stars:nomination_submit     nomination.submitted         POST LFFCFFFFFFFFFFNL
stars:nomination_submit     nomination.at_branch         POST LFFCFFFFFFFFFFNL
stars:nomination_submit     nomination.unit.submitted    POST LFFNFFFFFFFFFFCL
stars:nomination_submit     nowhere                      POST LFFNFFFFFFFFFFNL

stars:nomination_withdraw   nomination.draft             GET  LFFMFFFFFFFFFFML
stars:nomination_withdraw   nomination.draft             POST LFFRFFFFFFFFFFNL
stars:nomination_withdraw   nomination.submitted         POST LFFRFFFFFFFFFFNL
stars:nomination_withdraw   nomination.at_branch         POST LFFCFFFFFFFFFFNL
stars:nomination_withdraw   nomination.unit.submitted    POST LFFNFFFFFFFFFFRL
stars:nomination_withdraw   nowhere                      POST LFFNFFFFFFFFFFNL

stars:nomination_return     nomination.draft             GET  LFFFFFFFFMFFFFML
stars:nomination_return     nomination.draft             POST LFFFFFFFFNFFFFNL
stars:nomination_return     nomination.submitted         POST LFFFFFFFFRFFFFNL
stars:nomination_return     nomination.at_branch         POST LFFFFFFFFCFFFFNL
stars:nomination_return     nomination.unit.submitted    POST LFFFFFFFFNFFFFRL
stars:nomination_return     nowhere                      POST LFFFFFFFFNFFFFNL

stars:nomination_grounds    nomination.submitted         GET  LN.FFNNNN.NFFFNL
stars:nomination_grounds    nomination.draft             GET  LNNFNNNNNNNFFFNL
stars:nomination_grounds    nomination.unit.submitted    GET  LNNNNNNNNNNFFF.L
stars:nomination_grounds    nowhere                      GET  LNNNNNNNNNNFFFNL

stars:clearance_record      nomination.submitted         GET  LFFFFFFFFMFFFFML
stars:clearance_record      nomination.submitted         POST LFFFFFFFFRFFFFNL
stars:clearance_record      nomination.draft             POST LFFFFFFFFNFFFFNL
stars:clearance_record      nomination.at_branch         POST LFFFFFFFFRFFFFNL
stars:clearance_record      nomination.placed            POST LFFFFFFFFCFFFFNL
stars:clearance_record      nomination.unit.submitted    POST LFFFFFFFFNFFFFRL
stars:clearance_record      nowhere                      POST LFFFFFFFFNFFFFNL

scheme:restriction_list     -                            GET  L..........FFF.L

scheme:restriction_new      -                            GET  LFFFFFFFF.FFFF.L
scheme:restriction_new      -                            POST LFFFFFFFFRFFFFUL

scheme:restriction_detail   restriction.own              GET  L.NNNNNNN.NFFFNL
scheme:restriction_detail   restriction.stands           GET  LNNNNN.NN.NFFFNL
scheme:restriction_detail   restriction.unit             GET  LNNNNNNNNNNFFF.L
scheme:restriction_detail   nowhere                      GET  LNNNNNNNNNNFFFNL

scheme:restriction_lift     restriction.stands           GET  LFFFFFFFFMFFFFML
scheme:restriction_lift     restriction.stands           POST LFFFFFFFFRFFFFNL
scheme:restriction_lift     restriction.own              POST LFFFFFFFFCFFFFNL
scheme:restriction_lift     restriction.unit             POST LFFFFFFFFNFFFFRL
scheme:restriction_lift     nowhere                      POST LFFFFFFFFNFFFFNL
"""
