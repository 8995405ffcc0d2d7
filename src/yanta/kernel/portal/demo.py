"""The demo school's accounts on the sign-in page; an installation without the demo has none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ICONS = {
    "student": "school", "teacher": "chalkboard", "counsellor": "users", "clerk": "clipboard-list", "dean": "building",
    "engineer": "server-cog", "auditor": "shield-check", "leader": "chart-bar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    title: str
    password: str

    @property
    def icon(self) -> str:
        return ICONS.get(self.username, "briefcase")


def _kept() -> Path:
    return Path(settings.HOME) / "demo-accounts.json"


def offer(accounts: Iterable[tuple[str, str]], *, password: str) -> None:
    """Show these (username, title) on the sign-in page from now on."""
    rows = [{"username": username, "title": title, "password": password} for username, title in accounts]
    _kept().write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


def demo_accounts() -> list[DemoAccount]:
    """Those that are offered; a school that removes the file offers none."""
    path = _kept()
    if not path.is_file():
        return []
    return [DemoAccount(**row) for row in json.loads(path.read_text("utf-8"))]
