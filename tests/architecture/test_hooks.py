"""A `data-` attribute on a page is a promise that something listens to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

# Read by programs that test the page, not by the page.
FOR_READERS = {"data-code"}
_ATTRIBUTE = re.compile(r"[ \"'](data-[a-z][a-z-]*)(?=[=\s>\"'])")
_TAKEN_APART = re.compile(r"\{([^{}]*)\}\s*=\s*[^\n]*\bdataset\b")


def _said() -> dict[str, Path]:
    pages = ROOT.glob("src/yanta/**/templates/**/*.html")
    return {name: page for page in pages for name in _ATTRIBUTE.findall(page.read_text("utf-8"))}


@pytest.fixture(scope="module")
def front() -> str:
    files = [*ROOT.glob("frontend/src/**/*.js"), *ROOT.glob("frontend/src/**/*.css")]
    return "\n".join(path.read_text("utf-8") for path in files)


@pytest.mark.parametrize("name", sorted(_said()))
def test_somebody_listens(name: str, front: str) -> None:
    camel = re.sub(r"-([a-z])", lambda m: m[1].upper(), name.removeprefix("data-"))
    taken = {word for found in _TAKEN_APART.findall(front) for word in re.findall(r"\w+", found)}
    heard = f"[{name}" in front or re.search(rf"\bdataset\??\.{camel}\b", front) or camel in taken
    assert heard or name in FOR_READERS, (
        f"{_said()[name].relative_to(ROOT)}: nothing in frontend/src knows {name}"
    )
