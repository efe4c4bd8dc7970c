"""kombu's Redis transport with one defect mended.

A worker that acknowledges late loses its broker in the middle of a task: kombu may then ask a
connection that is already collected for its settings, the worker dies with an AttributeError, and
the task runs a second time. Remembering the settings lets it reconnect and acknowledge instead.
tests/infra/test_broker.py kills a broker under a running task.
"""

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    def __init__(self, connection, *args, **kwargs):
        self._settings = connection.client
        super().__init__(connection, *args, **kwargs)

    def _connparams(self, *args, **kwargs):
        if self.connection.client is None:
            self.connection.client = self._settings
        return super()._connparams(*args, **kwargs)


class Transport(redis.Transport):
    Channel = Channel


def install() -> None:
    """A `redis+socket://` address names its transport itself and would pass by the setting."""
    TRANSPORT_ALIASES["redis"] = "config.broker:Transport"
