"""What others may want to know about the tree."""

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class UnitsChanged(Event):
    """Units were established, renamed, moved, merged, split or abolished."""

    change_id: int
    kind: str
    unit_ids: tuple[int, ...]
