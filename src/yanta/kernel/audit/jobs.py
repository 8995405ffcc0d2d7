"""Sealing goes on by itself."""

from yanta.kernel.audit import chain
from yanta.kernel.jobs import tick


@tick(seconds=5)
def seal_entries() -> None:
    """What was committed since enters the chain."""
    chain.seal_pending()
