"""Beat says "look"; the rows say whose hour has come and what has still to be sent."""

from datetime import date

from celery import shared_task
from django.utils import translation

from desk import digests, outward, queries
from desk.actions import digests as acts
from desk.models import Delivery
from scheme import clock, jobs
from scheme.models import Job


@shared_task
def look() -> None:
    """Registers the day of every unit whose hour has come. Twice or late does no harm."""
    now = clock.now()
    for unit in digests.units_due(now):
        acts.begin_day(unit, clock.local(now).date())


@jobs.handles(acts.KIND_UNIT)
def make_unit(job: Job) -> jobs.Effect:
    day = date.fromisoformat(job.args["day"])
    people = list(digests.people_of(job.unit, day).values_list("pk", flat=True))
    if _is_past(day):
        return lambda: {"skipped": "the day is over"}
    return lambda: {"batches": acts.split(job.unit, day, people)}


@jobs.handles(acts.KIND_PEOPLE)
def make_people(job: Job) -> jobs.Effect:
    """Reads what two hundred people owe outside any transaction; the effect keeps it."""
    day = date.fromisoformat(job.args["day"])
    if _is_past(day):
        return lambda: {"skipped": "the day is over"}
    people = digests.people_of(job.unit, day)
    people = list(people.filter(pk__range=(job.args["first"], job.args["last"])))
    found = []
    for number, person in enumerate(people, 1):
        body = digests.body_of(person, queries.current_round(person))
        if body:
            found.append(acts.Body(person.pk, body))
        if number % 20 == 0:
            jobs.progress(job, number, len(people))
    return lambda: {"made": acts.store(job.unit, day, found)}


@jobs.handles(acts.KIND_SEND)
def send(job: Job) -> jobs.Effect:
    """Begins the try in a transaction of its own, sends, and ends it with the job. A worker killed
    in between leaves it begun; whoever takes the job next does not send again."""
    delivery = acts.begin(job.args["delivery"], job.args["try"])
    if delivery is None:
        return lambda: {"skipped": "not to be sent"}
    with translation.override("zh-hans"):
        outcome = _send(delivery)
    return lambda: {"state": acts.end(delivery.pk, outcome).state}


def _send(delivery: Delivery) -> outward.Outcome:
    if delivery.channel == Delivery.Channel.EMAIL:
        return outward.mail(delivery)
    setting = digests.setting_of(delivery.unit_id, delivery.day)
    return outward.robot(delivery, setting.robot, setting.robot_url)


def _is_past(day: date) -> bool:
    now = clock.now()
    return day != clock.local(now).date() or not digests.may_send(now)
