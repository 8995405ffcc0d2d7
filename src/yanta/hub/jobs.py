"""Long work of the hub, with progress."""

from __future__ import annotations

from pathlib import Path

from yanta.hub.services import replays, runs
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job


@job("数据接入")
def take_in(
    progress: Progress, *, actor: Actor, folder: str, title: str = "", accept_mapping: bool = False
) -> None:
    """Files that came through the screens or lie in a folder of the server."""
    run = runs.intake(
        Path(folder), actor=actor, title=title, accept_mapping=accept_mapping, step=progress.step
    )
    waiting = run.state == run.State.PROPOSED
    link = "/hub/mapping/?status=proposed" if waiting else f"/hub/runs/{run.pk}/receipt/"
    progress.finish(link=link, text="有新的版式待确认" if waiting else "已完成对账", run=run.pk)


@job("重放与重新归并")
def settle(progress: Progress, *, actor: Actor) -> None:
    """Corrected rows go in again; people's decisions take effect."""
    run = replays.settle(actor=actor, step=progress.step)
    progress.finish(link=f"/hub/runs/{run.pk}/receipt/", text="已完成对账", run=run.pk)
