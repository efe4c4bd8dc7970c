"""周例会, 一月一结 and 年终述职 in the table of routes."""


def build(d) -> None:
    """Rows of the department `d` that the routes are tried on."""


TARGETS = {}

BODIES = {}

TABLE = """
"""
