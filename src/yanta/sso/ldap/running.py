"""One process that answers LDAP until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import ssl

from yanta.sso.ldap.binding import Binder, base_dn
from yanta.sso.ldap.journal import Journal
from yanta.sso.ldap.serving import Server


def tls_of(certificate: str, key: str) -> ssl.SSLContext | None:
    """TLS 1.2 or newer; None without a certificate."""
    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key or None)
    return context


def serve(*, host: str, port: int, secure_port: int, certificate: str, key: str, plain: bool) -> None:
    """Raises `OSError` when it cannot listen, `ssl.SSLError` (one of them) when the certificate is unfit."""
    journal = Journal()
    server = Server(Binder(base_dn()), journal, tls_of(certificate, key), plain)
    if secure_port and server.tls is None:
        raise OSError("LDAPS wants a certificate")
    journal.start()
    try:
        asyncio.run(_until_told(server, host, port, secure_port))
    finally:
        journal.stop()


async def _until_told(server: Server, host: str, port: int, secure_port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listening = [await server.serve(host, port)] if port else []
    if secure_port:
        listening.append(await server.serve(host, secure_port, secure=True))
    await stop.wait()
    for one in listening:
        one.close()
