"""The English catalogue follows the sources, and keeps what they only put together."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from yanta.config import environment
from yanta.config.cli import messages

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

# composed
msgid "微信扫码"
msgstr "Scan with WeChat"

msgid "旧的说法"
msgstr "An old saying"

msgid "部门受理"
msgstr "Handled by the department"
"""
DRAWING = '<process id="p"><userTask id="t" name="部门受理"/><userTask id="u" name="note"/></process>'


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    processes = tmp_path / "hall" / "processes"
    processes.mkdir(parents=True)
    (processes / "handling.bpmn").write_text(DRAWING, "utf-8")
    target = tmp_path / "django.po"
    target.write_text(CATALOGUE, "utf-8")
    monkeypatch.setattr(environment, "PACKAGE", tmp_path)
    messages.collect(target)
    messages.collect(target)  # what was kept once is kept again
    with target.open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream) if one.id}


def test_names_of_drawn_steps_are_texts(collected: dict[str, str]) -> None:
    assert collected["部门受理"] == "Handled by the department"
    assert "note" not in collected


def test_composed_texts_stay_and_forgotten_ones_go(collected: dict[str, str]) -> None:
    assert collected["微信扫码"] == "Scan with WeChat"
    assert "旧的说法" not in collected
