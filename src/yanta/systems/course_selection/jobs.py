"""Scheduled work of course selection."""

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.course_selection import services


@job("候补递补", schedule="* * * * *")
def fill_waiting(progress: Progress, *, actor: Actor) -> None:
    """What a stopped process left undone."""
    told = services.fill_all()
    progress.step(1, 1, f"递补 {told} 人")
