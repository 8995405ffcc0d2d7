"""What happens to a matter."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class MatterHandedIn(Event):
    matter_id: int
    service: str
    saved: int


@dataclass(frozen=True)
class MatterEnded(Event):
    matter_id: int
    service: str
    state: str


@dataclass(frozen=True)
class MatterRated(Event):
    rating_id: int
    service: str
    stars: int


template("hall.answered", title="“{{ title }}”的评价有答复了", body="{{ answer }}", icon="message-reply")
template(
    "hall.to_answer",
    title="“{{ title }}”有一条差评待答复",
    body="{{ stars }} 星：{{ text }}。请在 {{ due }} 前答复。",
    icon="star",
)
