"""What is done with timetables."""

from yanta.systems.timetables.services.adjusting import (
    approve,
    ask_cancel,
    ask_extra,
    ask_move,
    refuse,
    request,
    resume,
    send_back,
    withdraw,
)
from yanta.systems.timetables.services.following import refresh
from yanta.systems.timetables.services.moving import fix, move, release
from yanta.systems.timetables.services.publishing import copy, publish, retire
from yanta.systems.timetables.services.repairing import (
    add_sections,
    lose_rooms,
    repair,
    teacher_away,
)
from yanta.systems.timetables.services.solving import arrange, recover, solve, stop

__all__ = [
    "add_sections", "approve", "arrange", "ask_cancel", "ask_extra", "ask_move", "copy", "fix", "lose_rooms", "move", "publish",
    "recover", "refresh", "refuse", "release", "repair", "request", "resume", "retire", "send_back", "solve", "stop", "teacher_away", "withdraw",
]  # fmt: skip
