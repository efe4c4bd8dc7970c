from .rulebook import Rule, RuleBook, Tier
from .run import Scorecard, ScoreRun

__all__ = ["Rule", "RuleBook", "ScoreRun", "Scorecard", "Tier"]
