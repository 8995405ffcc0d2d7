"""Check digits for the school's own numbers."""

from __future__ import annotations

_MOD11 = "0123456789X"


def luhn_check(body: str) -> str:
    """The Luhn digit."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(_digits(body))))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def mod11_2_check(body: str) -> str:
    """ISO 7064 MOD 11-2, which finds every single wrong digit and every swap of neighbours."""
    remainder = 0
    for digit in _digits(body):
        remainder = (remainder + int(digit)) * 2 % 11
    return _MOD11[(12 - remainder) % 11]


def _digits(body: str) -> str:
    """Letters count as their base-36 value, dashes and the like not at all."""
    return "".join(str(int(sign, 36)) for sign in body if sign.isalnum())
