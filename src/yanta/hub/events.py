"""What the hub tells others."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class CorrectionRaised(Event):
    """Somebody says that a value is wrong; the owning unit has something to decide."""

    correction_id: int
    owner_id: int | None
    person_id: int
    element: str


@dataclass(frozen=True)
class CorrectionDecided(Event):
    """The owning unit accepted or refused; `accepted` values are already written."""

    correction_id: int
    person_id: int
    element: str
    accepted: bool


@dataclass(frozen=True)
class RunDone(Event):
    """A run ended with a receipt; these persons' values changed."""

    run_id: int
    persons: tuple[int, ...]


@dataclass(frozen=True)
class DataLoaded(Event):
    """A pipeline's run committed: so many rows of the subject are new or changed."""

    subject: str
    pipeline: str
    run_id: int
    new: int
    changed: int


template(
    "hub.correction-raised",
    title="{{ name }}指出“{{ element }}”有误，请核准",
    body="说明：{{ reason }}",
    icon="flag",
)
template(
    "hub.correction-decided",
    title="您申请更正的“{{ element }}”{{ verdict }}",
    body="{{ note }}",
    icon="flag",
)
