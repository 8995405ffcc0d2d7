"""Log rows as JSON and as syslog (RFC 5424), and the ways to a receiver."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

from django.conf import settings

from yanta.kernel.identity.trail.logs import Log

SECONDS = 10.0
FACILITY = 10  # security and authorisation
INFO, WARNING = 6, 4
# A receiver must take 480 bytes and should take 2048 (RFC 5424, 6.1); longer texts of a row are cut to fit.
LONGEST_TEXT = 300


class NotDeliveredError(Exception):
    """The receiver did not take it, or nobody knows whether it did; it is sent again."""


def told(log: Log, row: Any) -> dict[str, Any]:
    """One row as every form of export tells it."""
    return {"log": log.name, "id": row.pk, "at": row.at.astimezone(UTC).isoformat(), **log.told(row)}


def as_json(log: Log, row: Any) -> str:
    return json.dumps(told(log, row), ensure_ascii=False)


def as_syslog(log: Log, row: Any, *, host: str) -> bytes:
    """One message; the text is JSON in plain ASCII, so that every receiver reads it alike."""
    severity = INFO if row.outcome in log.quiet else WARNING
    instant = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    fields = {
        name: value[:LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in told(log, row).items()
    }
    text = json.dumps(fields, ensure_ascii=True, separators=(",", ":"))
    return f"<{FACILITY * 8 + severity}>1 {instant} {host} yanta - {log.name} - {text}".encode("ascii")


def own_host() -> str:
    """Who sends: the host of the installation's address."""
    host: str = settings.SITE_ADDRESS.partition("://")[2].partition("/")[0].rpartition(":")[0]
    return host.encode("ascii", "ignore").decode()[:255] or "-"


def deliver(messages: Sequence[bytes], *, transport: str, host: str, port: int, authority: str = "") -> None:
    """Returns when the receiver has taken all of it (UDP cannot tell); raises `NotDeliveredError` otherwise."""
    try:
        if transport == "udp":
            _by_datagrams(messages, host, port)
        else:
            _by_stream(messages, host, port, _context(authority) if transport == "tls" else None)
    except (OSError, ValueError) as error:
        raise NotDeliveredError(f"{type(error).__name__}: {error}"[:200]) from error


def _by_datagrams(messages: Iterable[bytes], host: str, port: int) -> None:
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as line:
        line.connect(address)
        for message in messages:
            line.send(message)


def _by_stream(messages: Sequence[bytes], host: str, port: int, context: ssl.SSLContext | None) -> None:
    """Syslog has no answer; that the other end closes after our end of stream is the proof that it read it all."""
    with socket.create_connection((host, port), timeout=SECONDS) as plain:
        line = context.wrap_socket(plain, server_hostname=host) if context else plain
        with line:
            for message in messages:
                line.sendall(b"%d %s" % (len(message), message))
            if isinstance(line, ssl.SSLSocket):
                _say_goodbye(line)
            else:
                line.shutdown(socket.SHUT_WR)
                while line.recv(4096):
                    pass


def _say_goodbye(line: ssl.SSLSocket) -> None:
    """Our close is answered by theirs; some receivers hang up without one, which comes after reading all the same."""
    with suppress(ssl.SSLZeroReturnError, ssl.SSLEOFError):
        line.unwrap()


def _context(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
