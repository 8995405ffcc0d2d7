"""What the database says of an account at this moment, at the rate of binds: one statement for all who bind together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import close_old_connections, connection

Key = tuple[int, str]
_SQL = """
SELECT w.id, w.address, a.password, a.state, a.must_change_password, a.rights_version,
       EXISTS (SELECT 1 FROM identity_lockout l WHERE l.key IN ('account:' || w.id, 'address:' || w.address) AND l.until > now())
FROM unnest(%s::bigint[], %s::text[]) AS w(id, address) JOIN identity_account a ON a.id = w.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Whatever can end somebody's right to bind, as it is now."""

    encoded: str
    state: str
    must_change: bool
    version: int
    is_locked: bool


def read(keys: Iterable[Key]) -> dict[Key, Row]:
    """Blocking; by account and address."""
    wanted = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [[one for one, _ in wanted], [address for _, address in wanted]])
        return {(row[0], row[1]): Row(*row[2:]) for row in cursor.fetchall()}


def _read(keys: list[Key]) -> dict[Key, Row]:
    close_old_connections()
    return read(keys)


@dataclass
class Current:
    """Who asks while a statement runs is answered by the next one: no answer is older than its question."""

    _waiting: dict[Key, asyncio.Future[Row | None]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def of(self, account_id: int, address: str) -> Row | None:
        """None where there is no such account, or the database does not answer."""
        loop, key = asyncio.get_running_loop(), (account_id, address)
        if key not in self._waiting:
            self._waiting[key] = loop.create_future()
        asked = self._waiting[key]
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._answer(loop))
        # A client that goes away must not take the answer from the others who wait for it.
        return await asyncio.shield(asked)

    async def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await loop.run_in_executor(self._thread, _read, list(asked))
            except Exception:
                # Whatever it is, the slow way meets it too and says so.
                found = {}
            for key, future in asked.items():
                if not future.done():
                    future.set_result(found.get(key))
