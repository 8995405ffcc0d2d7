"""Who is who among invented rows, and what of it can be known at all."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

Row = dict[str, Any]


@dataclass
class Roster:
    """Clean rows, the person of each, and which of a person's rows share a key at all."""

    rows: pa.Table
    person: list[int]
    group: list[int]


KEYS = (
    "id_no",
    "staff_no",
    "ug_no",
    "grad_no",
    "former_ug_no",
    "exam_no",
    "card_no",
    "payee_no",
    "phone",
    "email",
    "bank_account",
)


def groups_of(rows: list[Row], person: list[int]) -> list[int]:
    """Rows of one person that hang together by equal keys, or by name with date of birth."""
    parent = list(range(len(rows)))

    def top(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(rows):
        keys: list[tuple[Any, ...]] = [
            ("ug_no" if k == "former_ug_no" else k, row[k]) for k in KEYS if row.get(k)
        ]
        if row.get("birth_on"):
            keys.append((row["name_key"], row["birth_on"]))
        for key in keys:
            parent[top(i)] = top(first.setdefault((person[i], *key), i))
    return [top(i) for i in range(len(rows))]
