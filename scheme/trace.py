"""What the present request is, for the audit trail and the logs. A leaf."""

import logging
from contextvars import ContextVar
from typing import NamedTuple


class Trace(NamedTuple):
    request_id: str = ""
    ip: str | None = None


_OUTSIDE_A_REQUEST = Trace()
current: ContextVar[Trace] = ContextVar("trace", default=_OUTSIDE_A_REQUEST)


class TraceFilter(logging.Filter):
    """Puts the request's number on every line of the log."""

    def filter(self, record):
        record.request_id = current.get().request_id or "-"
        return True
