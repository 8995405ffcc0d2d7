"""Verbs of quality."""

from yanta.hub.quality.services.definitions import accept, define, disable, enable, revise
from yanta.hub.quality.services.exemptions import (
    ask_exemption,
    end_exemption,
    grant_exemption,
    refuse_exemption,
)
from yanta.hub.quality.services.orders import extend, hand_in, open_order, pass_on, take, withdraw
from yanta.hub.quality.services.runs import check_now

__all__ = [
    "accept", "ask_exemption", "check_now", "define", "disable", "enable", "end_exemption", "extend", "grant_exemption",
    "hand_in", "open_order", "pass_on", "refuse_exemption", "revise", "take", "withdraw",
]  # fmt: skip
