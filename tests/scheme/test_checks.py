import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import include, path

from scheme import checks
from scheme.access import open_to_all


def test_every_route_of_the_project_is_marked():
    assert checks.every_route_has_a_gate(None) == []
    names = [name for name, _view in checks.routes()]
    assert len(names) == len(set(names)) > 50
    assert not any(name.startswith("admin") for name in names)


@open_to_all
def marked(request):
    """Never called."""


@pytest.mark.urls(__name__)
def test_an_unmarked_route_is_told_by_name():
    assert [error.id for error in checks.every_route_has_a_gate(None)] == ["scheme.E001"] * 2


def unmarked(request):
    """Never called."""


def mistyped(request):
    """Never called."""


mistyped.gate = "report.raed"
inner = [path("unmarked/", unmarked, name="unmarked")]
urlpatterns = [
    path("marked/", marked, name="marked"),
    path("mistyped/", mistyped, name="mistyped"),
    path("inner/", include((inner, "inner"))),
]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"DEMO": False, "CLOCK_FILE": "", "REDIS_URL": "redis://x"}, []),
        ({"DEMO": True, "CLOCK_FILE": "", "REDIS_URL": "redis://x"}, ["scheme.E002"]),
        ({"DEMO": False, "CLOCK_FILE": "x", "REDIS_URL": "redis://x"}, ["scheme.E003"]),
        ({"DEMO": False, "CLOCK_FILE": "", "REDIS_URL": ""}, ["scheme.E004"]),
    ],
)
def test_what_must_not_go_into_use(settings, found):
    with override_settings(**settings):
        assert [error.id for error in checks.nothing_of_the_demo_in_production(None)] == found
        told = {error.id for error in run_checks(include_deployment_checks=True)}
    assert set(found) <= told
