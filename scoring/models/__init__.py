from .declaration import Declaration, DeclarationMove, DeclarationProof, DeclarationWindow
from .manual import ManualEntry
from .rulebook import Rule, RuleBook, Tier
from .run import Scorecard, ScoreRun
from .upload import FactsUpload

__all__ = [
    "Declaration",
    "DeclarationMove",
    "DeclarationProof",
    "DeclarationWindow",
    "FactsUpload",
    "ManualEntry",
    "Rule",
    "RuleBook",
    "ScoreRun",
    "Scorecard",
    "Tier",
]
