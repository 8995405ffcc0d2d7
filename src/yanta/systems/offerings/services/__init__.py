"""What is done with a term's teaching."""

from yanta.systems.offerings.services.arranging import assign, cancel, merge, split
from yanta.systems.offerings.services.changing import change_capacity, change_language, change_teacher
from yanta.systems.offerings.services.confirming import (
    confirm,
    lock,
    open_confirmation,
    remind,
    return_to_college,
    tell_confirmation,
    unlock,
)
from yanta.systems.offerings.services.generating import generate
from yanta.systems.offerings.services.storing import (
    release,
    require_open,
    store_class,
    store_meeting,
    store_reservation,
    store_section,
    store_teaching,
    store_wish,
    unassign,
)

__all__ = [
    "assign", "cancel", "change_capacity", "change_language", "change_teacher", "confirm", "generate", "lock", "merge", "open_confirmation",
    "release", "remind", "require_open", "return_to_college", "split", "store_class", "store_meeting", "store_reservation",
    "store_section", "store_teaching", "store_wish", "tell_confirmation", "unassign", "unlock",
]  # fmt: skip
