"""Services designed in the browser; matters of all services; drafts, ratings, bundles, favourites."""

from yanta.systems.hall.models.designs import Design, Version
from yanta.systems.hall.models.matters import Affair, Attachment, Matter
from yanta.systems.hall.models.ratings import Rating
from yanta.systems.hall.models.wishes import Draft, Favourite

__all__ = ["Affair", "Attachment", "Design", "Draft", "Favourite", "Matter", "Rating", "Version"]
