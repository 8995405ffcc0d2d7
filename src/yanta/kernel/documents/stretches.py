"""A text that is spread over several nodes of a file, edited by its positions without losing how it looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class Stretch:
    """Nodes with text, and line breaks between some of them; edit from the right so that positions stay true."""

    def __init__(self, pieces: Iterable[Any]) -> None:
        """Pieces are nodes, or a string for what no node holds (a break, a tab)."""
        self.spans: list[tuple[Any, int, int]] = []
        self.text = ""
        for piece in pieces:
            start = len(self.text)
            self.text += piece if isinstance(piece, str) else piece.text or ""
            if not isinstance(piece, str):
                self.spans.append((piece, start, len(self.text)))

    def put(self, start: int, end: int, new: str) -> tuple[Any, int] | None:
        """Write `new` for what stands from start to end; answers the node that carries it and where in it."""
        hit = [span for span in self.spans if span[1] < end and start < span[2]]
        if not hit:
            hit = [span for span in self.spans if span[1] <= start <= span[2]][-1:]
        if not hit:
            return None
        for number, (node, low, high) in enumerate(hit):
            text = node.text or ""
            first, last = max(start - low, 0), min(end, high) - low
            node.text = text[:first] + (new if number == 0 else "") + text[max(first, last) :]
            node.set(SPACE, "preserve")
        return hit[0][0], max(start - hit[0][1], 0)

    def clear(self) -> None:
        for node, _, _ in self.spans:
            node.text = ""
