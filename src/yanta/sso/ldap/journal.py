"""Decisions at the rate of binds: collected, written twice a second in one statement."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from yanta.sso.applications.models import Decision

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5
MOST_WAITING = 100_000


class Journal:
    """Writes from a thread of its own; what cannot be written goes to the process's log, never away in silence."""

    def __init__(self) -> None:
        self._waiting: deque[Decision] = deque()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def note(self, step: str, outcome: str, **told: Any) -> None:
        reason, service = str(told.pop("reason", "")), str(told.pop("service", ""))
        self._waiting.append(
            Decision(
                at=timezone.now(), protocol="ldap", step=step, outcome=outcome, reason=reason.replace("\0", "")[:300],
                service=service.replace("\0", "")[:600], **told,
            )
        )  # fmt: skip
        if len(self._waiting) > MOST_WAITING:
            lost = self._waiting.popleft()
            log.error("decision not written: %s %s %s", lost, lost.service, lost.reason)

    def stop(self) -> None:
        """Writes what waits, then ends."""
        self._stop.set()
        self._thread.join(10)
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            close_old_connections()
            self.flush()

    def flush(self) -> None:
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not rows:
            return
        try:
            Decision.objects.bulk_create(rows, batch_size=2000)
        except Exception:
            log.exception("%d decisions not written", len(rows))
            for row in rows:
                log.error("%s %s %s", row, row.service, row.reason)
