"""Start-up checks: a route nobody has marked must not be served."""

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from scheme.roles import RIGHTS

_VERBS = {right.verb for right in RIGHTS} | {"open", "signed in"}


def routes(patterns=None, namespace=""):
    """Every (name, view) of the project but Django's admin, which has its own table."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name == "admin":
                continue
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry.callback


@register()
def every_route_has_a_gate(app_configs, **kwargs):
    return [
        Error(f"Route {name} has no gate, or one that roles.py does not know.", id="scheme.E001")
        for name, view in routes()
        if getattr(view, "gate", None) not in _VERBS
    ]
