from celery import shared_task

from scheme import jobs


@shared_task
def run_job(pk: int) -> None:
    """The message is one number. Twice, late or never does no harm."""
    jobs.run(pk)


@shared_task
def sweep() -> None:
    """Beat says "look": whatever is due and held by nobody is sent again."""
    for pk in jobs.due().values_list("pk", flat=True)[:200]:
        jobs.send(pk)
