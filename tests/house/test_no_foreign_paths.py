"""What is tracked names no folder of one machine and no host of one network."""

import re
import subprocess

import pytest

from tests.house.source import ROOT
from tests.house.test_locks import MACHINE, REGISTRIES

BINARY = {".xlsx", ".png", ".jpg", ".woff2", ".ico", ".mo", ".pdf"}
# The folders of a container are its own, and the tests of the rule have to name what they look for.
OWN_WORDS = {"Dockerfile", "docker-compose.yml", "tests/house/test_locks.py"}


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return []
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_machine_and_no_registry():
    names = tracked()
    if not names:
        pytest.skip("not a checkout")
    found = []
    for name in names:
        path = ROOT / name
        if path.suffix in BINARY or name in OWN_WORDS:
            continue
        text = path.read_text(encoding="utf-8")
        found += [(name, m[0]) for m in MACHINE.finditer(text)]
        if not name.startswith("requirements/"):
            found += [(name, m[0]) for m in REGISTRIES.finditer(text)]
    assert found == []


def test_no_secrets_and_no_leftovers():
    for name in tracked():
        assert not re.search(r"(^|/)(\.env|id_rsa|.*\.pem|.*\.orig|.*\.rej|.*\.sqlite3)$", name), (
            name
        )


def test_no_paper_is_named_that_is_not_here():
    """A comment that leads to a page outside the project leads nowhere."""
    here = {path.name for path in ROOT.rglob("*.md") if ".venv" not in path.parts}
    found = []
    for name in tracked():
        if name.endswith((".py", ".html", ".js", ".css", ".md")):
            text = (ROOT / name).read_text(encoding="utf-8")
            named = re.findall(r"\b[\w.-]+\.md\b(?!\()", text)
            found += [(name, paper) for paper in named if paper not in here]
    assert found == []
