"""The folder of a run: what was extracted, cleaned, compared. It outlives a killed process and is emptied at the end.

What lies here is readable; the folder belongs to the service's own user and its files live as long as the run.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from django.conf import settings

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was asked to read; an interrupted run of the same order need not read again."""

    version: str
    mode: str
    table: str
    after: str = ""
    position: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What was read, complete."""

    rows: int
    columns: list[str]
    watermark: str = ""
    position: str = ""
    is_snapshot: bool = False
    bytes: int = 0
    read_at: str = ""
    unreadable: int = 0


class Workspace:
    """One pipeline's folder."""

    def __init__(self, code: str, kind: str = "run") -> None:
        self.folder = Path(settings.HOME) / "pipelines" / f"{code}.{kind}"

    def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)

    def path(self, name: str) -> Path:
        return self.folder / name

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """Empty, for another order."""
        self.clear()
        self.open()

    def keep(self, order: Order, extract: Extract) -> None:
        """The extract is whole: written aside and renamed, so that half a note is never read."""
        note = self.path("extract.part")
        note.write_bytes(orjson.dumps({"order": asdict(order), "extract": asdict(extract)}))
        note.rename(self.path("extract.json"))

    def kept(self, order: Order, *, now: datetime) -> Extract | None:
        """What an interrupted run of the same order left, unless it is too old."""
        note = self.path("extract.json")
        if not note.is_file():
            return None
        found = orjson.loads(note.read_bytes())
        extract = Extract(**found["extract"])
        is_fresh = now - datetime.fromisoformat(extract.read_at) < KEPT
        return extract if is_fresh and found["order"] == asdict(order) else None

    def fresh(self, name: str) -> Path:
        """A path that nothing lies at."""
        path = self.path(name)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        return path


def clear_old(now: datetime) -> int:
    """Folders of runs that nobody took up again."""
    home = Path(settings.HOME) / "pipelines"
    if not home.is_dir():
        return 0
    old = [path for path in home.iterdir() if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds()]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)
