"""What there is to translate: systems write plain Chinese labels, so the sources themselves are asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import IO, Any

from jinja2 import Environment

HAN = re.compile(r"[\u4e00-\u9fff\uff0c]")
Message = tuple[int, str, Any, list[str]]
# A template holds Chinese only inside its expressions; the lexer tells strings from the rest.
_LEXER = Environment(autoescape=True)
_NAME = re.compile(r'\bname="([^"]*)"')


def python_labels(stream: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Message]:
    """Every Chinese text of a module but its docstrings and the parts of f-strings, which no catalogue can hold."""
    tree = ast.parse(stream.read())
    left_out = {id(node) for node in _untranslatable(tree)}
    counted = {id(text) for text in _counted(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in left_out and HAN.search(node.value):
            both = id(node) in counted
            yield (
                node.lineno,
                "ngettext" if both else "gettext",
                (node.value, node.value) if both else node.value,
                [],
            )


def _untranslatable(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from ast.walk(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _counted(tree: ast.AST) -> Iterator[ast.AST]:
    """The texts of `ngettext(one, many, n)`, which are the same text twice in Chinese."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ngettext":
            yield from node.args[:2]


def template_texts(stream: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Message]:
    """Every Chinese string of a template's expressions; counted ones, which follow `_n(`, as plurals."""
    before: list[str] = []
    for line, kind, value in _LEXER.lex(stream.read().decode()):
        if kind == "whitespace":
            continue
        if kind == "string" and HAN.search(value):
            text = ast.literal_eval(value)
            counted = before[-2:] == ["_n", "("]
            yield line, "ngettext" if counted else "gettext", (text, text) if counted else text, []
        before = [*before[-1:], value]


def drawing_names(stream: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Message]:
    """The names of a process's steps, which people read as words of the page."""
    for line, text in enumerate(stream.read().decode().splitlines(), start=1):
        for name in _NAME.findall(text):
            if HAN.search(name):
                yield line, "gettext", name, []
