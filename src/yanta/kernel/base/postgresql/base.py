"""The database backend: whether a kept connection still lives is seen at its socket, not asked of the server."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a health check that costs no round trip."""

    def is_usable(self) -> bool:
        """A server that restarts or ends a session says farewell and hangs up: only then is it asked."""
        connection = self.connection
        if connection is None or connection.closed:
            return False
        return _is_silent(connection.fileno()) or bool(super().is_usable())


def _is_silent(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)
