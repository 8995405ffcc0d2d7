"""Signatures of this installation, and proofs of those of others: Ed25519, or SM2 with SM3 (GB/T 32918).

The key pairs are files in `YANTA_SIGNING_KEYS` (by default beside the data key). A new pair is endorsed by the
one before, so whoever pinned an old public key can follow; the private half of an old pair is destroyed.
"""

from __future__ import annotations

import os
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import orjson
from django.conf import settings

from yanta.kernel.base import ciphers, schemes

ED25519, SM2 = "ed25519", "sm2"


@dataclass(frozen=True)
class Signature:
    """Who signed, how, and the value (base64)."""

    algorithm: str
    key_id: str
    value: str

    def as_text(self) -> str:
        return f"{self.algorithm}:{self.key_id}:{self.value}"

    @classmethod
    def from_text(cls, text: str) -> Signature:
        """Raises `ValueError` unless it is what `as_text` writes."""
        algorithm, key_id, value = text.split(":")
        return cls(algorithm, key_id, value)


@dataclass(frozen=True)
class PublicKey:
    """One public key; `key_id` is drawn from the key itself, so it cannot be borrowed."""

    algorithm: str
    key_id: str
    pem: str

    @classmethod
    def from_pem(cls, algorithm: str, pem: str) -> PublicKey:
        """Raises `ValueError` when it is no key of that kind."""
        raw = schemes.of(algorithm).raw(pem)
        return cls(algorithm, _key_id(algorithm, raw), pem)


@dataclass(frozen=True)
class Endorsement:
    """An old key's word for the one that follows it."""

    old_key_id: str
    key: PublicKey
    signature: Signature


def sign(data: bytes) -> Signature:
    """Sign with the installation's present key."""
    return _signed(data, _present())


def verify(data: bytes, signature: Signature, public_key: PublicKey) -> bool:
    """Whether that key signed exactly these bytes."""
    if (signature.algorithm, signature.key_id) != (public_key.algorithm, public_key.key_id):
        return False
    try:
        scheme = schemes.of(public_key.algorithm)
        raw = scheme.raw(public_key.pem)
        value = b64decode(signature.value, validate=True)
    except ValueError:
        return False
    return _key_id(public_key.algorithm, raw) == public_key.key_id and scheme.verify(raw, data, value)


def own_key() -> PublicKey:
    """The public half of the present key pair; made on first use."""
    return _public(_present())


def own_keys() -> list[PublicKey]:
    """Every public key this installation ever signed with, the present one last."""
    _present()
    return [_public(path) for path in sorted(folder().glob("*.json"), key=_serial)]


def verify_own(data: bytes, signature: Signature) -> bool:
    """Whether this installation signed these bytes, now or with an earlier key."""
    return any(verify(data, signature, key) for key in own_keys() if key.key_id == signature.key_id)


def rotate() -> PublicKey:
    """Begin to sign with a new key pair; the old one endorses it and can sign nothing more."""
    old = _present()
    return _public(_succeed(old))


def endorsements_after(key_id: str) -> list[Endorsement]:
    """The chain that leads from an old key to the present one; empty when there is none."""
    chain = []
    for path in sorted(folder().glob("*.json"), key=_serial):
        kept = _read(path)
        if kept.get("endorsed_by") == key_id and "endorsement" in kept:
            step = Endorsement(key_id, _public(path), Signature.from_text(kept["endorsement"]))
            chain.append(step)
            key_id = step.key.key_id
    return chain


def follows(endorsement: Endorsement, known: PublicKey) -> bool:
    """Whether a key we trust vouches for the one that follows it."""
    if endorsement.old_key_id != known.key_id:
        return False
    return verify(_vow(endorsement.key), endorsement.signature, known)


def folder() -> Path:
    return Path(settings.YANTA_SIGNING_KEYS)


def _vow(key: PublicKey) -> bytes:
    return f"yanta key rollover\n{key.algorithm}\n{key.key_id}\n{key.pem}".encode()


def _key_id(algorithm: str, raw: bytes) -> str:
    return ciphers.sm3_hex(algorithm.encode() + b"\0" + raw)[:16]


def _serial(path: Path) -> int:
    return int(path.stem)


def _present() -> Path:
    """The file of the newest pair, of the algorithm the installation is told to use."""
    paths = sorted(folder().glob("*.json"), key=_serial)
    if not paths:
        return _make(1, endorser=None)
    if _read(paths[-1])["algorithm"] != settings.YANTA_SIGNATURE:
        return _succeed(paths[-1])
    return paths[-1]


def _succeed(old: Path) -> Path:
    made = _make(_serial(old) + 1, endorser=old)
    for path in folder().glob("*.json"):
        if _serial(path) < _serial(made):
            _without_private_half(path)
    return made


def _make(serial: int, *, endorser: Path | None) -> Path:
    """Write a new pair; concurrent first uses agree on one."""
    scheme = schemes.of(settings.YANTA_SIGNATURE)
    private, pem = scheme.new_pair()
    key = PublicKey.from_pem(settings.YANTA_SIGNATURE, pem)
    kept = {"algorithm": key.algorithm, "public": pem, "private": b64encode(private).decode()}
    if endorser is not None:
        kept |= {
            "endorsed_by": _public(endorser).key_id,
            "endorsement": _signed(_vow(key), endorser).as_text(),
        }
    path = folder() / f"{serial:04}.json"
    _place(path, kept)
    return path


def _place(path: Path, kept: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.touch(mode=0o600)
    draft.write_bytes(orjson.dumps(kept))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _without_private_half(path: Path) -> None:
    kept = {name: value for name, value in _read(path).items() if name != "private"}
    draft = path.with_name(f".{path.name}.{os.getpid()}.old")
    draft.touch(mode=0o600)
    draft.write_bytes(orjson.dumps(kept))
    draft.replace(path)
    _private.cache_clear()


def _read(path: Path) -> dict[str, str]:
    kept: dict[str, str] = orjson.loads(path.read_bytes())
    return kept


def _public(path: Path) -> PublicKey:
    kept = _read(path)
    return PublicKey.from_pem(kept["algorithm"], kept["public"])


@lru_cache(maxsize=8)
def _private(path: Path) -> tuple[str, str, bytes]:
    kept = _read(path)
    return kept["algorithm"], _public(path).key_id, b64decode(kept["private"])


def _signed(data: bytes, path: Path) -> Signature:
    algorithm, key_id, private = _private(path)
    return Signature(algorithm, key_id, b64encode(schemes.of(algorithm).sign(private, data)).decode())
