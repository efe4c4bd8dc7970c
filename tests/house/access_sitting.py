"""部务会定星 in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """
stars:committee             at_branch                    GET  LFFFFFFRRRFFFFNL
stars:committee             at_committee                 GET  LFFFFFF...FFFFNL
stars:committee             publicity                    GET  LFFFFFFRRRFFFFNL
stars:committee             at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:committee             nowhere                      GET  LFFFFFFNNNFFFFNL

stars:sitting               at_branch                    GET  LFFFFFFRRRFFFFNL
stars:sitting               at_committee                 GET  LFFFFFF...FFFFNL
stars:sitting               at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:sitting               nowhere                      GET  LFFFFFFNNNFFFFNL

stars:vote_cast             at_committee                 GET  LFFFFFFMMFFFFFML
stars:vote_cast             at_committee                 POST LFFFFFFRRFFFFFNL
stars:vote_cast             publicity                    POST LFFFFFFCCFFFFFNL
stars:vote_cast             at_committee.unit            POST LFFFFFFNNFFFFFUL
stars:vote_cast             nowhere                      POST LFFFFFFNNFFFFFNL

stars:attendance            at_committee                 GET  LFFFFFFFF.FFFFNL
stars:attendance            at_committee                 POST LFFFFFFFFRFFFFNL
stars:attendance            at_branch                    GET  LFFFFFFFFNFFFFNL
stars:attendance            at_branch                    POST LFFFFFFFFNFFFFNL
stars:attendance            at_committee.unit            GET  LFFFFFFFFNFFFF.L
stars:attendance            at_committee.unit            POST LFFFFFFFFNFFFFRL
stars:attendance            nowhere                      GET  LFFFFFFFFNFFFFNL
stars:attendance            nowhere                      POST LFFFFFFFFNFFFFNL

stars:tie                   at_committee                 GET  LFFFFFFF.FFFFFNL
stars:tie                   at_committee                 POST LFFFFFFFUFFFFFNL
stars:tie                   at_branch                    GET  LFFFFFFFNFFFFFNL
stars:tie                   at_branch                    POST LFFFFFFFNFFFFFNL
stars:tie                   at_committee.unit            GET  LFFFFFFFNFFFFF.L
stars:tie                   at_committee.unit            POST LFFFFFFFNFFFFFUL
stars:tie                   nowhere                      GET  LFFFFFFFNFFFFFNL
stars:tie                   nowhere                      POST LFFFFFFFNFFFFFNL
"""
