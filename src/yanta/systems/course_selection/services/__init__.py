"""What is done in course selection."""

from yanta.systems.course_selection.services.consoling import (
    add_student,
    change_capacity,
    pause,
    remove_student,
    resume,
)
from yanta.systems.course_selection.services.deciding import Answer, Request, decide, fill, fill_all, refusals
from yanta.systems.course_selection.services.drawing import draw, seal_seed, store_wishes
from yanta.systems.course_selection.services.preparing import offer, prepare

__all__ = [
    "Answer", "Request", "add_student", "change_capacity", "decide", "draw", "fill", "fill_all", "offer", "pause",
    "prepare", "refusals", "remove_student", "resume", "seal_seed", "store_wishes",
]  # fmt: skip
