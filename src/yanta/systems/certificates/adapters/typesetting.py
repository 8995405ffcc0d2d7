"""A certificate as PDF/A, by typst: data go in as JSON, never as markup; no network, no fonts of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Literal, cast

import orjson
import typst

TEMPLATE = Path(__file__).with_name("paper.typ")
# Where the seal goes: the middle of the closing, in millimetres from the left and the top.
SEAL_PLACE = "末页@141,236"
_one_at_a_time = Lock()


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(files("pylopdf_fonts_zh_cn"))])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)


def pdf_of(paper: Mapping[str, Any]) -> bytes:
    """PDF/A-2b."""
    return cast(bytes, _made(paper, "pdf"))


def pictures_of(paper: Mapping[str, Any], *, ppi: int = 96) -> list[bytes]:
    """The pages as PNG, for looking at."""
    made = _made(paper, "png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _made(paper: Mapping[str, Any], form: Literal["pdf", "png"], ppi: int = 96) -> bytes | list[bytes]:
    inputs = {"data": orjson.dumps(paper).decode()}
    standards: Any = ["a-2b"] if form == "pdf" else []
    with _one_at_a_time:
        made = _compiler().compile(format=form, sys_inputs=inputs, pdf_standards=standards, ppi=ppi)
    if made is None:
        raise TypeError("the typesetter gave nothing")
    return made
