"""One meeting somewhere else, by hand; refused where it would collide. What is put by hand stays there."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import Room
from yanta.systems.timetables.models import Placement, Version, Weekday
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import checking
from yanta.systems.timetables.rules.clashes import Clash

CLOSED = "只有草稿和可发布的版本可以直接调整；已发布的请办理调课，或另存为新版本"
FirstPeriod = Annotated[int, Label("从第几节")]


def clashes_at(placement: Placement, weekday: int, first_period: int, room_id: int | None) -> list[Clash]:
    """What would be wrong with the meeting there; looks at the whole version."""
    slot = slots.slot_of(placement).at(weekday, first_period, room_id)
    others = slots.neighbours(placement, room_ids=[room_id] if room_id else [])
    school = slots.school(placement.version.term_id)
    return checking.Trial(slot, others, school, slots.names_of([slot])).at(weekday, first_period, room_id)


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
    placement.problem, placement.is_fixed = "", True
    placement.save(update_fields=["weekday", "first_period", "room", "problem", "is_fixed", "updated_at"])
    if version.status == Version.Status.DRAFT and not version.placements.filter(weekday=None).exists():
        Version.objects.filter(pk=version.pk).update(status=Version.Status.READY)


def may_be_fixed(placement: Placement) -> bool:
    return placement.version.is_open and placement.is_placed and not placement.is_fixed


@operation("固定", icon="pin", roles=("owner",), when=may_be_fixed)
def fix(placement: Placement, *, actor: Actor) -> None:
    """A search leaves it where it is."""
    if not placement.is_placed:
        raise Refused("还没排上的课不能固定")
    _hold(placement, fixed=True)


@operation(
    "解除固定", icon="pinned-off", roles=("owner",),
    when=lambda placement: placement.version.is_open and placement.is_fixed,
)  # fmt: skip
def release(placement: Placement, *, actor: Actor) -> None:
    """A search may move it again."""
    _hold(placement, fixed=False)


def _hold(placement: Placement, *, fixed: bool) -> None:
    if not placement.version.is_open:
        raise Refused(CLOSED)
    placement.is_fixed = fixed
    placement.save(update_fields=["is_fixed", "updated_at"])
