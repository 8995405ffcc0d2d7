"""The data elements a roster column may carry, and the names departments give them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True)
class Element:
    """One raw element: its label, the headers that mean it, words that hint at it, words that rule it out."""

    name: str
    label: str
    headers: tuple[str, ...]
    hint: str = ""
    never: str = ""


def _read_elements() -> tuple[Element, ...]:
    text = resources.files("yanta.hub.intake").joinpath("elements.toml").read_text("utf-8")
    return tuple(
        Element(name, **{**entry, "headers": tuple(entry["headers"].split())})
        for name, entry in tomllib.loads(text).items()
    )


ELEMENTS = _read_elements()
BY_NAME = {element.name: element for element in ELEMENTS}
RAW_NAMES = tuple(element.name for element in ELEMENTS)

_BRACKETED = re.compile(r"[（(\[【].*?[)）\]】]")
_PUNCTUATION = re.compile(r"[\s*＊:：、，,。.·_\-—\"'“”]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@lru_cache(maxsize=20_000)
def header_key(header: str) -> str:
    """A header as compared: half width, upper case, without blanks, marks and bracketed remarks."""
    text = header.translate(_FULL_WIDTH).upper()
    bare = _PUNCTUATION.sub("", _BRACKETED.sub("", text))
    return bare or _PUNCTUATION.sub("", text)


_EXACT: dict[str, set[str]] = {}
for _known in ELEMENTS:
    for _header in _known.headers:
        _EXACT.setdefault(header_key(_header), set()).add(_known.name)

# Most cells that are asked about are data: one question tells that no element hints at them.
_ANY_HINT = re.compile("|".join(f"(?:{element.hint})" for element in ELEMENTS if element.hint))

# Joins the label of a merged header with the one below it.
BELOW = "›"


@lru_cache(maxsize=20_000)
def _parts(header: str) -> tuple[str, str, str]:
    """A header's own key, the key of what stands above it, and all that is written, remarks in brackets included."""
    above, _, own = header.rpartition(BELOW)
    over = header_key(above)
    return header_key(own), over, over + _PUNCTUATION.sub("", own.translate(_FULL_WIDTH).upper())


def header_score(header: str, element: Element) -> float:
    """How surely the header alone names the element: 1 if known, less for a hint, -1 if ruled out."""
    key, over, whole = _parts(header)
    exact = element.name in _EXACT.get(key, ()) or element.name in _EXACT.get(over + key, ())
    # A known header is believed, unless what stands above it or in its brackets speaks of something else.
    beside = whole.replace(key, "", 1) if exact else whole
    if element.never and re.search(element.never, beside):
        return -1.0
    if exact:
        return 1.0
    return 0.6 if key and element.hint and re.search(element.hint, whole) else 0.0


@lru_cache(maxsize=20_000)
def is_known_header(header: str) -> bool:
    """Does the text name any element, surely or by a hint?"""
    key, over, whole = _parts(header)
    may_be = key in _EXACT or over + key in _EXACT or _ANY_HINT.search(whole)
    return bool(may_be) and any(header_score(header, element) > 0.5 for element in ELEMENTS)
