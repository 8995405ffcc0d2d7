"""Sealing of sensitive values at rest, and the digests of evidence.

A sealed value is `generation(1) algorithm(1) nonce(12) ciphertext tag(16)`: the generation of the data key
(`datakeys`), then 1 for AES-256-GCM or 2 for SM4-GCM (GB/T 32907-2016), chosen by YANTA_CIPHER for new values; old
ones stay readable. The blind index is a keyed digest (HMAC-SHA256 or HMAC-SM3, 16 bytes), always under the first
generation: equal values meet, nothing else can be told from it.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from yanta.kernel.base import datakeys

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

AES, SM4 = 1, 2
SHORTEST_SEAL = 2 + 12 + 16
INDEX_BYTES = 16


class UnreadableError(ValueError):
    """A sealed value was changed, or sealed with another key."""


@cache
def _key(purpose: str, length: int, secret: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=length, salt=b"yanta", info=purpose.encode())
    return derive.derive(secret.encode())


@cache
def _aes_of(secret: str) -> AESGCM:
    return AESGCM(_key("seal-aes", 32, secret))


def _aes(generation: int) -> AESGCM:
    return _aes_of(datakeys.secret_of(generation))


def _sm4(generation: int) -> algorithms.SM4:
    return algorithms.SM4(_key("seal-sm4", 16, datakeys.secret_of(generation)))


def _sm4_seal(generation: int, nonce: bytes, text: bytes) -> bytes:
    encryptor = Cipher(_sm4(generation), modes.GCM(nonce)).encryptor()
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag


def _sm4_unseal(generation: int, nonce: bytes, body: bytes) -> bytes:
    mode = modes.GCM(nonce, body[-16:])
    decryptor = Cipher(_sm4(generation), mode).decryptor()
    return decryptor.update(body[:-16]) + decryptor.finalize()


def is_national() -> bool:
    """Whether new values use the national ciphers."""
    return bool(settings.YANTA_CIPHER == "sm4")


def seal(text: str) -> bytes:
    """The value, unreadable without the key; twice the same value gives two different seals."""
    nonce, generation = os.urandom(12), datakeys.current()
    if is_national():
        return bytes((generation, SM4)) + nonce + _sm4_seal(generation, nonce, text.encode())
    return bytes((generation, AES)) + nonce + _aes(generation).encrypt(nonce, text.encode(), None)


def seal_many(texts: Sequence[str]) -> list[bytes]:
    """`seal` for a whole column: the random bytes come in one draw, nothing is looked up twice."""
    if is_national():
        return [seal(text) for text in texts]
    generation = datakeys.current()
    encrypt, head = _aes(generation).encrypt, bytes((generation, AES))
    draw = os.urandom(12 * len(texts))
    nonces = (draw[start : start + 12] for start in range(0, len(draw), 12))
    return [
        head + nonce + encrypt(nonce, text.encode(), None) for nonce, text in zip(nonces, texts, strict=True)
    ]


def unseal(sealed: bytes) -> str:
    """The value again; raises `UnreadableError` when it was tampered with."""
    nonce, body = sealed[2:14], sealed[14:]
    try:
        if sealed[1] == SM4:
            return _sm4_unseal(sealed[0], nonce, body).decode()
        return _aes(sealed[0]).decrypt(nonce, body, None).decode()
    except (InvalidTag, IndexError, ValueError) as error:
        raise UnreadableError("加密的数据无法解开：密钥不符或数据被改动") from error


@lru_cache(maxsize=1)
def _index_key() -> bytes:
    return _key("blind-index", 32, str(settings.YANTA_DATA_KEY))


def blind_index(text: str) -> bytes:
    """16 bytes that are equal for equal values and tell nothing else."""
    if is_national():
        digest = HMAC(_index_key(), hashes.SM3())
        digest.update(text.encode())
        return digest.finalize()[:INDEX_BYTES]
    return hmac.digest(_index_key(), text.encode(), "sha256")[:INDEX_BYTES]


def blind_index_many(texts: Sequence[str]) -> list[bytes]:
    """`blind_index` for a whole column; the key is worked in once, which is most of the cost."""
    if is_national():
        return [blind_index(text) for text in texts]
    block = _index_key().ljust(64, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in block))
    outer = sha256(bytes(byte ^ 0x5C for byte in block))
    return [_hmac(inner.copy(), outer.copy(), text.encode()) for text in texts]


def _hmac(inner: Hash, outer: Hash, message: bytes) -> bytes:
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()[:INDEX_BYTES]


def generation_of(sealed: bytes) -> int:
    """Under which generation of the data key a value was sealed."""
    return sealed[0]


def sm3(content: bytes) -> bytes:
    """SM3 digest (GB/T 32905-2016), 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


def sm3_hex(content: bytes) -> str:
    return sm3(content).hex()
