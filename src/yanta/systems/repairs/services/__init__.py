"""The life of a fault: reported, given to somebody, mended, confirmed."""

from yanta.systems.repairs.services.closing import close_unanswered, confirm, rework
from yanta.systems.repairs.services.mending import (
    accept,
    finish,
    give_back,
    hand_back,
    mend,
    set_out,
    take_material,
)
from yanta.systems.repairs.services.reporting import cancel, dispatch, follow, reassign, report
from yanta.systems.repairs.services.storing import stock_up

__all__ = [
    "accept", "cancel", "close_unanswered", "confirm", "dispatch", "finish", "follow", "give_back", "hand_back", "mend", "reassign", "report", "rework",
    "set_out", "stock_up", "take_material",
]  # fmt: skip
