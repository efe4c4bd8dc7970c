"""Locks and papers name packages and versions, never one machine's hosts or folders."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SOURCES = sorted((ROOT / "requirements").glob("*.in"))
PAPERS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "requirements/*", "Makefile", ".ci/*", "pyproject.toml")
    for path in sorted(ROOT.glob(pattern))
]
# Split, so that this file does not name them either.
REGISTRIES = re.compile(
    r"py" + r"pi\.org|python" + r"hosted|registry\.npm|index-url|find-links|trusted-host|\bjsdelivr"
)
MACHINE = re.compile(r"(?<![\w.$-])/(?:work|root|home|Users)/")


@pytest.mark.parametrize("path", PAPERS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_registry_and_no_folder_of_one_machine(path):
    text = path.read_text()
    assert not REGISTRIES.search(text)
    assert not MACHINE.search(text)


@pytest.mark.parametrize("path", LOCKS + SOURCES, ids=lambda p: p.name)
def test_requirements_name_no_address(path):
    assert "://" not in path.read_text()


@pytest.mark.parametrize("path", LOCKS, ids=lambda p: p.name)
def test_every_locked_package_has_a_version_and_hashes(path):
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def test_every_source_is_locked_and_locks_agree():
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", lock.read_text(), re.M):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    for source in SOURCES:
        asked = re.findall(r"^([A-Za-z0-9.-]+)", source.read_text(), re.M)
        wanted = {name.lower() for name in asked if not name.startswith("-")}
        locked = set(re.findall(r"^([a-z0-9.-]+)==", source.with_suffix(".txt").read_text(), re.M))
        assert wanted <= locked, source.name
