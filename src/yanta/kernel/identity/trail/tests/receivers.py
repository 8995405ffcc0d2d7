"""A receiver of syslog as outside software is one: reads until the sender ends, then hangs up."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Received:
    """What came in: messages by octet counting, in order."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.refusing = False
        self.port = 0

    def take(self, stream: bytes) -> None:
        while stream:
            length, _space, rest = stream.partition(b" ")
            self.messages.append(rest[: int(length)])
            stream = rest[int(length) :]


@contextmanager
def receiver(context: ssl.SSLContext | None = None):
    """Listens on loopback; `refusing` makes it hang up before it has read anything."""
    got, ending = Received(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        got.port = listening.getsockname()[1]
        listening.settimeout(0.1)

        def serve() -> None:
            while not ending.is_set():
                try:
                    line, _address = listening.accept()
                except TimeoutError:
                    continue
                _answer(line, context, got)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield got
        finally:
            ending.set()
            thread.join()


def _answer(line: socket.socket, context: ssl.SSLContext | None, got: Received) -> None:
    line.settimeout(5)
    try:
        if got.refusing:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
            return
        line = context.wrap_socket(line, server_side=True) if context else line
        stream = b""
        while part := line.recv(65536):
            stream += part
        got.take(stream)
        if isinstance(line, ssl.SSLSocket):
            line.unwrap()
    except OSError:
        return
    finally:
        line.close()


def certificate(folder) -> tuple[str, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that nobody but its holder trusts, and the receiver's side of it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "receiver.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "receiver.pem")
    return pem.decode(), context
