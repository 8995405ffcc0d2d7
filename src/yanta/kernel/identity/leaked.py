"""Passwords that others have seen: a school's own copy of a public collection, asked on this machine alone.

The file holds the first 56 bits of each SHA-1, sorted: an index over the first 16 bits, then 5 bytes each. It is
mapped, not read: a look-up touches the index and a few pages of one bucket. A password that is in the collection is
always found; of n entries, one that is not is taken for one of them with probability n / 2^56 (with all of the
thousand million entries of Pwned Passwords: once in 70 million good passwords).
"""

from __future__ import annotations

import logging
import mmap
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from pathlib import Path
from struct import Struct

from django.conf import settings

log = logging.getLogger(__name__)
MAGIC = b"YANTALP1"
# magic, entries, when it was imported (seconds), least number of times an entry was seen
HEAD = Struct("<8sQQQ")
BUCKETS = 1 << 16
OFFSET = Struct("<Q")
INDEX_BYTES = (BUCKETS + 1) * OFFSET.size
KEY_BYTES = 7
REST_BYTES = KEY_BYTES - 2


def path() -> Path:
    return Path(settings.HOME) / "leaked-passwords.bin"


def key_of(password: str) -> bytes:
    """The first 56 bits of the SHA-1; no more of the password is kept or compared."""
    return sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:KEY_BYTES]


@dataclass(frozen=True, slots=True)
class Collection:
    """The mapped file."""

    data: mmap.mmap
    entries: int
    imported_at: int
    at_least: int

    def holds(self, key: bytes) -> bool:
        """Binary search within the bucket of the first two bytes."""
        bucket, rest = int.from_bytes(key[:2], "big"), key[2:]
        at = HEAD.size + bucket * OFFSET.size
        low, high = OFFSET.unpack_from(self.data, at)[0], OFFSET.unpack_from(self.data, at + OFFSET.size)[0]
        begin, data = HEAD.size + INDEX_BYTES, self.data
        while low < high:
            middle = (low + high) // 2
            here = begin + middle * REST_BYTES
            found = data[here : here + REST_BYTES]
            if found == rest:
                return True
            if found < rest:
                low = middle + 1
            else:
                high = middle
        return False


@lru_cache(maxsize=2)
def _mapped(name: str, changed: int, size: int) -> Collection:
    """A newly imported file is another key of this cache, so every process turns to it by itself."""
    with Path(name).open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, entries, imported_at, at_least = HEAD.unpack_from(data, 0)
    if magic != MAGIC or size != HEAD.size + INDEX_BYTES + entries * REST_BYTES:
        raise ValueError(f"{name} is not a collection of leaked passwords, or not a whole one")
    return Collection(data, entries, imported_at, at_least)


def collection() -> Collection | None:
    """The school's copy, or None when nobody has imported one."""
    name = path()
    try:
        told = os.stat(name)
    except FileNotFoundError:
        return None
    return _mapped(str(name), told.st_mtime_ns, told.st_size)


def is_known(password: str) -> bool:
    """Whether the password stands in the imported collection; nothing leaves this machine."""
    try:
        found = collection()
    except ValueError:
        # A damaged file must not keep the whole school out; whoever reads the log imports it anew.
        log.exception("the collection of leaked passwords cannot be read")
        return False
    return found is not None and found.holds(key_of(password))
