from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StarsConfig(AppConfig):
    name = "stars"
    verbose_name = _("评星")
    # What the migrations lay on the tables; see scheme/guards.py.
    append_only = [
        "stars_attendancemove",
        "stars_award",
        "stars_ballot",
        "stars_branchoutcome",
        "stars_certificateprint",
        "stars_clearance",
        "stars_decision",
        "stars_dossier",
        "stars_nominationmove",
        "stars_objectionnote",
        "stars_opinion",
        "stars_publication",
        "stars_roundarchive",
        "stars_roundmove",
        "stars_settlement",
        "stars_vote",
        "stars_writtenopinion",
    ]
    guards = [
        "ballot_into_open_box",
        "box_stands",
        "confirmation_is_sealed",
        "elector_is_frozen",
        "envelope_is_sealed",
        "minutes_stand",
        "objection_stands",
        "participant_is_sealed",
        "quota_is_sealed",
        "recusal_is_kept",
        "revocation_stands",
        "round_is_sealed",
        "stars_meeting_steps",
        "stars_nomination_steps",
        "stars_round_steps",
        "vote_into_open_box",
    ]

    def ready(self):
        # Registers the handlers of its jobs also where no Celery app has looked for tasks.
        from stars import tasks  # noqa: F401
        from stars.actions import rehearsal  # noqa: F401
