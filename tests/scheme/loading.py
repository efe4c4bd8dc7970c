"""A roster loaded into one unit, and what it made of a person."""

from datetime import date

from scheme.actions import rosters
from scheme.models import Appointment, SectionMembership
from tests.scheme.books import roster

UNIT = "中共某县委组织部"
JOINED = date(2020, 1, 6)


def load(*people, unit=UNIT):
    return rosters.load(unit, roster(*people), file_name="r.xlsx")


def stays(number, model=SectionMembership):
    place = "section" if model is SectionMembership else "branch"
    rows = model.objects.filter(staff__staff_no=number).order_by("start_on")
    return list(rows.values_list(f"{place}__name", "start_on", "end_on"))


def offices(number):
    rows = Appointment.objects.filter(staff__staff_no=number).order_by("office", "start_on")
    return [(r.office, str(r.section or r.branch or ""), r.start_on, r.end_on) for r in rows]
