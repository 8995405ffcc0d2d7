"""What is done in course selection."""

from yanta.systems.course_selection.services.consoling import (
    add_student,
    change_capacity,
    close,
    pause,
    remove_student,
    resume,
)
from yanta.systems.course_selection.services.deciding import (
    Answer,
    Request,
    decide,
    fill,
    fill_all,
    objections,
    refusals,
)
from yanta.systems.course_selection.services.drawing import draw, seal_seed, store_wishes
from yanta.systems.course_selection.services.fitting import unfit_of
from yanta.systems.course_selection.services.preparing import offer, prepare
from yanta.systems.course_selection.services.simulating import simulate, try_out

__all__ = [
    "Answer", "Request", "add_student", "change_capacity", "close", "decide", "draw", "fill", "fill_all", "objections", "offer", "pause",
    "prepare", "refusals", "remove_student", "resume", "seal_seed", "simulate", "store_wishes",
    "try_out", "unfit_of",
]  # fmt: skip
