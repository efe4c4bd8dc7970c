"""科室推星, what bars somebody, and what is said of nominees in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """
stars:nomination_list       preparing                    GET  LNNNNNNNN.NFFFNL
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
"""
