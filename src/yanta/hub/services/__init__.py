"""What is done in the hub."""

from yanta.hub.services.corrections import accept, read_in_full, refuse, report_wrong, reveal, withdraw
from yanta.hub.services.decisions import decide_different, decide_same, put_off, revoke, split_off
from yanta.hub.services.mappings import confirm
from yanta.hub.services.quarantine import correct, dismiss, reopen

__all__ = [
    "accept",
    "confirm",
    "correct",
    "decide_different",
    "decide_same",
    "dismiss",
    "put_off",
    "read_in_full",
    "refuse",
    "reopen",
    "report_wrong",
    "reveal",
    "revoke",
    "split_off",
    "withdraw",
]
