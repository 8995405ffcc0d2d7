"""The way out of the house."""

from yanta.kernel.jobs import tick
from yanta.kernel.notify import sending


@tick(seconds=10)
def dispatch_messages() -> None:
    sending.dispatch_due()
