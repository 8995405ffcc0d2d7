"""Person numbers: for life, never reused, with a check digit."""

from __future__ import annotations

import re

WIDTH = 8
_NUMBER = re.compile(rf"P\d{{{WIDTH}}}\d")


def check_digit(digits: str) -> str:
    """ISO/IEC 7064 MOD 11-10 over decimal digits."""
    product = 10
    for digit in digits:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def person_number(serial: int) -> str:
    """`P00000017` and its check digit."""
    digits = f"{serial:0{WIDTH}d}"
    return f"P{digits}{check_digit(digits)}"


def is_person_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and check_digit(text[1:-1]) == text[-1]
