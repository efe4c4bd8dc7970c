"""Study sessions and talks in the table of routes."""


def build(d) -> None:
    """Rows of the department `d` that the routes are tried on."""


TARGETS = {}

BODIES = {}

TABLE = """
"""
