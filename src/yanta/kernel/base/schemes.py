"""The two ways of signing, over raw keys; `signatures` says whose keys they are."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from gmssl import sm2

from yanta.kernel.base import ciphers


class Scheme(Protocol):
    """A way of signing."""

    def new_pair(self) -> tuple[bytes, str]:
        """Private half, and the public one as PEM."""

    def raw(self, pem: str) -> bytes:
        """The key's own bytes; raises `ValueError` when it is no such key."""

    def sign(self, private: bytes, data: bytes) -> bytes: ...

    def verify(self, public: bytes, data: bytes, value: bytes) -> bool: ...


def of(algorithm: str) -> Scheme:
    """Raises `ValueError` for one we do not know."""
    try:
        return _SCHEMES[algorithm]
    except KeyError:
        raise ValueError(f"不认识的签名算法 {algorithm}") from None


class Ed25519Scheme:
    """RFC 8032."""

    def new_pair(self) -> tuple[bytes, str]:
        key = Ed25519PrivateKey.generate()
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return key.private_bytes_raw(), pem.decode()

    def raw(self, pem: str) -> bytes:
        try:
            key = load_pem_public_key(pem.encode())
        except UnsupportedAlgorithm as error:
            raise ValueError("不是 Ed25519 公钥") from error
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("不是 Ed25519 公钥")
        return key.public_bytes_raw()

    def sign(self, private: bytes, data: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(private).sign(data)

    def verify(self, public: bytes, data: bytes, value: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(value, data)
        except InvalidSignature:
            return False
        return True


class SM2Scheme:
    """GB/T 32918.2 over the recommended curve, digest SM3, the standard's default identity.

    Only the arithmetic of the curve is gmssl's: its own random numbers are not made for keys, its digest takes
    seconds for a megabyte, and it strips leading zeros and fours off public keys.
    """

    _TABLE = sm2.default_ecc_table
    _ORDER = int(_TABLE["n"], 16)
    _HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    _IDENTITY = b"1234567812345678"

    def new_pair(self) -> tuple[bytes, str]:
        secret = secrets.randbelow(self._ORDER - 2) + 1
        public = self._curve()._kg(secret, self._TABLE["g"])
        return secret.to_bytes(32, "big"), self.pem(bytes.fromhex(public))

    def pem(self, public: bytes) -> str:
        body = b64encode(self._HEAD + public).decode()
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])

    def raw(self, pem: str) -> bytes:
        lines = pem.strip().splitlines()
        if (
            len(lines) < 3
            or lines[0] != "-----BEGIN PUBLIC KEY-----"
            or lines[-1] != "-----END PUBLIC KEY-----"
        ):
            raise ValueError("不是公钥")
        content = b64decode("".join(lines[1:-1]), validate=True)
        head, public = content[: len(self._HEAD)], content[len(self._HEAD) :]
        if head != self._HEAD or len(public) != 64 or not self._is_on_curve(public):
            raise ValueError("不是 SM2 公钥")
        return public

    def sign(self, private: bytes, data: bytes) -> bytes:
        public = self._curve()._kg(int.from_bytes(private, "big"), self._TABLE["g"])
        digest = self.digest(bytes.fromhex(public), data)
        while True:
            draw = secrets.randbelow(self._ORDER - 1) + 1
            value = self.sign_with(private, digest, draw)
            if value is not None:
                return value

    def sign_with(self, private: bytes, digest: bytes, draw: int) -> bytes | None:
        """The signature for one random number; None when the standard says to draw again."""
        value = self._curve(private=private).sign(digest, f"{draw:064x}")
        return bytes.fromhex(value) if value else None

    def verify(self, public: bytes, data: bytes, value: bytes) -> bool:
        if len(value) != 64 or not all(
            0 < int.from_bytes(half, "big") < self._ORDER for half in (value[:32], value[32:])
        ):
            return False
        try:
            return bool(self._curve(public=public).verify(value.hex(), self.digest(public, data)))
        except TypeError:  # gmssl says None for the point at infinity
            return False

    def digest(self, public: bytes, data: bytes) -> bytes:
        """SM3 over the signer's identity, curve and key, then over the message."""
        identity = (len(self._IDENTITY) * 8).to_bytes(2, "big") + self._IDENTITY
        curve = bytes.fromhex(self._TABLE["a"] + self._TABLE["b"] + self._TABLE["g"])
        return ciphers.sm3(ciphers.sm3(identity + curve + public) + data)

    def _curve(self, *, private: bytes = b"", public: bytes = b"") -> sm2.CryptSM2:
        curve = sm2.CryptSM2(private_key=private.hex(), public_key="")
        curve.public_key = public.hex()
        return curve

    def _is_on_curve(self, public: bytes) -> bool:
        prime, a, b = (int(self._TABLE[name], 16) for name in ("p", "a", "b"))
        x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
        return x < prime and y < prime and (y * y - (x**3 + a * x + b)) % prime == 0


_SCHEMES: dict[str, Scheme] = {"ed25519": Ed25519Scheme(), "sm2": SM2Scheme()}
