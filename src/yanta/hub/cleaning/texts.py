"""Text as people type it, made comparable: for single values here, for whole columns in Ibis."""

from __future__ import annotations

import re
from typing import Final

import ibis
from ibis import ir

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\u00a0\t\r\n"
_HALF = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + "     "
_TABLE = str.maketrans(_FULL, _HALF)
_INVISIBLE = "[\u200b-\u200f\u202a-\u202e\u2060\ufeff\\x00-\\x08\\x0b-\\x1f]"
_UNSEEN, _BLANKS = re.compile(_INVISIBLE), re.compile(r"\s+")
# Anything that needs the slow path: most cells do not.
_UNUSUAL = "[\u00a0\u200b-\u200f\u202a-\u202e\u2060\u3000\ufeff\uff01-\uff5e\\x00-\\x1f]"

# What clerks write where they have nothing to say.
MISSING: Final = frozenset(
    (
        *(
            "",
            "-",
            "--",
            "---",
            "——",
            "—",
            "－",
            "/",
            "//",
            "\\",
            ".",
            "*",
            "NULL",
            "(NULL)",
            "NONE",
            "N/A",
            "NA",
        ),
        *("NAN", "NIL", "#N/A", "UNKNOWN", "无", "暂无", "没有", "未知", "不详", "不清楚", "未填", "未填写"),
        *("未提供", "空", "待定", "待补", "缺", "无数据"),
    )
)

_MISSING_PATTERN: Final = f"^(?i:{'|'.join(re.escape(word) for word in sorted(MISSING))})$"


def tidy(text: str) -> str:
    """Half width, no invisible signs, blanks collapsed, trimmed."""
    return _BLANKS.sub(" ", _UNSEEN.sub("", text.translate(_TABLE))).strip()


def is_missing(text: str) -> bool:
    """Does the tidy text only say that there is nothing?"""
    return text.upper() in MISSING


def tidy_column(column: ir.StringValue) -> ir.StringValue:
    """`tidy` for a column; what only says that there is nothing becomes null."""
    wide = ibis.ifelse(
        column.re_search(_UNUSUAL), column.translate(_FULL, _HALF).re_replace(_INVISIBLE, ""), column
    )
    plain = wide.re_replace(r"\s+", " ").strip()
    return ibis.ifelse(plain.re_search(_MISSING_PATTERN), ibis.null("string"), plain)


def bare_column(tidied: ir.StringValue) -> ir.StringValue:
    """An identifier from tidy text: upper case, without blanks and Excel's leading quote."""
    bare = tidied.upper().re_replace(r"[\s'`‘’\"]+", "")
    # A number that passed through a spreadsheet's value and back.
    through_sheet = bare.re_search(r"^[0-9]+[.]0+$")
    # Without a back reference, for engines write those differently.
    return ibis.ifelse(through_sheet, bare.re_replace(r"[.]0+$", ""), bare).nullif("")
