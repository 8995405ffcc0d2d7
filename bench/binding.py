"""LDAP binds a second: the whole server in a process of its own, asked over loopback by asyncio connections."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher, Type
from django.conf import settings
from django.utils import timezone
from ldaptor.protocols import pureldap
from logins import PASSWORD, THREADS, make_accounts, rate

from yanta.kernel.identity import hashing
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.processes import free_port
from yanta.sso.applications.models import Application, Decision
from yanta.sso.ldap.models import Door

SECONDS, CONNECTIONS = 8.0, 16
BUSY, BUSY_PAUSE = 51, 0.5
APP = "bench"


def run(*, address: str) -> dict[str, Any]:
    """Binds of 200 people over and over: the first of each pays Argon2, the others the keyed verifier."""
    names = make_accounts()
    Account.objects.filter(username__in=names).update(password_changed_at=timezone.now())
    _register()
    port = free_port()
    command = [sys.executable, "-m", "yanta.config.cli", "sso", "ldap", "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "YANTA_DATABASE_URL": address})
    try:
        _wait(port, server)
        dns = [f"uid={name},ou=people,o={APP},{settings.LDAP_BASE}" for name in names]
        first = asyncio.run(_drive(port, dns, once=True))
        before = _processor_of(server.pid)
        rest = asyncio.run(_drive(port, dns))
        processor = _processor_of(server.pid) - before
    finally:
        server.terminate()
        server.wait(30)
    hashes = _bare_hashes()
    return {
        "repeated_per_second": round(rest["rate"], 1), "repeated_per_processor_second": round(rest["done"] / processor, 1),
        "first_per_second": round(first["rate"], 1),
        "hashes_per_second": round(hashes, 1), "repeated_per_hash": round(rest["rate"] / hashes, 1),
        "first_per_hash": round(first["rate"] / hashes, 3), "load": os.getloadavg()[0],
        "wrong_answers": first["wrong"] + rest["wrong"], "busy_answers": first["busy"] + rest["busy"],
        "connections": CONNECTIONS, "accounts": len(names),
        "binds_asked": sum(one["done"] + one["busy"] for one in (first, rest)), "binds_logged": Decision.objects.filter(protocol="ldap", step="bind").count(),
        "p99_ms": round(rest["p99"] * 1000, 2),
    }  # fmt: skip


def _processor_of(pid: int) -> float:
    """Seconds of processor that a process has used so far; the figure that other work on the machine changes least."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bare_hashes() -> float:
    """What the machine can hash in the same minute, and nothing else."""
    bare = PasswordHasher(
        time_cost=hashing.PASSES, memory_cost=hashing.MEMORY_KIB, parallelism=1, type=Type.ID
    )
    stored = bare.hash(PASSWORD)
    with ThreadPoolExecutor(THREADS) as pool:
        return rate(pool, lambda _: bare.verify(stored, PASSWORD))


def _register() -> None:
    unit = OrgUnit.add_root(code="B001", name="信息中心", kind="office")
    app = Application.objects.create(
        code=APP, name="压测", summary="压测", home_url="http://127.0.0.1/", owner=unit, contact_words="8001",
        state=Application.State.ACTIVE, audience=Application.Audience.EVERYONE,
    )  # fmt: skip
    Door.objects.create(application=app)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError("the LDAP server ended")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the LDAP server does not answer")


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bind: bytes) -> int:
    """The result code; -1 for what is no answer to a bind."""
    writer.write(bind)
    head = await reader.readexactly(2)
    body = await reader.readexactly(head[1])
    # SEQUENCE { id, [APPLICATION 1] { ENUMERATED resultCode …
    return body[7] if body[3] == 0x61 else -1


async def _drive(port: int, dns: list[str], *, once: bool = False) -> dict[str, Any]:
    """Each connection binds as its own share of the people, one after the other, and waits for each answer.

    A busy answer is no wrong one: as a client should, it asks again after a pause, and the bind is counted once it succeeds.
    """
    took: list[float] = []
    wrong = busy = 0
    began = time.monotonic()
    until = began + SECONDS

    async def connection(number: int) -> None:
        nonlocal wrong, busy
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = [pureldap.LDAPMessage(pureldap.LDAPBindRequest(dn=dn, auth=PASSWORD), id=1).toWire() for dn in dns[number::CONNECTIONS]]  # fmt: skip
        turn = 0
        while turn < len(asked) if once else time.monotonic() < until:
            sent = time.perf_counter()
            while (code := await _asked(reader, writer, asked[turn % len(asked)])) == BUSY:
                busy += 1
                await asyncio.sleep(BUSY_PAUSE)
            took.append(time.perf_counter() - sent)
            wrong += code != 0
            turn += 1
        writer.close()

    await asyncio.gather(*(connection(number) for number in range(CONNECTIONS)))
    spent = time.monotonic() - began
    took.sort()
    return {
        "rate": len(took) / spent,
        "done": len(took),
        "wrong": wrong,
        "busy": busy,
        "p99": took[int(len(took) * 0.99) - 1],
    }
