"""What jobs tell the rest."""

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class JobEnded(Event):
    """A run came to its end; `state` is done, failed or cancelled."""

    run_id: int
    state: str
    title: str
    person_id: int | None
    seconds: float
    text: str
    error: str
