from .award import Award, Objection, Publication
from .ballot import BranchOutcome, Decision, Opinion, Seat, Settlement, Vote
from .nomination import Dossier, Nomination, NominationMove
from .round import Participant, Quota, Round, RoundMove

__all__ = [
    "Award",
    "BranchOutcome",
    "Decision",
    "Dossier",
    "Nomination",
    "NominationMove",
    "Objection",
    "Opinion",
    "Participant",
    "Publication",
    "Quota",
    "Round",
    "RoundMove",
    "Seat",
    "Settlement",
    "Vote",
]
