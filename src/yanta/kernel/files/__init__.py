"""Files: stored once by content, known by what they are and whose they are."""

from yanta.kernel.files.access import may_read, readable
from yanta.kernel.files.storing import Source, open_file, store

__all__ = ["Source", "may_read", "open_file", "readable", "store"]
