"""Collects what people read from the code and the templates, without the gettext tools.

`python -m tests.house.messages` adds what is missing to the English catalogue, with an empty
translation for a person to write, and takes out what nobody says any more; `--check` only tells.
"""

import ast
import io
import sys
from collections import defaultdict

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_javascript
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.house.source import ROOT, dotted, modules, name_of, templates, tree

PO = ROOT / "locale/en/LC_MESSAGES/django.po"
# function → positions of (context, singular, plural)
FUNCTIONS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
IN_TEMPLATES = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def of_python(path):
    """(line, context, message or (singular, plural)); a message that is no text comes as None."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        spelled = dotted(node.func).rpartition(".")[2]
        if spelled not in FUNCTIONS or len(node.args) == 0:
            continue
        context, singular, plural = (
            None if n is None else text_of(node.args[n]) if n < len(node.args) else None
            for n in FUNCTIONS[spelled]
        )
        message = (singular, plural) if FUNCTIONS[spelled][2] is not None else singular
        yield node.lineno, context, message


def text_of(node):
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None


def of_template(path):
    source = templatize(path.read_text(encoding="utf-8"), origin=name_of(path))
    lines = io.BytesIO(source.encode())
    options = {"jsx": False, "template_string": False, "encoding": "utf-8"}
    for line, function, found, _comments in extract_javascript(lines, IN_TEMPLATES, (), options):
        texts = found if isinstance(found, (tuple, list)) else (found,)
        if function == "ngettext":
            yield line, None, tuple(texts[:2])
        elif function == "pgettext":
            yield line, texts[0], texts[1]
        elif function == "npgettext":
            yield line, texts[0], tuple(texts[1:3])
        else:
            yield line, None, texts[0]


def collected() -> dict:
    """{(context, message): ["file:line", …]} of everything in the project."""
    found = defaultdict(list)
    for paths, read in ((modules(), of_python), (templates(), of_template)):
        for path in paths:
            for line, context, message in read(path):
                if message is None or (isinstance(message, tuple) and None in message):
                    continue
                found[context, message].append(f"{name_of(path)}:{line}")
    # A plural serves its singular too: a catalogue keeps the two under one key.
    for context, message in [key for key in found if isinstance(key[1], tuple)]:
        found[context, message] += found.pop((context, message[0]), [])
    return dict(found)


def catalogue() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en", domain="django", project="liangxing", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def key_of(message):
    return (message.context, tuple(message.id) if isinstance(message.id, list) else message.id)


def main(check: bool) -> int:
    known, wanted = catalogue(), collected()
    have = {key_of(message): message for message in known if message.id}
    missing = [key for key in wanted if key not in have]
    spare = [key for key in have if key not in wanted]
    empty = [
        key
        for key, message in have.items()
        if key in wanted
        and not all([message.string] if isinstance(message.string, str) else message.string)
    ]
    for word, keys in (("missing", missing), ("spare", spare), ("empty", empty)):
        for context, message in keys:
            print(f"{word}: {message!r} {context or ''}")
    if check:
        return bool(missing or spare or empty)
    new = Catalog(
        locale="en", domain="django", project="liangxing", header_comment="# English.", fuzzy=False
    )
    # In the order of the files, so that neighbours on a page are neighbours here.
    for context, message in sorted(wanted, key=lambda key: wanted[key][0]):
        old = have.get((context, message))
        files = dict.fromkeys(place.rpartition(":")[0] for place in wanted[context, message])
        new.add(
            list(message) if isinstance(message, tuple) else message,
            old.string if old else None,
            context=context,
            locations=[(file, 0) for file in files],
        )
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, new, width=100, include_lineno=False)
    print(f"{len(wanted)} messages, {len(missing)} new, {len(spare)} taken out, {len(empty)} empty")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
