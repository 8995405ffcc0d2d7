"""An answer that the user reads, as opposed to a bug."""


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """Raised by rules and services; the screen shows the message, the API answers 409 with it."""

    def __init__(self, message: str, *, field: str | None = None, rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.rule = rule


class OutOfScope(Refused):
    """The actor may do this, but not to this row."""


class NotAllowed(Refused):
    """The actor may not do this at all; the API answers 403."""
