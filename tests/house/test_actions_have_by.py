"""Whoever reads a call of an action sees who acts: `by` is named, always."""

import ast
import re

import pytest

from tests.house.source import APPS, ROOT, name_of, tree

ACTIONS = [path for app in APPS for path in sorted((ROOT / app / "actions").glob("[a-z]*.py"))]
WRITING = re.compile(
    r"\.(?:save|delete|create|get_or_create|update_or_create|bulk_create|bulk_update|update)\("
    r"|audit\.record\(|notices\.tell|\.atomic\b|jobs\.enqueue\("
)
# Steps of an act that stands in another module and holds the transaction and the name; and a read
# that needs a transaction for its temporary table.
STEPS = {
    "scoring/actions/runs.py": {"output_now"},
    "scoring/actions/checking.py": {"note_moves"},
    "ledgers/actions/quarters.py": {"counting", "ensure"},
    "scoring/actions/sandbox.py": {"record_workbook"},
    "stars/actions/ending_branches.py": {"to_committee"},
    "stars/actions/ending_committee.py": {"to_publicity"},
    "stars/actions/ending_nominations.py": {"to_branches"},
    "stars/actions/leading.py": {"moved_on"},
    "stars/actions/moving.py": {"take", "tell_lost"},
    "stars/actions/results.py": {"conclude", "record_workbook"},
    "stars/actions/sittings.py": {"first"},
}


def acts(path):
    for node in tree(path).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if node.name in STEPS.get(name_of(path), ()):
            continue
        text = "\n".join(ast.unparse(part) for part in (*node.decorator_list, *node.body))
        # `update` of a dictionary is no write; its argument is one positional.
        if WRITING.search(text):
            yield node, text


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_every_act_names_who_acts(path):
    for act, _text in acts(path):
        assert "by" in [a.arg for a in act.args.kwonlyargs], act.name


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_every_act_is_one_transaction(path):
    for act, text in acts(path):
        assert "atomic" in text, f"{act.name} has no transaction"


@pytest.mark.parametrize("path", ACTIONS, ids=name_of)
def test_actions_know_no_requests(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith(("django.http", "django.shortcuts")), node
            # What marks a secret argument for error reports stands among Django's view tools.
            debug = node.module == "django.views.decorators.debug"
            assert debug or ".views" not in (node.module or "")


def test_there_are_actions():
    assert len(ACTIONS) > 5
