"""Password logins a second beside what the bare hash allows, by as many threads as there are cores."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from argon2 import PasswordHasher, Type
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.middleware.csrf import get_token
from django.test import RequestFactory

from yanta.kernel.identity import hashing
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person

PASSWORD = "a-long-enough-Pass-2026"
ACCOUNTS, SECONDS, ROUNDS = 200, 4.0, 3
# More threads than cores, as in the web server: while one waits for the disk, another hashes.
THREADS = 2 * (os.cpu_count() or 2)
Work = Callable[[int], Any]


def run(*, address: str) -> dict[str, Any]:
    """Whole sign-ins (CSRF, lockout, hash, log, session) against verifying the same hash and nothing else."""
    bare = PasswordHasher(
        time_cost=hashing.PASSES, memory_cost=hashing.MEMORY_KIB, parallelism=1, type=Type.ID
    )
    stored = bare.hash(PASSWORD)
    sign_in = sign_in_of(make_accounts())
    # In short turns, so that both meet the same machine; threads and their connections stand, as in the server.
    with ThreadPoolExecutor(THREADS) as pool:
        rate(pool, sign_in, seconds=1.0)
        turns = [
            (rate(pool, lambda _: bare.verify(stored, PASSWORD)), rate(pool, sign_in)) for _ in range(ROUNDS)
        ]
        rate(pool, lambda _: connection.close(), seconds=0.1)
    hashes, logins = (sum(rates) / ROUNDS for rates in zip(*turns, strict=True))
    return {
        "ratio": round(logins / hashes, 3),
        "logins_per_second": round(logins, 1),
        "hashes_per_second": round(hashes, 1),
        "threads": THREADS,
        "hash": f"argon2id m={hashing.MEMORY_KIB} KiB t={hashing.PASSES} p=1",
    }


def make_accounts() -> list[str]:
    password = make_password(PASSWORD)
    names = [f"bench{number:04d}" for number in range(ACCOUNTS)]
    for number, name in enumerate(names):
        person = Person.objects.create(number=f"B{number:08d}", name="测")
        Account.objects.create(username=name, person=person, name="测", state="active", password=password)
    return names


def sign_in_of(names: list[str]) -> Work:
    """What the web server calls, middleware and all; each turn from another address, like a whole school."""
    application, csrf = get_wsgi_application(), _csrf_token()

    def once(turn: int) -> None:
        form = {"login": names[turn % len(names)], "password": PASSWORD, "csrfmiddlewaretoken": csrf}
        environ = _environ(urlencode(form).encode(), csrf)
        environ["REMOTE_ADDR"] = f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"
        answered: list[str] = []
        for _ in application(environ, lambda status, headers: answered.append(status)):
            pass
        assert answered[0].startswith("302"), answered

    return once


def _csrf_token() -> str:
    return str(get_token(RequestFactory().get("/sign-in/")))[:32]


def _environ(body: bytes, csrf: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/sign-in/", "SCRIPT_NAME": "", "QUERY_STRING": "",
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1", "HTTP_ORIGIN": "http://127.0.0.1",
        "HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0",
        "HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}={csrf}",
        "wsgi.input": BytesIO(body), "wsgi.errors": BytesIO(), "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def rate(pool: ThreadPoolExecutor, work: Work, *, seconds: float = SECONDS) -> float:
    """How often a second all threads together do it."""
    began = time.monotonic()

    def drive(thread: int) -> int:
        done = 0
        while time.monotonic() < began + seconds:
            work(thread + THREADS * done)
            done += 1
        return done

    done = sum(pool.map(drive, range(THREADS)))
    return done / (time.monotonic() - began)
