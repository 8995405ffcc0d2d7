"""A page of ours as PDF/A, by typst: data go in as JSON, never as markup; no network, no fonts of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, cast

import orjson
import typst

_one_at_a_time = Lock()


@cache
def _compiler(template: Path) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(files("pylopdf_fonts_zh_cn"))])
    return typst.Compiler(str(template), font_paths=fonts)


def pdf_of(template: Path, data: Mapping[str, Any]) -> bytes:
    """PDF/A-2b of a typst file that reads `sys.inputs.data`."""
    inputs = {"data": orjson.dumps(data).decode()}
    with _one_at_a_time:
        return cast(
            bytes, _compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"])
        )
