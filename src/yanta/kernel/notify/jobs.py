"""The way out of the house, notices whose time has come, duties that were not done."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick
from yanta.kernel.notify import dispatching


@tick(seconds=10)
def dispatch_messages() -> None:
    dispatching.dispatch_due()


@tick(seconds=30)
def begin_notices() -> None:
    from yanta.kernel.notify import notices

    notices.begin_due()


@tick(seconds=300)
def report_unconfirmed() -> None:
    from yanta.kernel.notify import notices

    notices.report_overdue()


@job("发送通知")
def deliver_notice(progress: Progress, *, actor: Actor, notice_id: int) -> None:
    from yanta.kernel.notify import notices

    notices.deliver(notice_id, progress)
