"""What is done with forms: taken in, mapped, put in force, filled for one and for many."""

from yanta.systems.paperwork.services.deciding import connect
from yanta.systems.paperwork.services.library import add_edition, put_in_force, retire, upload
from yanta.systems.paperwork.services.mapping import bind, confirm_all
from yanta.systems.paperwork.services.producing import keep_photo, keep_signature, produce, start_batch

__all__ = [
    "add_edition", "bind", "confirm_all", "connect", "keep_photo", "keep_signature", "produce", "put_in_force", "retire",
    "start_batch", "upload",
]  # fmt: skip
