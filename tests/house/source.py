"""The project's own files, for the tests that read them."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("scheme", "ledgers", "scoring", "stars", "desk")
ROOMS = ("config", *APPS)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def modules(*, tests: bool = False, migrations: bool = False) -> tuple[Path, ...]:
    folders = (*ROOMS, "tests") if tests else ROOMS
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(path for path in found if migrations or "migrations" not in path.parts)


@cache
def templates() -> tuple[Path, ...]:
    # Office's drawings (a fillable sheet, say) may live beside the pages; only pages are looked at.
    return tuple(
        path
        for pattern in ("templates/**/*", *(f"{app}/templates/**/*" for app in APPS))
        for path in sorted(ROOT.glob(pattern))
        if path.suffix in (".html", ".txt", ".svg")
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(node: ast.AST) -> str:
    """ "timezone.now" for the expression of that spelling; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def without_comments(template: str) -> str:
    template = re.sub(r"\{#.*?#\}", "", template)
    return re.sub(r"\{% comment.*?endcomment %\}", "", template, flags=re.S)
