"""Timetables are made in the background."""

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.timetables import services


@job("排课")
def make_timetable(progress: Progress, *, actor: Actor, version_id: int, seconds: int) -> None:
    """All placed, then better for so many seconds; stopping keeps the best."""
    found = services.arrange(version_id, seconds=seconds, progress=progress)
    progress.finish(
        link=f"/timetables/version/{version_id}/",
        text=f"排上 {found['placed']} 次课，没排上 {found['unplaced']} 次",
        **found,
    )
