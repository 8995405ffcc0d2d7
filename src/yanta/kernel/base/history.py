"""The triggers that keep history stay fast whatever was updated first."""

from __future__ import annotations

from typing import Any

from django.db import connections

# A statement's trigger joins the rows before with the rows after, and PostgreSQL plans that once per session. Planned
# for one row as a nested loop, the next update of n rows would cost n². A hash join costs one row nothing.
_STEADY = """
DO $$
DECLARE trigger_function regprocedure;
BEGIN
    FOR trigger_function IN
        SELECT oid::regprocedure FROM pg_proc
        WHERE proname LIKE 'pgtrigger\\_update\\_%' AND prosrc LIKE '%old_values JOIN new_values%' AND proconfig IS NULL
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET enable_nestloop TO off SET jit TO off', trigger_function);
    END LOOP;
END $$
"""


def plan_steadily(using: str, **_: Any) -> None:
    """After migrations: every such trigger function, new ones included, joins by hash."""
    with connections[using].cursor() as cursor:
        cursor.execute(_STEADY)
