"""What an action answers when the world says no. A missing right is Django's PermissionDenied."""


class Refused(Exception):
    """A rule stands in the way. The text says what to do next and is shown as it is.

    `field` names the form field it belongs to; `conflict` marks "somebody was faster" (409).
    """

    def __init__(self, message, *, field: str | None = None, conflict: bool = False):
        super().__init__(str(message))
        self.field = field
        self.conflict = conflict


class Stale(Refused):
    """The row has moved on since the reader saw it."""

    def __init__(self, message):
        super().__init__(message, conflict=True)
