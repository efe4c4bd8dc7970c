import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """Moves the time of this process and of every server and worker started by the test."""

    def __init__(self, path: str):
        self.path = Path(path)
        self.offset = timedelta()

    def set(self, moment: datetime | date | str) -> None:
        """To an instant; a naive one, a bare day and a text are Shanghai wall-clock time."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, 9)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
        self._move(moment - datetime.now(UTC))

    def advance(self, **delta: float) -> None:
        self._move(self.offset + timedelta(**delta))

    def reset(self) -> None:
        self.offset = timedelta()
        self.path.unlink(missing_ok=True)

    def _move(self, offset: timedelta) -> None:
        self.offset = offset
        half = self.path.with_suffix(f".{os.getpid()}")
        half.write_text(str(offset.total_seconds()))
        half.replace(self.path)
