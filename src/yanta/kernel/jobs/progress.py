"""Progress: one call in the job, shown by a page and by the command line."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from yanta.kernel.base import Refused

# People see a bar move a few times a second; the database need not hear more.
PAUSE = 0.4


class Cancelled(Exception):  # noqa: N818 - a wish that was followed, not an error
    """The person who started the job wants it no more."""


class Display(Protocol):
    """Where progress is shown besides the run's own row."""

    def show(self, done: int, total: int, text: str) -> None: ...


class Progress:
    """What a job tells about itself; also used without a run, when it keeps everything to itself."""

    def __init__(
        self, *, run_id: int | None = None, display: Display | None = None, checkpoint: Any = None
    ) -> None:
        self.run_id = run_id
        self.display = display
        self.checkpoint: dict[str, Any] = dict(checkpoint or {})
        self.done = self.total = 0
        self.text = ""
        self.link = ""
        self.result: dict[str, Any] = {}
        self._told_at = 0.0
        self._line: BaseDatabaseWrapper | None = None

    def step(self, done: int, total: int = 0, text: str = "") -> None:
        """Say how far the work is; raises `Cancelled` when it is wanted no more."""
        changed = bool(text) and text != self.text
        self.done, self.total, self.text = done, total or self.total, text or self.text
        now = time.monotonic()
        if not changed and now - self._told_at < PAUSE and done != self.total:
            return
        self._told_at = now
        self._tell()

    def save(self, **checkpoint: Any) -> None:
        """Remember how far a run came; a run after a crash finds it in `checkpoint`."""
        self.checkpoint.update(checkpoint)
        self._tell()

    def finish(self, *, link: str = "", text: str = "", **result: Any) -> None:
        """What the person gets: a page to open and some figures."""
        self.link, self.text = link or self.link, text or self.text
        self.result.update(result)

    def _tell(self) -> None:
        if self.display is not None:
            self.display.show(self.done, self.total, self.text)
        if self.run_id is not None and self._wants_cancel(self.run_id):
            raise Cancelled

    def _wants_cancel(self, run_id: int) -> bool:
        # A line of its own, for the job's transaction would hide the progress until it commits.
        if self._line is None:
            self._line = connections.create_connection("default")
        checkpoint = DjangoJSONEncoder().encode(self.checkpoint)
        with self._line.cursor() as cursor:
            cursor.execute(_TELL, [self.done, self.total, self.text[:300], checkpoint, run_id])
            row = cursor.fetchone()
        return bool(row and row[0])

    def close(self) -> None:
        if self._line is not None:
            with suppress(Exception):
                self._line.close()
            self._line = None


_TELL = """
UPDATE jobs_jobrun SET done = %s, total = %s, text = %s, checkpoint = %s, updated_at = now()
WHERE id = %s RETURNING cancel_requested"""


def words_for(error: Exception) -> str:
    """A failure as the person reads it: a refusal in its own words, a bug without its insides."""
    if isinstance(error, Refused):
        return error.message
    return "程序出错，本次任务没有完成。信息中心已收到错误记录，可稍后重试。"
