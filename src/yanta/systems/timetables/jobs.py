"""Timetables are made and repaired in the background."""

from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.timetables import services


@job("排课")
def make_timetable(progress: Progress, *, actor: Actor, version_id: int, seconds: int, seed: int = 1) -> None:
    """All placed, then better for so many seconds; stopping keeps the best."""
    found = services.arrange(version_id, seconds=seconds, progress=progress, seed=seed)
    progress.finish(
        link=f"/timetables/board/?version={version_id}",
        text=f"排上 {found['placed']} 次课，没排上 {found['unplaced']} 次",
        **found,
    )


@job("修复课表")
def repair_timetable(
    progress: Progress, *, actor: Actor, version_id: int, rooms: list[int] | None = None, teacher: int | None = None,
    weeks: int = 0,
) -> None:  # fmt: skip
    """The nearest timetable after a change; the versions are compared before it is taken over."""
    asked: dict[str, Any] = {"rooms": rooms, "weeks": weeks} if rooms is not None else {}
    asked = {"teacher": teacher, "weeks": weeks} if teacher is not None else asked
    found = services.repair(version_id, asked=asked, progress=progress)
    progress.finish(
        link=f"/timetables/compare/?after={version_id}",
        text=f"动了 {found['moved']} 次课，没排上 {found['unplaced']} 次",
        **found,
    )
