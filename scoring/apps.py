from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("积分")

    def ready(self):
        # A job may be done by any process, not only by a Celery worker: its handler must be known.
        from scoring import tasks  # noqa: F401
