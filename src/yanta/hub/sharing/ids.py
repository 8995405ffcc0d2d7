"""Sets of ids as PostgreSQL multiranges: exact, and small where ids lie together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.lookups import Lookup


def written(ids: Iterable[int]) -> str:
    """`{[3,6),[9,10)}`."""
    runs: list[list[int]] = []
    for one in sorted(set(ids)):
        if runs and runs[-1][1] == one:
            runs[-1][1] = one + 1
        else:
            runs.append([one, one + 1])
    return "{" + ",".join(f"[{first},{end})" for first, end in runs) + "}"


class IdsField(models.Field[Any, Any]):
    """Given ids in any order; read back as pairs (first, end), the end exclusive."""

    def db_type(self, connection: Any) -> str:
        return "int8multirange"

    def get_internal_type(self) -> str:
        return "IdsField"

    def get_prep_value(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else written(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[tuple[int, int]] | None:
        return None if value is None else [(int(run.lower), int(run.upper)) for run in value]


@IdsField.register_lookup
class Holds(Lookup[Any]):
    """`persons__holds=7`: whether the set has this id."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} @> %s::bigint", [*params, int(self.rhs)]
