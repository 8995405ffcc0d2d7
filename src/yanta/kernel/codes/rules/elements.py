"""What the dictionary's own contradictions resolve to."""

from __future__ import annotations

from collections.abc import Sequence


def length_of(stated: str, code_widths: Sequence[int]) -> str:
    """The length of an element: where the standard's figure and its code set disagree, the set's width."""
    return str(max(code_widths)) if code_widths else stated
