"""Timers as they are written, or only named: `PT24H`, `24 Hours`, “3 天”."""

from __future__ import annotations

import re

_ISO_PERIOD = re.compile(r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_SAID = re.compile(
    r"(\d{1,4})\s*(minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|分钟|个?小时|天|日|周)", re.IGNORECASE
)
_UNITS = {"m": "PT{}M", "h": "PT{}H", "d": "P{}D", "w": "P{}W", "分": "PT{}M", "小": "PT{}H", "个": "PT{}H", "天": "P{}D",
          "日": "P{}D", "周": "P{}W"}  # fmt: skip


def is_period(text: str) -> bool:
    return bool(_ISO_PERIOD.fullmatch(text))


def is_moment(text: str) -> bool:
    return bool(_ISO_DATE.fullmatch(text))


def said(name: str) -> str | None:
    """The period that a name speaks of, as ISO 8601."""
    found = _SAID.search(name)
    return _UNITS[found[2][0].lower()].format(found[1]) if found else None
