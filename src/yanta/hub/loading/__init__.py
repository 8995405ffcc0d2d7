"""Landing of large rosters: clean, check, map codes, compare with what is there, COPY what is new."""

from yanta.hub.loading.landing import land
from yanta.hub.loading.receipts import Counts, Landing

__all__ = ["Counts", "Landing", "land"]
