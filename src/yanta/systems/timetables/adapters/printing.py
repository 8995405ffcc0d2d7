"""typst draws a sheet; its fonts come with us, so that it looks the same everywhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

IMAGE_DPI = 160


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    import pylopdf_fonts_zh_cn

    root = Path(pylopdf_fonts_zh_cn.__file__).parent
    return sorted({str(path.parent) for path in root.rglob("*.[ot]tf")})


def drawn(source: str, form: Literal["pdf", "png"]) -> bytes:
    """The source as PDF or as an image."""
    import typst

    made = typst.compile(
        source.encode(), format=form, ppi=IMAGE_DPI, font_paths=_fonts(), ignore_system_fonts=True
    )
    return made if isinstance(made, bytes) else b"".join(made)
