"""What the exchange tells others."""

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class ShapeAccepted(Event):
    """People accepted a change of a table's shape; whoever maps its columns should look again."""

    connection: str
    table: str
    change: str
    column: str
