"""What is done with pipelines."""

from yanta.hub.pipelines.services.held import correct, dismiss, identify, let_go, reopen
from yanta.hub.pipelines.services.pipelines import (
    begin_draft,
    change_pair,
    depend,
    discard_draft,
    drop_pair,
    pause,
    publish_draft,
    resume,
    rule,
)
from yanta.hub.pipelines.services.receipts import confirm, dispute
from yanta.hub.pipelines.services.runs import backfill, consent, dry_run, replay, run

__all__ = [
    "backfill",
    "begin_draft",
    "change_pair",
    "confirm",
    "consent",
    "correct",
    "depend",
    "discard_draft",
    "dismiss",
    "dispute",
    "drop_pair",
    "dry_run",
    "identify",
    "let_go",
    "pause",
    "publish_draft",
    "reopen",
    "replay",
    "resume",
    "rule",
    "run",
]
