"""What is done with equipment."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.equipment import events, rules
from yanta.systems.equipment.models import Item

Status = Item.Status
ToUnit = Annotated[OrgUnit, Label("调入单位")]
NewKeeper = Annotated[StaffMember | None, Label("新保管人")]
NewRoom = Annotated[Room | None, Label("新地点")]


def _go(item: Item, wanted: Status) -> None:
    if not rules.may_become(item.status, wanted):
        raise Refused(f"{item.get_status_display()}的设备不能转为{wanted.label}")
    item.status = wanted
    item.save(update_fields=["status", "updated_at"])


@operation("调拨", icon="transfer", when=lambda item: item.status in (Status.IN_USE, Status.IDLE))
def transfer(
    item: Item, *, actor: Actor, to_unit: ToUnit, reason: str, keeper: NewKeeper = None, room: NewRoom = None
) -> None:
    """The item goes to another unit within the actor's scope."""
    if item.status not in (Status.IN_USE, Status.IDLE):
        raise Refused(f"{item.get_status_display()}的设备不能调拨")
    if to_unit.pk == item.department_id:
        raise Refused("设备已在这个单位", field="to_unit")
    if keeper is not None and not keeper.department.path.startswith(to_unit.path):
        raise Refused("保管人须是调入单位的教职工", field="keeper")
    before = item.department_id
    item.department, item.keeper, item.room = to_unit, keeper, room
    item.save()
    publish(events.ItemTransferred(item_id=item.pk, from_unit_id=before, to_unit_id=to_unit.pk))


@operation("停用", icon="player-pause", when=lambda item: item.status == Status.IN_USE)
def set_idle(item: Item, *, actor: Actor) -> None:
    """Out of use, free for others."""
    _go(item, Status.IDLE)


@operation("启用", icon="player-play", when=lambda item: item.status in (Status.IDLE, Status.IN_REPAIR))
def put_to_use(item: Item, *, actor: Actor) -> None:
    """Back in use."""
    _go(item, Status.IN_USE)


@operation("送修", icon="tool", when=lambda item: item.status == Status.IN_USE)
def send_to_repair(item: Item, *, actor: Actor, reason: Annotated[str, Label("故障")]) -> None:
    """Away for repair."""
    _go(item, Status.IN_REPAIR)


@operation(
    "申请报废", icon="trash", danger=True, when=lambda item: rules.may_become(item.status, Status.TO_SCRAP)
)
def propose_scrapping(item: Item, *, actor: Actor, reason: str) -> None:
    """Waits for the owning department's decision."""
    _go(item, Status.TO_SCRAP)


@operation(
    "批准报废", icon="check", danger=True, confirm="报废后账面减少，不可恢复。", roles=("head",),
    when=lambda item: item.status == Status.TO_SCRAP,
)  # fmt: skip
def scrap(item: Item, *, actor: Actor, document: str) -> None:
    """Written off; large instruments need the document of the approval."""
    if rules.is_large(item.price) and not document.strip():
        raise Refused("单价 40 万元及以上的设备，报废须有批复文件", field="document")
    _go(item, Status.SCRAPPED)
    publish(events.ItemScrapped(item_id=item.pk, price=item.price))
