"""What the register tells others."""

from dataclasses import dataclass
from decimal import Decimal

from yanta.kernel.events import Event


@dataclass(frozen=True)
class ItemTransferred(Event):
    item_id: int
    from_unit_id: int
    to_unit_id: int


@dataclass(frozen=True)
class ItemScrapped(Event):
    item_id: int
    price: Decimal
