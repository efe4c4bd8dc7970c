"""The run page and the archive in the table of routes."""


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


TARGETS = {}
BODIES = {}
TABLE = """

"""
