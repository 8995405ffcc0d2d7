"""Accounts that are signed and chained: the one way in which the hub proves what a run did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from yanta.kernel.base import ciphers, signatures


@dataclass(frozen=True, slots=True)
class Signed:
    """What stands under an account."""

    previous: str
    digest: str
    signature: str


def digest_of(document: dict[str, Any], previous: str) -> str:
    """SM3 over the account and the digest of the one before."""
    return ciphers.sm3_hex(orjson.dumps([document, previous], option=orjson.OPT_SORT_KEYS))


def signed(document: dict[str, Any], previous: str) -> Signed:
    digest = digest_of(document, previous)
    return Signed(previous, digest, signatures.sign(digest.encode()).as_text())


def is_ours(digest: str, signature: str) -> bool:
    """Whether this installation signed the digest, with its present key or an earlier one."""
    try:
        given = signatures.Signature.from_text(signature)
    except ValueError:
        return False
    return signatures.verify_own(digest.encode(), given)


def faults(
    document: dict[str, Any], *, previous: str, expected: str, digest: str, is_signed: bool
) -> list[str]:
    """What is wrong with an account, in words; empty when it stands."""
    found = []
    if digest_of(document, previous) != digest:
        found.append("对账单内容与摘要不符，内容被改动过")
    if not is_signed:
        found.append("签名不符，不是本系统签发")
    if expected != previous:
        found.append("与上一份对账单连不上，中间的被删改过")
    return found
