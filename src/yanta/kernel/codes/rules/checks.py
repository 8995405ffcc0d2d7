"""Check digits for the school's own numbers."""

from __future__ import annotations

_MOD11 = "0123456789X"


def luhn_check(body: str) -> str:
    """The Luhn digit; letters count as their base-36 value."""
    digits = "".join(str(int(sign, 36)) for sign in body)
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def mod11_2_check(body: str) -> str:
    """ISO 7064 MOD 11-2, which finds every single wrong digit and every swap of neighbours."""
    remainder = 0
    for digit in "".join(str(int(sign, 36)) for sign in body):
        remainder = (remainder + int(digit)) * 2 % 11
    return _MOD11[(12 - remainder) % 11]
