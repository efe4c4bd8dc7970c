"""Start-up checks: a route nobody has marked must not be served."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import URLPattern, URLResolver, get_resolver

from scheme import guards
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


@register(Tags.security, deploy=True)
def nothing_of_the_demo_in_production(app_configs, **kwargs):
    """The demo lets anybody in as anybody, and a movable clock moves deadlines."""
    found = []
    if settings.DEMO:
        found.append(Error("DEMO is on: anybody may sign in as anybody.", id="scheme.E002"))
    if settings.CLOCK_FILE:
        found.append(Error("CLOCK_FILE is set: deadlines can be moved.", id="scheme.E003"))
    if not settings.REDIS_URL:
        found.append(Error("REDIS_URL is not set: nothing carries the rounds.", id="scheme.E004"))
    return found


@register(Tags.database)
def every_guard_stands(app_configs, databases=None, **kwargs):
    """`manage.py check --database default`: the triggers are installed and cannot be bypassed.

    Silent while migrations are pending: `migrate` checks first and lays the guards afterwards.
    """
    if not databases:
        return []
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return []
    return [
        Error(f"Guard {name} is missing or switched off.", id="scheme.E005")
        for name in sorted(guards.missing())
    ]
