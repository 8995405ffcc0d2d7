"""What the information centre does about events that nobody could be told."""

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import delivery as carrying
from yanta.kernel.events.models import Delivery
from yanta.kernel.operation import operation


@operation(
    "重新投递",
    icon="refresh",
    bulk=True,
    when=lambda row: row.state == Delivery.State.DEAD,
    roles=("engineer",),
)
def revive(row: Delivery, *, actor: Actor) -> None:
    """A dead delivery starts again from its first attempt."""
    if row.state != Delivery.State.DEAD:
        raise Refused("只有投递失败的事件可以重新投递")
    carrying.revive(row)
