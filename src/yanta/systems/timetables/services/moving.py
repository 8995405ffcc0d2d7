"""One meeting somewhere else, by hand; refused where it would collide."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import Room
from yanta.systems.timetables.models import Placement, Version, Weekday
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import clashes
from yanta.systems.timetables.rules.clashes import Clash

CLOSED = "只有草稿和可发布的版本可以直接调整；已发布的请办理调课，或另存为新版本"
FirstPeriod = Annotated[int, Label("从第几节")]


def clashes_at(placement: Placement, weekday: int, first_period: int, room_id: int | None) -> list[Clash]:
    """What would be wrong with the meeting there; looks at the whole version."""
    slot = slots.slot_of(placement).at(weekday, first_period, room_id)
    place = next((one for one in slots.places() if one.id == room_id), None)
    others = slots.neighbours(placement, room_ids=[room_id] if room_id else [])
    names = slots.names_of([slot])
    return clashes.clashes(slot, others, place=place, last_period=slots.last_period(), names=names)


@operation(
    "调整", icon="arrows-move", bulk=False, roles=("owner",), when=lambda placement: placement.version.is_open
)
def move(
    placement: Placement, *, actor: Actor, weekday: Annotated[Weekday, Label("星期")], first_period: FirstPeriod,
    room: Annotated[Room | None, Label("教室", "不占教室的课留空")] = None,
) -> None:  # fmt: skip
    """There, if nothing is in the way; otherwise the refusal says what is."""
    version = Version.objects.select_for_update().get(pk=placement.version_id)
    if not version.is_open:
        raise Refused(CLOSED)
    room_id = None if room is None else room.pk
    wrong = clashes_at(placement, int(weekday), first_period, room_id)
    if wrong:
        raise Refused("不能放在这里：" + "；".join(one.text for one in wrong[:4]), field="weekday")
    placement.weekday, placement.first_period, placement.room_id = int(weekday), first_period, room_id
    placement.problem = ""
    placement.save(update_fields=["weekday", "first_period", "room", "problem", "updated_at"])
    if version.status == Version.Status.DRAFT and not version.placements.filter(weekday=None).exists():
        Version.objects.filter(pk=version.pk).update(status=Version.Status.READY)
