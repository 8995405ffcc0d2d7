"""What a password must be, how long a session lasts, when failures stop the next attempt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

SHORTEST = 10
LONGEST = 128
KINDS_NEEDED = 3
REMEMBERED_PASSWORDS = 5
# A long phrase needs no odd characters: length is the better protection.
PHRASE_LENGTH = 16

FAILURES_OF_NAME = 5
FAILURES_OF_ADDRESS = 200
FAILURES_COUNT_FOR = timedelta(minutes=15)
LOCKED_OUT_FOR = timedelta(minutes=15)

CODE_VALID_FOR = timedelta(hours=24)
TOKEN_LONGEST = timedelta(days=366)

_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """A session ends after `idle` without a request, and in any case after `longest`."""

    idle: timedelta
    longest: timedelta


ORDINARY = SessionTerms(idle=timedelta(hours=2), longest=timedelta(hours=12))
REMEMBERED = SessionTerms(idle=timedelta(days=7), longest=timedelta(days=30))
UNFINISHED = SessionTerms(idle=timedelta(minutes=30), longest=timedelta(hours=2))


def session_terms(*, signed_in: bool, remembered: bool, guarded: bool) -> SessionTerms:
    """A remembered device stays signed in, but never one whose owner's role demands a second factor."""
    if not signed_in:
        return UNFINISHED
    return REMEMBERED if remembered and not guarded else ORDINARY


@cache
def common_passwords() -> frozenset[str]:
    """The most common leaked passwords, Chinese habits among them, in lower case."""
    text = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def weakness_of(password: str, *, known: Iterable[str] = (), born: date | None = None) -> str | None:
    """Why this password is too weak for the person of whom these names and numbers are known, or None."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 位，现在是 {len(password)} 位"
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 位"
    kinds = sum(bool(re.search(kind, password)) for kind in _KINDS)
    if len(password) < PHRASE_LENGTH and kinds < KINDS_NEEDED:
        return f"请混用大写字母、小写字母、数字和符号中的至少三种，或用 {PHRASE_LENGTH} 位以上的长句"
    if _is_common(password):
        return "这个密码太常见，很容易被猜中，请换一个"
    return _tells_about(password, known=known, born=born)


def _is_common(password: str) -> bool:
    """Common as it stands, without its decoration, or one pattern over and over."""
    lower = password.lower()
    bare = re.sub(r"[^a-z0-9]", "", lower)
    stem = re.sub(r"[0-9]+$", "", bare)
    found = not common_passwords().isdisjoint({lower, bare, stem} - {""})
    return found or len(set(lower)) < 4 or bool(re.fullmatch(r"(.{1,4})\1+", lower))


def _tells_about(password: str, *, known: Iterable[str], born: date | None) -> str | None:
    lower = password.lower()
    if any(len(word) >= 3 and word.lower() in lower for word in known):
        return "密码不能包含您的登录名、学号工号、姓名或证件号码"
    if born and any(born.strftime(form) in lower for form in ("%Y%m%d", "%y%m%d", "%d%m%Y")):
        return "密码不能包含您的生日"
    return None


def lockout_until(*, failures: int, limit: int, at: datetime) -> datetime | None:
    """Until when the next attempt is refused: each further series waits twice as long, up to a day."""
    if failures < limit or failures % limit:
        return None
    rounds = failures // limit - 1
    return at + min(LOCKED_OUT_FOR * 2**rounds, timedelta(days=1))
