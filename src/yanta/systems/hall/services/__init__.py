"""The verbs of the hall: handing in, what the process does to a matter, rating and answering, designing."""

from yanta.systems.hall.services.designing import close, draw, publish, reopen
from yanta.systems.hall.services.rating import answer, rate
from yanta.systems.hall.services.settling import end, hand_in_again, refuse, send_back, settle, take_back

__all__ = [
    "answer",
    "close",
    "draw",
    "end",
    "hand_in_again",
    "publish",
    "rate",
    "refuse",
    "reopen",
    "send_back",
    "settle",
    "take_back",
]
