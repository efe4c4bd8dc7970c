from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StarsConfig(AppConfig):
    name = "stars"
    verbose_name = _("评星")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = [
        "stars_award",
        "stars_branchoutcome",
        "stars_decision",
        "stars_dossier",
        "stars_nominationmove",
        "stars_opinion",
        "stars_publication",
        "stars_roundmove",
        "stars_settlement",
        "stars_vote",
    ]
    guards = [
        "participant_is_sealed",
        "quota_is_sealed",
        "round_is_sealed",
        "stars_nomination_steps",
        "stars_round_steps",
    ]

    def ready(self):
        # Registers the handlers of its jobs also where no Celery app has looked for tasks.
        from stars import tasks  # noqa: F401
