"""展示亮星 and the documents of a round in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {"stars:round_contact": lambda w, thing: {"contact": "机关人事科，0000-0000"}}
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

stars:wall_screen           -                            GET  L..........FFF.L
stars:wall_history          -                            GET  L..........FFF.L

stars:wall_poster           published                    GET  L..........FFFNL
stars:wall_poster           publicity                    GET  LNNNNNNNNNNFFFNL
stars:wall_poster           published.unit               GET  LNNNNNNNNNNFFF.L
stars:wall_poster           nowhere                      GET  LNNNNNNNNNNFFFNL

stars:round_contact         publicity                    GET  LFFFFFFFFMFFFFML
stars:round_contact         publicity                    POST LFFFFFFFFRFFFFNL
stars:round_contact         publicity.unit               POST LFFFFFFFFNFFFFRL
stars:round_contact         nowhere                      POST LFFFFFFFFNFFFFNL

stars:notice_word           publicity                    GET  LFFFFFFMMMFFFFML
stars:notice_word           publicity                    POST LFFFFFF...FFFFNL
stars:notice_word           published                    POST LFFFFFF...FFFFNL
stars:notice_word           at_committee                 POST LFFFFFFCCCFFFFNL
stars:notice_word           publicity.unit               POST LFFFFFFNNNFFFF.L
stars:notice_word           nowhere                      POST LFFFFFFNNNFFFFNL

stars:memo_word             at_committee                 GET  LFFFFFFMMMFFFFML
stars:memo_word             at_committee                 POST LFFFFFF...FFFFNL
stars:memo_word             at_branch                    POST LFFFFFFCCCFFFFNL
stars:memo_word             preparing                    POST LFFFFFFNNCFFFFNL
stars:memo_word             at_committee.unit            POST LFFFFFFNNNFFFF.L
stars:memo_word             nowhere                      POST LFFFFFFNNNFFFFNL

stars:circular_word         published                    GET  LFFFFFFMMMFFFFML
stars:circular_word         published                    POST LFFFFFF...FFFFNL
stars:circular_word         publicity                    POST LFFFFFFCCCFFFFNL
stars:circular_word         published.unit               POST LFFFFFFNNNFFFF.L
stars:circular_word         nowhere                      POST LFFFFFFNNNFFFFNL

stars:dossier_word          nomination.submitted         GET  LMMMMMMMMMMFFFML
stars:dossier_word          nomination.submitted         POST LN...NNNN.NFFFNL
stars:dossier_word          nomination.draft             POST LNNCNNNNNNNFFFNL
stars:dossier_word          nomination.at_branch         POST L......NN.NFFFNL
stars:dossier_word          nomination.at_committee      POST L.........NFFFNL
stars:dossier_word          nomination.placed            POST L.........NFFFNL
stars:dossier_word          nomination.unit.at_branch    POST LNNNNNNNNNNFFF.L
stars:dossier_word          nowhere                      POST LNNNNNNNNNNFFFNL
"""
