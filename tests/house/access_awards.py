"""公示, objections, awards and their revocation in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
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

stars:objection_handle      objection                    GET  LFFFFFFFFMFFFFML
stars:objection_handle      objection                    POST LFFFFFFFFRFFFFNL
stars:objection_handle      objection.unit               POST LFFFFFFFFNFFFFRL
stars:objection_handle      nowhere                      POST LFFFFFFFFNFFFFNL

stars:result                at_committee                 GET  LNNNNNNNNNNFFFNL
stars:result                publicity                    GET  L..........FFFNL
stars:result                published                    GET  L..........FFFNL
stars:result                published.unit               GET  LNNNNNNNNNNFFF.L
stars:result                nowhere                      GET  LNNNNNNNNNNFFFNL
"""
