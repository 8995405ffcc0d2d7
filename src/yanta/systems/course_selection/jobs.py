"""Scheduled work of course selection."""

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Simulation


@job("候补递补", schedule="* * * * *")
def fill_waiting(progress: Progress, *, actor: Actor) -> None:
    """What a stopped process left undone."""
    told = services.fill_all()
    progress.step(1, 1, f"递补 {told} 人")


@job("模拟抽签")
def try_out(progress: Progress, *, actor: Actor, simulation: int) -> None:
    """Nothing but its own row is written, so it may begin anew."""
    made = services.try_out(Simulation.objects.get(pk=simulation), step=progress.step)
    progress.finish(
        link=f"/course-selection/simulation/{made.pk}/", text=f"{made.wishes} 个志愿，中签 {made.granted}",
        simulation=made.pk,
    )  # fmt: skip
