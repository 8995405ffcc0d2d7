"""Code sets, crosswalks, numbers, the element dictionary; `service` is the one that judges a code."""

from yanta.kernel.codes.service import (
    as_table,
    choices,
    crosswalk_table,
    map_code,
    name_of,
    normalise,
    resolve_many,
    validate,
)

__all__ = [
    "as_table",
    "choices",
    "crosswalk_table",
    "map_code",
    "name_of",
    "normalise",
    "resolve_many",
    "validate",
]
