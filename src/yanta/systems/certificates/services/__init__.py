"""Asking for certificates, issuing, ending and sharing them."""

from yanta.systems.certificates.services import editing, kiosks
from yanta.systems.certificates.services.batching import issue_many, restart
from yanta.systems.certificates.services.editing import add_starters, close, reopen, write
from yanta.systems.certificates.services.ending import follow, revoke
from yanta.systems.certificates.services.issuing import (
    approve,
    ask,
    ask_named,
    hand_out,
    kinds_for,
    refuse,
    withdraw,
)
from yanta.systems.certificates.services.kiosks import new_key, phone_code
from yanta.systems.certificates.services.sharing import share, take_back

__all__ = [
    "add_starters", "approve", "ask", "ask_named", "close", "editing", "follow", "hand_out", "issue_many", "kinds_for", "kiosks",
    "new_key", "phone_code", "refuse",
    "reopen", "restart", "revoke", "share", "take_back", "withdraw", "write",
]  # fmt: skip
