from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "desk"
    verbose_name = _("工作台")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = ["desk_digestpolicy"]
    guards = ["desk_delivery_steps"]

    def ready(self):
        # A job may be done by any process, not only by a Celery worker: its handler must be known.
        from desk import tasks  # noqa: F401
