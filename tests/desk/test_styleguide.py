import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from desk.views.styleguide import styleguide


@pytest.fixture
def page(rf, settings):
    settings.STYLEGUIDE = True
    request = rf.get("/styleguide/")
    request.user = AnonymousUser()
    return styleguide(request).content.decode()


def test_every_component_is_shown_without_inline_style_or_script(page):
    assert "样式手册" in page
    assert not re.search(r'\sstyle="', page)
    assert not re.search(r"\son[a-z]+=\"", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_ids_are_unique(page):
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_is_shut_on_a_server_in_use(rf, settings):
    settings.DEBUG = settings.STYLEGUIDE = False
    with pytest.raises(Http404):
        styleguide(rf.get("/styleguide/"))
