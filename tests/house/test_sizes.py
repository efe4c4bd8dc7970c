import pytest

from tests.house.source import modules, name_of

LONGEST = 400
# A module of tests follows the module it tests, refusal by refusal.
LONGEST_TEST = 500
# The map of the services under one roof, the builders of everything tests are about, and a program
# that has to be one file because it leaves the house alone.
LONGER = {
    "stars/archive/verify_round.py": 500,
    "tests/factories.py": 700,
    "tests/house/access_matrix.py": 700,
}


@pytest.mark.parametrize("path", modules(tests=True), ids=name_of)
def test_no_module_is_longer_than_a_sitting(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    usual = LONGEST_TEST if name_of(path).startswith("tests/") else LONGEST
    assert lines <= LONGER.get(name_of(path), usual)
