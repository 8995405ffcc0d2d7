"""What happens to a ride."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class RidePlanned(Event):
    ride_id: int


template("vehicles.planned", title="已派车：{{ where }}", body="{{ words }}", icon="car")
template(
    "vehicles.run", title="出车任务：{{ where }}", body="{{ words }}", urgent=True, icon="steering-wheel"
)
template("vehicles.cancelled", title="出车取消：{{ where }}", body="{{ words }}", urgent=True, icon="car-off")
