"""docs/roles.md is the table of the code; print it anew with `manage.py print_roles`."""

from scheme.management.commands.print_roles import page
from tests.house.source import ROOT


def test_the_page_is_what_the_code_says():
    assert (ROOT / "docs/roles.md").read_text(encoding="utf-8") == page()
