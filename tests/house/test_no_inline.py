"""The content policy forbids inline scripts and styles; the browser would silently drop them."""

import re

import pytest

from tests.house.source import ROOT, name_of, templates, without_comments

FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "event attribute": re.compile(r"<[a-z][^>]*\s(?:hx-)?on[a-z:-]*\s*=\s*[\"']", re.I),
    "unescaped output": re.compile(r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off"),
    "script of another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
}
INLINE_SCRIPT = re.compile(r"<script\b([^>]*)>", re.I)
# Data for a script is no script.
DATA_TYPES = ("application/json", "application/ld+json", "text/template")


def problems(text: str) -> list[str]:
    text = without_comments(text)
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    for match in INLINE_SCRIPT.finditer(text):
        if "src=" not in match[1] and not any(kind in match[1] for kind in DATA_TYPES):
            found.append("inline script")
    return found


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_carry_nothing_inline(path):
    assert problems(path.read_text(encoding="utf-8")) == []


SCRIPTS = sorted(p for p in (ROOT / "static").rglob("*.js") if "vendor" not in p.parts)


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_scripts_write_no_markup_and_run_no_text(path):
    text = path.read_text(encoding="utf-8")
    for word in ("eval(", "new Function", "document.write", "innerHTML", "outerHTML"):
        assert word not in text, word
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


STYLES = sorted((ROOT / "static").rglob("*.css"))


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_styles_fetch_nothing_from_elsewhere(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", text)


@pytest.mark.parametrize(
    ("guilty", "what"),
    [
        ('<p class="x" style="color:red">', "style attribute"),
        ("<style>p{}</style>", "style element"),
        ('<a onclick="x()">', "event attribute"),
        ('<a hx-on:click="x()">', "event attribute"),
        ("{{ x|safe }}", "unescaped output"),
        ("<script>x</script>", "inline script"),
        ('<script src="//evil"></script>', "script of another host"),
    ],
)
def test_what_is_looked_for_is_found(guilty, what):
    assert what in problems(guilty)


def test_what_is_harmless_is_left_alone():
    assert (
        problems('<p data-on="x">{% if on %}{{ x }}{% endif %}<script src="/a.js"></script>') == []
    )
