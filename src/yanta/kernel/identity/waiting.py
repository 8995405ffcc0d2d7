"""What somebody brought to the door while there was a line: kept sealed in their own browser until their turn."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import asdict, dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yanta.kernel.base import ciphers

COOKIE = "yanta_waiting"
PATH = "/sign-in/"
# Beyond its turn it is good for a minute more: a browser may be slow, a forgotten one is no key.
GRACE_SECONDS = 60
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Waited:
    """Name and password as typed, where to go, and the moment (of the clock) of one's turn; 0 when none was given."""

    login: str
    password: str
    remembered: bool = False
    onward: str = "/"
    turn: float = 0.0


def keep(answer: HttpResponse, brought: Waited, seconds: int) -> None:
    """Nothing is stored here: only this installation opens the seal, only this browser has it, and not for long."""
    cut = {
        name: value[:LONGEST] if isinstance(value, str) else value for name, value in asdict(brought).items()
    }
    sealed = base64.urlsafe_b64encode(ciphers.seal(json.dumps(cut))).decode()
    answer.set_cookie(
        COOKIE, sealed, max_age=seconds + GRACE_SECONDS, path=PATH, httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def read(request: HttpRequest) -> Waited | None:
    """What was brought before; None when there is nothing, or its time is over."""
    try:
        kept = json.loads(ciphers.unseal(base64.urlsafe_b64decode(request.COOKIES[COOKIE])))
        found = Waited(**kept)
    except (KeyError, ValueError, TypeError):
        return None
    return found if found.turn > time.time() - GRACE_SECONDS else None


def forget(answer: HttpResponse) -> None:
    answer.delete_cookie(COOKIE, path=PATH, samesite="Strict")
