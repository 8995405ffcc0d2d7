"""Codes as pictures inside the page."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """An SVG of a few kilobytes; dark on white whatever the theme, for cameras."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us from squares
