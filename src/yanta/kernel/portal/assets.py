"""Where the built front end is: names in the sources to addresses with a content hash."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

BUILT = Path(__file__).parent / "static" / "yanta"


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    """Without a build (an API-only installation, a test) the names lead to themselves."""
    path = BUILT / "manifest.json"
    if not path.is_file():
        return {}
    return {source: entry["file"] for source, entry in json.loads(path.read_text("utf-8")).items()}


def asset(name: str) -> str:
    """`asset("app.js")`: the address of a built entry, or of a file of `frontend/public`."""
    if settings.DEBUG:
        _manifest.cache_clear()
    return f"{settings.STATIC_URL}yanta/{_manifest().get(f'src/{name}', name)}"
