"""A small Celery app for tests/infra/test_broker.py; its worker loses its broker in a task."""

import os
import time
from pathlib import Path

from celery import Celery

if os.environ["SLOW_TRANSPORT"] == "ours":
    # Importing the package installs the transport; without it kombu's own is at work.
    import config.celery  # noqa: F401

# Without the Django fixup: this worker is about the broker alone.
app = Celery("slow", broker=os.environ["SLOW_BROKER"], fixups=set())
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 3600},
)


@app.task(name="slow")
def slow(path: str) -> None:
    with Path(path).open("a") as log:
        log.write("start\n")
        log.flush()
        time.sleep(4)
        log.write("end\n")
