"""Pure rules of corrections and worklists."""

from __future__ import annotations

import re
from datetime import date

from yanta.kernel.base.texts import clean_identifier, clean_name, clean_text

_MOBILE = re.compile(r"1[3-9]\d{9}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def tidy(element: str, value: str) -> str:
    """A proposed value as the element is written."""
    if element in {"name", "former_name"}:
        return clean_name(value)
    if element in {"id_no", "phone", "bank_account", "staff_no", "exam_no"}:
        return clean_identifier(value)
    return clean_text(value).lower() if element == "email" else clean_text(value)


def fault_in(element: str, value: str) -> str | None:
    """Why a proposed value cannot be right, or None."""
    if not value:
        return "请填写正确的值"
    if element == "phone" and not _MOBILE.fullmatch(value):
        return "手机号应为 11 位数字，以 1 开头"
    if element == "email" and not _MAIL.fullmatch(value):
        return "邮箱格式不对，应形如 name@example.edu.cn"
    if element == "birth_date" and not _is_day(value):
        return "日期应形如 2006-02-09"
    if element == "bank_account" and not re.fullmatch(r"\d{12,21}", value):
        return "银行账号应为 12 至 21 位数字"
    return None


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def as_shown(element: str, value: str) -> str:
    """A sensitive value with its middle hidden, by kind."""
    if not value:
        return ""
    head, tail = {"id_no": (6, 4), "bank_account": (4, 4)}.get(element, (3, 4))
    if len(value) <= head + tail:
        return value[:1] + "*" * (len(value) - 1)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
