"""OpenLDAP of the distribution: an instance of its own in a folder, on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3

from tests.doors.apache import NotToBeHad
from yanta.kernel.testing.processes import free_port

BASE, ADMIN, SECRET = "dc=campus,dc=example", "cn=admin,dc=campus,dc=example", "of-the-directory-of-their-own"
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
sizelimit unlimited
database mdb
maxsize 268435456
suffix "{base}"
rootdn "{admin}"
rootpw {secret}
directory {folder}/data
"""


@dataclass(frozen=True, slots=True)
class Slapd:
    """Where it listens."""

    port: int

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def line(self) -> ldap3.Connection:
        return ldap3.Connection(ldap3.Server(self.url), ADMIN, SECRET, auto_bind=True, receive_timeout=60)

    def entries(self, condition: str = "(objectClass=inetOrgPerson)") -> dict[str, dict[str, list[Any]]]:
        with self.line() as line:
            found = line.extend.standard.paged_search(
                BASE, condition, attributes=["*", "entryCSN"], paged_size=200, generator=False
            )
            return {one["dn"]: dict(one["attributes"]) for one in found}


def slapd_here() -> Path:
    """The binary; raises `NotToBeHad`."""
    found = Path("/usr/sbin/slapd")
    if not os.access(found, os.X_OK) or not Path("/etc/ldap/schema/inetorgperson.schema").is_file():
        raise NotToBeHad("no slapd with its schemas")
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Slapd]:
    binary, port = slapd_here(), free_port()
    (folder / "data").mkdir()
    text = CONFIGURATION.format(folder=folder, base=BASE, admin=ADMIN, secret=SECRET)
    (folder / "slapd.conf").write_text(text, "utf-8")
    command = [str(binary), "-f", str(folder / "slapd.conf"), "-h", f"ldap://127.0.0.1:{port}", "-d", "0"]
    process = subprocess.Popen(command)
    try:
        made = Slapd(port)
        _wait(made, process)
        with made.line() as line:
            assert line.add(BASE, ["dcObject", "organization"], {"dc": "campus", "o": "Campus"}), line.result
        yield made
    finally:
        process.terminate()
        process.wait(30)


def _wait(made: Slapd, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "slapd ended"
        try:
            socket.create_connection(("127.0.0.1", made.port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("slapd does not answer")
