from datetime import date

from celery import shared_task

from scheme import jobs
from scheme.models import Job, Unit
from scoring.actions import posting
from scoring.models import RuleBook


@shared_task
def look() -> None:
    """Beat says "look": which days are settled and not posted yet? Twice or late does no harm."""
    books = RuleBook.objects.filter(state=RuleBook.State.APPROVED)
    for unit in Unit.objects.filter(pk__in=books.values("unit")):
        posting.enqueue_due(unit)


@jobs.handles(posting.KIND)
def settle(job: Job) -> jobs.Effect:
    first, last = (date.fromisoformat(job.args[name]) for name in ("first", "last"))

    def effect():
        done = posting.settle(job.unit, first, last)
        return {"posted": done.posted, "reversed": done.reversed}

    return effect
