"""What if this rule book had been in force: a past half-year counted again, and nothing kept.

`laid_out(book, half)` gives a `Trial` while it lasts; its tables, and whatever else the transaction
might have touched, are gone afterwards.
"""

from scoring.sandbox.halves import halves_with_facts, subjects_of
from scoring.sandbox.laying import AFTER, BEFORE, laid_out
from scoring.sandbox.trial import Trial

__all__ = ["AFTER", "BEFORE", "Trial", "halves_with_facts", "laid_out", "subjects_of"]
