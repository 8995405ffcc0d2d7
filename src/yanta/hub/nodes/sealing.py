"""Bytes that lie in a queue hold people's numbers, so they are sealed like any other such value."""

from __future__ import annotations

from base64 import b64decode, b64encode

from yanta.kernel.base import ciphers


def seal(content: bytes) -> bytes:
    return ciphers.seal(b64encode(content).decode())


def unseal(sealed: bytes | memoryview) -> bytes:
    return b64decode(ciphers.unseal(bytes(sealed)))


def masked(text: str) -> str:
    """Enough to recognise a number by, not enough to use it."""
    return text if len(text) < 8 else f"{text[:4]}{'*' * (len(text) - 6)}{text[-2:]}"
