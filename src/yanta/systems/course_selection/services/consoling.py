"""What the registry changes while students choose; every act with its reason."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import Student
from yanta.systems.course_selection.models import Place, Pool, Round
from yanta.systems.course_selection.services import seating
from yanta.systems.course_selection.services.deciding import Request, decide

Who = Annotated[Student, Label("学生")]
Seats = Label("座位", "不少于已选人数；加出的座位先给候补的学生，之后不再随退课关闭")


@operation("改座位数", icon="armchair", bulk=False, roles=("owner",))
def change_capacity(pool: Pool, *, actor: Actor, capacity: Annotated[int, Seats], reason: str) -> None:
    """More or fewer seats at once, never fewer than are taken; new ones go to those who wait. None closes by itself any more."""
    seats, whose = seating.held(pool.place_id), seating.key_of(pool)
    taken = seats.taken_of(whose)
    if capacity < taken:
        raise Refused(f"已有 {taken} 人，座位不能更少", field="capacity")
    present = {key: one.capacity for key, one in seats.pools.items()}
    seating.store(seats, present | {whose: capacity}, closing=0)


@operation("加选学生", icon="user-plus", bulk=False, roles=("owner",))
def add_student(place: Place, *, actor: Actor, student: Who, reason: str) -> None:
    """Past every rule but one: nobody has a course twice. A full place grows by a seat."""
    _forced("add", place, student, actor, reason)


@operation("退选学生", icon="user-minus", bulk=False, danger=True, roles=("owner",))
def remove_student(place: Place, *, actor: Actor, student: Who, reason: str) -> None:
    """Takes a seat back whatever the window; whoever waits gets it."""
    _forced("remove", place, student, actor, reason)


def _forced(verb: str, place: Place, student: Student, actor: Actor, reason: str) -> None:
    answer = decide(Request(student.pk, verb, place.pk, uuid4(), by=actor.signature, reason=reason))
    if answer.outcome != "granted":
        raise Refused(answer.words, field="student")


@operation("暂停", icon="player-pause", when=lambda one: not one.is_paused, roles=("owner",))
def pause(window: Round, *, actor: Actor, reason: str) -> None:
    """Nobody gets or loses a seat until it is resumed."""
    window.is_paused = True
    window.save(update_fields=["is_paused", "updated_at"])


@operation("继续", icon="player-play", when=lambda one: one.is_paused, roles=("owner",))
def resume(window: Round, *, actor: Actor) -> None:
    window.is_paused = False
    window.save(update_fields=["is_paused", "updated_at"])


def _is_running(one: Round) -> bool:
    return one.opens_at < timezone.now() < one.closes_at


@operation(
    "结束", icon="player-stop", bulk=False, danger=True, roles=("owner",), when=_is_running,
    confirm="立即截止：之后学生不能再选、退、换，已有的结果不变",
)  # fmt: skip
def close(window: Round, *, actor: Actor, reason: str) -> None:
    """Ends a running round now instead of at its appointed time; who wants it open again moves that time."""
    if not _is_running(window):
        raise Refused("只有进行中的轮次可以结束")
    window.closes_at = timezone.now()
    window.save(update_fields=["closes_at", "updated_at"])
