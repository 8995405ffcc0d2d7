"""Generations of the data key, under which values are sealed at rest.

The first is `YANTA_DATA_KEY`; later ones are files in `YANTA_DATA_KEYS`, numbered 0002 and on. A sealed value begins
with the number of its generation, so every value says which key opens it, and no generation is ever thrown away.
See docs/decisions/0025-data-keys-have-generations.md.
"""

from __future__ import annotations

import os
import secrets
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings

FIRST, LAST = 1, 255
# A running process seals under a new generation half a minute later than the command that made it, at the latest.
KEPT_SECONDS = 30.0
_current: list[tuple[float, str, int]] = []


class NoSuchKeyError(ValueError):
    """A value names a generation whose file is not here."""


def folder() -> Path:
    return Path(settings.YANTA_DATA_KEYS)


def current() -> int:
    """The generation under which new values are sealed."""
    place = str(folder())
    if _current and _current[0][0] > time.monotonic() and _current[0][1] == place:
        return _current[0][2]
    newest = max((int(path.name) for path in folder().glob("[0-9][0-9][0-9][0-9]")), default=FIRST)
    _current[:] = [(time.monotonic() + KEPT_SECONDS, place, newest)]
    return newest


def secret_of(generation: int) -> str:
    """The secret of one generation; read anew when another process made it a moment ago."""
    return str(settings.YANTA_DATA_KEY) if generation == FIRST else _read(str(folder()), generation)


@cache
def _read(place: str, generation: int) -> str:
    try:
        return (Path(place) / f"{generation:04}").read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise NoSuchKeyError(f"数据密钥第 {generation} 代不在 {place}") from error


def begin_next() -> int:
    """Make the next generation, whole on disk before anything is sealed under it."""
    forget()
    made = current() + 1
    if made > LAST:
        raise NoSuchKeyError(f"数据密钥最多 {LAST} 代")
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place / f".{made:04}.{os.getpid()}"
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as kept:
        kept.write(secrets.token_urlsafe(48))
        kept.flush()
        os.fsync(kept.fileno())
    try:
        os.link(draft, place / f"{made:04}")
    except FileExistsError:
        pass  # somebody else made it in the same moment; theirs is as good
    finally:
        draft.unlink()
    forget()
    return made


def made_at(generation: int) -> datetime | None:
    """When the generation was made; of the first nothing is known when the environment gives it."""
    home = Path(settings.HOME) / "data-key"
    path = home if generation == FIRST else folder() / f"{generation:04}"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def forget() -> None:
    """Look at the folder anew."""
    _current.clear()
