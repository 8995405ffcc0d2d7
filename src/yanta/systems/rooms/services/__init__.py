"""What is done with bookings."""

from yanta.systems.rooms.services.booking import approve, book, cancel, refuse, withdraw
from yanta.systems.rooms.services.coming import check_in, release_no_shows

__all__ = ["approve", "book", "cancel", "check_in", "refuse", "release_no_shows", "withdraw"]
