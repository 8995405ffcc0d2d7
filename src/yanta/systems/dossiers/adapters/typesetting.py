"""The list of a file as PDF/A, by typst."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yanta.kernel.documents import typesetting

LIST = Path(__file__).with_name("list.typ")


def pdf_of(paper: Mapping[str, Any]) -> bytes:
    """PDF/A-2b."""
    return typesetting.pdf_of(LIST, paper)
