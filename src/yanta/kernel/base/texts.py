"""Cleaning of typed and delivered text, the same everywhere."""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u3000]+")
_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff]")
# Dots that people type between the parts of a name; U+00B7 is the one of GB 18030 identity cards.
_NAME_DOTS = re.compile(r"[•‧∙⋅・･．.。﹒●]")


def clean_text(value: str) -> str:
    """Full width becomes half width, invisible characters go, runs of blanks become one."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", value))).strip()


def clean_identifier(value: str) -> str:
    """A number as standards write it: no blanks, upper case, half width."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", value)).upper()


def clean_name(value: str) -> str:
    """A person's name as on the identity card: no blanks between Han characters, U+00B7 as the dot."""
    text = clean_text(value)
    if re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text):
        text = _NAME_DOTS.sub("·", text.replace(" ", ""))
    return text


def masked(value: str, *, head: int = 3, tail: int = 4) -> str:
    """`13812345678` becomes `138****5678`; short values are hidden whole."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"
