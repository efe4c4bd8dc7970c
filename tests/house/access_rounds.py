"""Rounds being prepared, opened and moved on in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """
stars:round_list            -                            GET  L..........FFF.L

stars:round_prepare         -                            GET  LFFFFFFFFMFFFFML
stars:round_prepare         -                            POST LFFFFFFFFRFFFFRL

stars:round_detail          preparing                    GET  LNNNNNNNN.NFFFNL
stars:round_detail          nominating                   GET  L..........FFFNL
stars:round_detail          at_branch                    GET  L..........FFFNL
stars:round_detail          at_committee                 GET  L..........FFFNL
stars:round_detail          publicity                    GET  L..........FFFNL
stars:round_detail          published                    GET  L..........FFFNL
stars:round_detail          preparing.unit               GET  LNNNNNNNNNNFFF.L
stars:round_detail          published.unit               GET  LNNNNNNNNNNFFF.L
stars:round_detail          nowhere                      GET  LNNNNNNNNNNFFFNL

stars:round_plan            preparing                    GET  LFFFFFFFF.FFFFNL
stars:round_plan            preparing                    POST LFFFFFFFFRFFFFNL
stars:round_plan            nominating                   GET  LFFFFFFFF.FFFFNL
stars:round_plan            nominating                   POST LFFFFFFFFUFFFFNL
stars:round_plan            preparing.unit               GET  LFFFFFFFFNFFFF.L
stars:round_plan            preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_plan            nowhere                      GET  LFFFFFFFFNFFFFNL
stars:round_plan            nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_participants    preparing                    GET  LFFFFFFFF.FFFFNL
stars:round_participants    preparing                    POST LFFFFFFFFRFFFFNL
stars:round_participants    nominating                   GET  LFFFFFFFF.FFFFNL
stars:round_participants    nominating                   POST LFFFFFFFFUFFFFNL
stars:round_participants    preparing.unit               GET  LFFFFFFFFNFFFF.L
stars:round_participants    preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_participants    nowhere                      GET  LFFFFFFFFNFFFFNL
stars:round_participants    nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_score           preparing                    GET  LFFFFFFFFMFFFFML
stars:round_score           preparing                    POST LFFFFFFFFRFFFFNL
stars:round_score           preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_score           nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_open            preparing                    GET  LFFFFFFFFMFFFFML
stars:round_open            preparing                    POST LFFFFFFFFUFFFFNL
stars:round_open            nominating                   POST LFFFFFFFFCFFFFNL
stars:round_open            preparing.unit               POST LFFFFFFFFNFFFFUL
stars:round_open            nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_cancel          preparing                    GET  LFFFFFFFFMFFFFML
stars:round_cancel          preparing                    POST LFFFFFFFFRFFFFNL
stars:round_cancel          at_branch                    POST LFFFFFFFFRFFFFNL
stars:round_cancel          published                    POST LFFFFFFFFCFFFFNL
stars:round_cancel          preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_cancel          nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_advance         at_branch                    GET  LFFFFFFFFMFFFFML
stars:round_advance         at_branch                    POST LFFFFFFFFRFFFFNL
stars:round_advance         preparing                    POST LFFFFFFFFCFFFFNL
stars:round_advance         publicity                    POST LFFFFFFFFUFFFFNL
stars:round_advance         published                    POST LFFFFFFFFCFFFFNL
stars:round_advance         at_branch.unit               POST LFFFFFFFFNFFFFRL
stars:round_advance         nowhere                      POST LFFFFFFFFNFFFFNL
"""
