"""What has no event: facts that changed for people without an account, days that passed."""

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job
from yanta.systems.certificates import services


@job("核对已开具的证明", schedule="40 3 * * *")
def follow_holders(progress: Progress, *, actor: Actor) -> None:
    """Every night, everybody's that are still good."""
    ended = services.follow(on=timezone.localdate())
    progress.step(1, 1, f"因持证人离校等失效 {ended} 份")
