"""One clock: whoever asks the system for the time would not see a moved one."""

import ast

import pytest

from tests.house.source import dotted, modules, name_of, tree

ALLOWED = {
    # The clock itself.
    "scheme/clock.py",
}
ASKING = {"now", "utcnow", "today", "localdate", "localtime", "fromtimestamp"}
WHOM = {"datetime", "date", "timezone", "dt", "datetime.datetime", "datetime.date"}
DATABASE_CLOCKS = {"Now", "CurrentTimestamp"}


def questions(module: ast.Module):
    for node in ast.walk(module):
        if isinstance(node, (ast.Attribute, ast.Name)):
            name = dotted(node)
            whom, _dot, what = name.rpartition(".")
            if what in ASKING and (whom in WHOM or whom.endswith(".timezone")):
                # A given instant may be put into local time.
                yield node.lineno, name
            if what in DATABASE_CLOCKS:
                yield node.lineno, name
        if isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            yield node.value.lineno, node.arg


# When a unit was entered is nobody's deadline.
KNOWN = {("scheme/models/organisation.py", "auto_now_add")}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_nobody_else_asks_for_the_time(path):
    if name_of(path) in ALLOWED:
        return
    found = [(line, what) for line, what in questions(tree(path))]
    assert [f for f in found if (name_of(path), f[1]) not in KNOWN] == []


def test_the_question_is_found():
    guilty = "from django.utils import timezone\nx = timezone.now\ny = date.today()\nz = Now()"
    assert len(list(questions(ast.parse(guilty)))) == 3
    innocent = "clock.now(); clock.today(); self.today; now = 1"
    assert list(questions(ast.parse(innocent))) == []
