"""Entries bound one to the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# What an entry is: everything that must not be altered, in the order in which it is digested.
BOUND = (
    "serial", "range_key", "range_title", "period", "title", "happened_on", "origin", "owner", "facts", "file_digest", "secrecy",
    "keep_until",
)  # fmt: skip
Digest = Callable[[bytes], str]


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The same bytes for the same entry, everywhere."""
    plain = {
        name: entry[name] if isinstance(entry[name], int | list) else str(entry[name] or "") for name in BOUND
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content(title: str, happened_on: object, facts: Sequence[Sequence[str]], file_digest: str) -> bytes:
    """What a piece says, without where it lies: by it the collector knows whether something new was said."""
    said = [title, str(happened_on), [list(pair) for pair in facts], file_digest]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def link_of(before: str, entry: Mapping[str, Any], digest: Digest) -> str:
    return digest(before.encode() + b"\n" + canonical(entry))


def first_broken(entries: Sequence[Mapping[str, Any]], digest: Digest) -> int | None:
    """The serial of the first entry that is not what was kept, or None."""
    before = ""
    for number, entry in enumerate(entries, 1):
        if entry["serial"] != number or link_of(before, entry, digest) != entry["link"]:
            return number
        before = entry["link"]
    return None
