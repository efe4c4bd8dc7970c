from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("积分")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = ["scoring_declarationmove", "scoring_scorecard", "scoring_scorerun"]
    guards = [
        "declaration_is_fixed",
        "manual_entry_is_fixed",
        "proof_is_fixed",
        "rule_book_is_fixed",
        "rule_book_is_kept",
        "rule_is_fixed",
        "scoring_rulebook_steps",
        "tier_is_fixed",
    ]

    def ready(self):
        # A job may be done by any process, not only by a Celery worker: its handler must be known.
        from scoring import tasks  # noqa: F401
