"""Pure rules of codes and numbers: no database, no clock."""

from yanta.kernel.codes.rules.comparison import Comparison, compare
from yanta.kernel.codes.rules.identity import (
    CreditReading,
    IdentityReading,
    credit_check,
    identity_check,
    lengthen,
    read_credit_code,
    read_identity,
)
from yanta.kernel.codes.rules.numbers import Pattern, scope_key
from yanta.kernel.codes.rules.tables import CodeTable, Entry, Validated, fold

__all__ = [
    "CodeTable",
    "Comparison",
    "CreditReading",
    "Entry",
    "IdentityReading",
    "Pattern",
    "Validated",
    "compare",
    "credit_check",
    "fold",
    "identity_check",
    "lengthen",
    "read_credit_code",
    "read_identity",
    "scope_key",
]
