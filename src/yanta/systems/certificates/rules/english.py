"""Names, dates and places as an English certificate writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pypinyin import Style, lazy_pinyin

COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "宇文",
    "长孙",
    "司徒",
    "夏侯",
    "南宫",
    "端木",
)
# Surnames are not read as the words they are.
READ = {
    "单": "shan",
    "仇": "qiu",
    "曾": "zeng",
    "解": "xie",
    "盖": "ge",
    "查": "zha",
    "任": "ren",
    "区": "ou",
    "朴": "piao",
    "翟": "zhai",
}


def latin_name(name: str) -> str:
    """GB/T 28039: ZHANG Xiaoming; the surname in capitals."""
    if name.isascii():
        return name
    if "·" in name:
        return " ".join(_joined(part).capitalize() for part in name.split("·"))
    cut = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    surname, given = name[:cut], name[cut:]
    return f"{READ.get(surname) or _joined(surname)}".upper() + (
        f" {_joined(given).capitalize()}" if given else ""
    )


def _joined(text: str) -> str:
    return "".join(lazy_pinyin(text, style=Style.NORMAL)).replace("ü", "yu").replace("v", "yu")


def english_date(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def english_month(day: date) -> str:
    return f"{day:%B %Y}"


def in_english(value: Any, *, kind: str, names: Mapping[str, str]) -> str | None:
    """A value as it stands in an English text; None when its official English is not known."""
    if isinstance(value, date):
        return english_month(value) if kind == "month" else english_date(value)
    if isinstance(value, int | Decimal):
        return f"{value}"
    text = str(value)
    return text if text.isascii() else names.get(text)
