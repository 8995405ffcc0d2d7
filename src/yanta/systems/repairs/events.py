"""What happens to a fault."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class FaultReported(Event):
    order_id: int


@dataclass(frozen=True)
class FaultMended(Event):
    order_id: int


template("repairs.moved", title="报修{{ state }}：{{ what }}", body="{{ words }}", icon="tool")
template("repairs.job", title="新派工：{{ what }}", body="{{ words }}", urgent=True, icon="tool")
template(
    "repairs.low_stock",
    title="维修材料不足：{{ material }}",
    body="库存 {{ stock }}，最低 {{ minimum }}。",
    icon="package",
)
