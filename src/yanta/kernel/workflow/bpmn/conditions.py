"""Conditions as other tools write them, turned into the small language that Yanta evaluates; nothing runs here."""

from __future__ import annotations

import re

from yanta.kernel.workflow.conditions import NotACondition, compiled

_TEXT = re.compile(r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')')
_OBJECT = re.compile(r"(?:bpmn:)?getDataObject\(\s*['\"]([^'\"]+)['\"]\s*\)")
_SPACED = re.compile(r"\b([^\W\d]\w*(?:[ \t]+[^\W\d]\w*)+)(?=\s*(?:==|!=|<=|>=|=|<|>|\)|$))")
_WORDS = {"and", "or", "not", "in", "is", "if", "else", "some", "every", "satisfies", "div", "mod"}


def condition(text: str) -> str:
    """The same in Yanta's language; NotACondition when there is no honest way to say it."""
    inner = _unwrapped(text.strip())
    if re.search(r"\b(some|every)\b.*\bsatisfies\b", inner):
        raise NotACondition(f"条件“{text.strip()}”用了 some/every，请改成对一个值的判断")
    found = "".join(
        part if part[:1] in "\"'" else _plain(part) for part in _TEXT.split(_joined(inner))
    ).strip()
    try:
        compiled(found)
    except NotACondition as error:
        raise NotACondition(str(error).replace(found[:60], text.strip()[:60])) from error
    return found


def _unwrapped(text: str) -> str:
    """Without the brackets of JUEL (`${…}`, `#{…}`) and the mark of FEEL (`= …`)."""
    if re.fullmatch(r"[$#]\{[^{}]*\}", text, re.DOTALL):
        return text[2:-1].strip()
    return text[1:].strip() if text.startswith("=") and not text.startswith("==") else text


def _joined(text: str) -> str:
    """Data objects by their names, before texts are told apart."""
    return _OBJECT.sub(lambda found: _name(found[1]), text)


def _name(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip())


def _plain(text: str) -> str:
    text = re.sub(r"&&", " and ", text)
    text = re.sub(r"\|\|", " or ", text)
    text = re.sub(r"!(?!=)", " not ", text)
    text = re.sub(r"(?<![=!<>])=(?!=)", "==", text)
    text = re.sub(r"\s+(eq|ne|lt|le|gt|ge)\s+", lambda found: f" {_OPERATORS[found[1]]} ", text)
    text = re.sub(r"\bnot\s*\(", "not (", text)
    text = re.sub(r"\b(true|false|null)\b", lambda found: _CONSTANTS[found[1]], text)
    return _SPACED.sub(_with_underscores, text)


_OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_CONSTANTS = {"true": "True", "false": "False", "null": "None"}


def _with_underscores(found: re.Match[str]) -> str:
    words = found[1].split()
    return found[1] if _WORDS & set(words) else "_".join(words)
