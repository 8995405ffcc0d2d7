"""Scheduled work of rights."""

from django.utils import timezone

from yanta.kernel.access import emergency, visitors
from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick


@job("访客账号到期", schedule="10 0 * * *")
def end_visitors(progress: Progress, *, actor: Actor) -> None:
    """Guests whose time is over; hosts of those whose time ends soon are told."""
    today = timezone.localdate()
    ended = visitors.end_expired(on=today)
    progress.step(1, 1, f"停用 {ended} 个，提醒 {visitors.remind(on=today)} 位邀请人")


@tick(seconds=300)
def shut_emergency_accounts() -> None:
    """An account that was unsealed does not stay open."""
    emergency.shut_overdue()
