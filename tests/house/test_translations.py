"""Both languages are complete: whatever is said in Chinese is said in English too."""

import re

import pytest

from tests.house import messages
from tests.house.source import modules, name_of

PLACEHOLDER = re.compile(r"%\(\w+\)[sdrf]|%[sd]|%%")
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def english():
    return {messages.key_of(m): m for m in messages.catalogue() if m.id}


@pytest.fixture(scope="module")
def said():
    return messages.collected()


def strings(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_something_is_said(said):
    assert len(said) > 300


def test_everything_said_has_its_english(said, english):
    lacking = [key for key in said if key not in english or not all(strings(english[key]))]
    assert [(key[1], said[key][0]) for key in lacking] == []


def test_nothing_is_translated_that_nobody_says(said, english):
    assert [key for key in english if key not in said] == []


def test_placeholders_are_the_same(said, english):
    wrong = []
    for key, message in english.items():
        ids = [key[1]] if isinstance(key[1], str) else list(key[1])
        wanted = sorted(set(PLACEHOLDER.findall(ids[-1])))
        for text in filter(None, strings(message)):
            if sorted(set(PLACEHOLDER.findall(text))) != wanted:
                # The singular may leave the number out.
                if len(ids) > 1 and set(PLACEHOLDER.findall(text)) < set(wanted):
                    continue
                wrong.append((ids[0], text))
    assert wrong == []


def test_english_is_english(english):
    # Names, and what has to be typed in Chinese: quoted samples, marks, names of columns.
    allowed = re.compile(
        r"亮星|简体中文|仿宋|黑体|泽组通|依据|“[^”]+”|'?《[^》]+》(第几条)?|'第几条'"
    )
    wrong = [
        text
        for message in english.values()
        for text in filter(None, strings(message))
        if CHINESE.search(allowed.sub("", text))
    ]
    assert wrong == []


def test_nothing_is_guessed(english):
    assert [message.id for message in english.values() if message.fuzzy] == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_message_is_put_together_before_it_is_looked_up(path):
    """`_(f"…")` would be looked up with the number already in it."""
    for line, _context, message in messages.of_python(path):
        texts = message if isinstance(message, tuple) else (message,)
        assert None not in texts, f"line {line}"
