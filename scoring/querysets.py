from datetime import date

from django.db import models


class RuleBookQuerySet(models.QuerySet):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def in_force(self, unit, day: date):
        """The approved version that holds in the unit on that day; None before the first."""
        return (
            self.filter(unit=unit, state="approved", in_force_from__lte=day)
            .order_by("-in_force_from", "-version")
            .first()
        )


class ScoreRunQuerySet(models.QuerySet):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def latest_of(self, unit, half: str):
        """The newest run of the half-year; scorecards are read from it. None before the first."""
        return self.filter(unit=unit, half=half).order_by("-pk").first()
