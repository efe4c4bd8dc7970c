"""展示亮星 and the documents of a round in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """
stars:export_start          published                    GET  LFFFFFFMMMFFFFML
stars:export_start          published                    POST LFFFFFFRRRFFFFNL
stars:export_start          publicity                    POST LFFFFFFNNNFFFFNL
stars:export_start          published.unit               POST LFFFFFFNNNFFFFRL
stars:export_start          nowhere                      POST LFFFFFFNNNFFFFNL

stars:wall                  -                            GET  L..........FFF.L

stars:wall_round            published                    GET  L..........FFFNL
stars:wall_round            publicity                    GET  LNNNNNNNNNNFFFNL
stars:wall_round            published.unit               GET  LNNNNNNNNNNFFF.L
stars:wall_round            nowhere                      GET  LNNNNNNNNNNFFFNL
"""
