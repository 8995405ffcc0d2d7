"""What happens to papers."""

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class PaperIssued(Event):
    """The form of a service was written with what was decided; it is kept."""

    issued_id: int
    person_id: int
