"""支部评星, standing back, kinship in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """
stars:branch                nominating                   GET  LNNNNNNNNNNFFFNL
stars:branch                at_branch                    GET  L..........FFFNL
stars:branch                at_committee                 GET  L..........FFFNL
stars:branch                at_branch.unit               GET  LNNNNNNNNNNFFF.L
stars:branch                nowhere                      GET  LNNNNNNNNNNFFFNL

stars:opinion_give          at_branch                    GET  LMMMMMMMMMMFFFML
stars:opinion_give          at_branch                    POST LURUFRRFFFFFFFNL
stars:opinion_give          at_committee                 POST LCCCCCCCCCCFFFNL
stars:opinion_give          at_branch.unit               POST LNNNNNNNNNNFFFFL
stars:opinion_give          nowhere                      POST LNNNNNNNNNNFFFNL
"""
