"""What a row of the desk is made of."""

from typing import NamedTuple


class Task(NamedTuple):
    """A row of the desk: state in colour and word, what, the consequence, the act."""

    kind: str
    word: str
    title: str
    note: str
    url: str
    act: str
    first: bool = False
