"""Every form with an effect carries the token against forgery and its own key."""

import re

import pytest

from tests.house.source import name_of, templates, without_comments

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S | re.I)
POSTS = re.compile(r"method\s*=\s*[\"']?post|hx-post", re.I)
KEY = re.compile(r"\{%\s*idem_field\b|_idem\.html|name=\"idem\"")

# Sent twice these do no harm: the way in and out, the look of the page, a download, the stage hands
# of the demonstration (what they do is acts of their own, each once).
WITHOUT_KEY = {
    "scheme:sign_in",
    "scheme:sign_out",
    "scheme:password_change",
    "scheme:language_switch",
    "scheme:theme_switch",
    "scheme:roster_export",
    "scoring:declaration_export",
    "scoring:rulebook_export",
    "scoring:regulation_export",
    "ledgers:board_workbook",
    "ledgers:ledger_export",
    "ledgers:writing_export",
    "ledgers:innovation_export",
    "ledgers:circular_word",
    "ledgers:circular_tables",
    "stars:branch_record_word",
    "stars:notice_word",
    "stars:memo_word",
    "stars:circular_word",
    "stars:dossier_word",
    "stars:award_print",
    "stars:certificates_print",
    "desk:demo_sign_in",
    "desk:demo_rest",
}
# These post to their own address.
TO_THEMSELVES = {"templates/scheme/sign_in.html", "templates/scheme/password_change.html"}
TARGET = re.compile(r"\{%\s*url\s+[\"']([\w:]+)")
OF_DJANGO = "templates/admin/"


def posting(text):
    for attributes, body in FORM.findall(without_comments(text)):
        if POSTS.search(attributes):
            yield attributes, body


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_forms(path):
    name = name_of(path)
    for attributes, body in posting(path.read_text(encoding="utf-8")):
        assert "csrf_token" in body, attributes
        target = TARGET.search(attributes)
        exempt = target[1] in WITHOUT_KEY if target else name in TO_THEMSELVES
        if not exempt and not name.startswith(OF_DJANGO):
            assert KEY.search(body), attributes


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_no_form_is_left_open(path):
    text = without_comments(path.read_text(encoding="utf-8"))
    assert len(re.findall(r"<form\b", text)) == text.count("</form>")
