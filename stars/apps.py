from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StarsConfig(AppConfig):
    name = "stars"
    verbose_name = _("评星")

    def ready(self):
        # Registers the handlers of its jobs also where no Celery app has looked for tasks.
        from stars import tasks  # noqa: F401
