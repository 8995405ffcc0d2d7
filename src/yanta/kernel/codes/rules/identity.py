"""Numbers that carry their own check: citizens' identity numbers and organisations' credit codes."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from yanta.kernel.base.texts import clean_identifier

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Residence permits of Hong Kong, Macao and Taiwan residents use these instead of a division.
RESIDENCE_DIVISIONS = frozenset({"810000", "820000", "830000"})
# In 15-digit numbers these sequence numbers were kept for people born before 1900.
_CENTENARIAN_SEQUENCES = frozenset({"996", "997", "998", "999"})


@dataclass(frozen=True, slots=True)
class IdentityReading:
    """What an identity number says; `reason` is empty when it is valid, `number` has 18 characters."""

    number: str
    reason: str = ""
    division: str = ""
    birth_on: date | None = None
    sex: str = ""

    @property
    def ok(self) -> bool:
        return not self.reason


def identity_check(body: str) -> str:
    """The 18th character for the first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_IDENTITY_WEIGHTS, body, strict=True))
    return _IDENTITY_CHECKS[total % 11]


def lengthen(number: str) -> str:
    """The 18-character form of a 15-digit identity number."""
    century = "18" if number[12:] in _CENTENARIAN_SEQUENCES else "19"
    body = f"{number[:6]}{century}{number[6:]}"
    return body + identity_check(body)


def read_identity(text: str, *, divisions: Container[str], on: date | None = None) -> IdentityReading:
    """Read an old or new identity number; `divisions` are all codes ever in force, not today's."""
    number = clean_identifier(text)
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        number = lengthen(number)
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return IdentityReading(number, "应为 18 位（末位可为 X）或 15 位数字")
    division, birth_on = number[:6], _date_of(number[6:14])
    reason = _identity_fault(number, birth_on, division in divisions or division in RESIDENCE_DIVISIONS, on)
    return IdentityReading(number, reason, division, birth_on, "1" if int(number[16]) % 2 else "2")


def _identity_fault(number: str, birth_on: date | None, known_division: bool, on: date | None) -> str:
    if not known_division:
        return f"前六位 {number[:6]} 从未是行政区划代码"
    if birth_on is None:
        return f"第 7–14 位 {number[6:14]} 不是日期"
    if on is not None and birth_on > on:
        return f"出生日期 {birth_on} 晚于今天"
    expected = identity_check(number[:17])
    return "" if number[17] == expected else f"校验码应为 {expected}，实为 {number[17]}"


def _date_of(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CreditReading:
    """What a unified social credit code says; `reason` is empty when it is valid."""

    code: str
    reason: str = ""
    registrar: str = ""
    category: str = ""
    division: str = ""
    organisation: str = ""

    @property
    def ok(self) -> bool:
        return not self.reason


def credit_check(body: str) -> str:
    """The 18th character for the first 17 (GB 32100)."""
    total = sum(pow(3, place, 31) * _CREDIT_ALPHABET.index(sign) for place, sign in enumerate(body))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def read_credit_code(text: str) -> CreditReading:
    """Read a unified social credit code."""
    code = clean_identifier(text)
    if len(code) != 18:
        return CreditReading(code, "应为 18 位")
    strange = next((sign for sign in code if sign not in _CREDIT_ALPHABET), "")
    if strange:
        return CreditReading(code, f"不能含有 {strange}（字母 I、O、S、V、Z 不用）")
    expected = credit_check(code[:17])
    reason = "" if code[17] == expected else f"校验码应为 {expected}，实为 {code[17]}"
    return CreditReading(code, reason, code[0], code[1], code[2:8], code[8:17])
