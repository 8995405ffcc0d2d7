"""By what a row is known again in the next delivery, and whether its content is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import orjson

from yanta.hub.storing.delivery import Line
from yanta.kernel.base import ciphers

NUMBERS = ("staff_no", "ug_no", "grad_no", "other_no", "payee_no", "card_no", "exam_no", "id_no")


def natural_key(line: Line) -> str:
    """A number that the source keeps, else the content itself: a row without any changes by becoming another."""
    values = line.clean or {}
    for name in NUMBERS:
        if values.get(name):
            # Sensitive numbers must not be readable in the key.
            number = ciphers.blind_index(values[name]).hex() if name == "id_no" else values[name]
            return f"{name}:{number}"
    cells = orjson.dumps(line.original, option=orjson.OPT_SORT_KEYS).decode()
    return f"line:{ciphers.blind_index(cells).hex()}"


def content_digest(line: Line) -> bytes:
    """16 keyed bytes of the original cells and of the verdict: a row that is judged otherwise has changed."""
    text = orjson.dumps([line.original, line.reason], option=orjson.OPT_SORT_KEYS).decode()
    return ciphers.blind_index(text)


def keyed(lines: Iterable[Line]) -> Iterator[tuple[Line, str, bytes]]:
    """Each line with its key, made unique by the order of appearance, and its digest."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in lines:
        key = natural_key(line)
        seen[line.source, key] += 1
        turn = seen[line.source, key]
        yield line, key if turn == 1 else f"{key}#{turn}", content_digest(line)
