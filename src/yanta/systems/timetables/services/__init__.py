"""What is done with timetables."""

from yanta.systems.timetables.services.adjusting import (
    approve,
    ask_cancel,
    ask_extra,
    ask_move,
    refuse,
    withdraw,
)
from yanta.systems.timetables.services.moving import move
from yanta.systems.timetables.services.publishing import copy, publish, retire
from yanta.systems.timetables.services.solving import arrange, recover, refresh, solve, stop

__all__ = [
    "approve", "arrange", "ask_cancel", "ask_extra", "ask_move", "copy", "move", "publish", "recover", "refresh", "refuse", "retire",
    "solve", "stop", "withdraw",
]  # fmt: skip
