"""The words that nodes exchange: canonical JSON, the manifest of a package, signed requests. Knows no database."""

from __future__ import annotations

import gzip
import hmac
import secrets
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yanta.kernel.base import Refused, ciphers
from yanta.kernel.base.signatures import PublicKey, Signature, verify

FORMAT = "yanta-package/1"
SKEW = timedelta(minutes=5)
CHUNK_BYTES = 1024 * 1024
MANIFEST_BYTES = 256 * 1024
# Of one part: as sent, and as unpacked, so that a small file cannot blow up.
PART_BYTES, PART_UNPACKED = 32 * 1024 * 1024, 64 * 1024 * 1024
PART_ROWS, PACKAGE_ROWS = 20_000, 10_000_000
NODE, TIME, NONCE, SIGNATURE = "Yanta-Node", "Yanta-Time", "Yanta-Nonce", "Yanta-Signature"
KINDS = ("full", "increment", "report")
REQUIRED = {
    "format": str, "node": str, "subject": str, "kind": str, "number": int, "previous": str, "fields": list,
    "taken_at": str, "rows": int, "parts": list, "built_at": str,
}  # fmt: skip
PART_KEYS = {"rows": int, "size": int, "sm3": str}


def canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(content: bytes) -> str:
    return ciphers.sm3_hex(content)


def packed(rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as lines of JSON, compressed; equal rows give equal bytes."""
    return gzip.compress(b"\n".join(orjson.dumps(row) for row in rows), compresslevel=5, mtime=0)


def unpacked(content: bytes) -> bytes:
    """The lines again; refuses what unpacks to more than a part may hold."""
    opened = zlib.decompressobj(wbits=31)
    try:
        lines = opened.decompress(content, PART_UNPACKED)
    except zlib.error as error:
        raise Refused("分块不是 gzip 格式", rule="nodes.part") from error
    if opened.unconsumed_tail or not opened.eof:
        raise Refused("分块不完整，或解开后超过限度", rule="nodes.part")
    return lines


def read_manifest(text: bytes) -> dict[str, Any]:
    """The manifest, complete and within limits; refuses in words."""
    if len(text) > MANIFEST_BYTES:
        raise Refused("包说明过大", rule="nodes.manifest")
    try:
        manifest: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused("包说明不是 JSON", rule="nodes.manifest") from error
    _require(manifest, REQUIRED, "包说明")
    for part in manifest["parts"]:
        _require(part, PART_KEYS, "分块说明")
        if not 0 <= part["size"] <= PART_BYTES:
            raise Refused("分块过大", rule="nodes.manifest")
    if manifest["format"] != FORMAT or manifest["kind"] not in KINDS:
        raise Refused(f"不认识的包格式 {manifest['format']} {manifest['kind']}", rule="nodes.manifest")
    if manifest["rows"] != sum(part["rows"] for part in manifest["parts"]):
        raise Refused("包说明的行数与各分块之和不等", rule="nodes.manifest")
    if not 0 <= manifest["rows"] <= PACKAGE_ROWS or manifest["number"] < 1:
        raise Refused("行数或包号超出范围", rule="nodes.manifest")
    _instants(manifest)
    return manifest


def _require(found: Any, keys: dict[str, type], what: str) -> None:
    if not isinstance(found, dict):
        raise Refused(f"{what}不是一个对象", rule="nodes.manifest")
    missing = [name for name, kind in keys.items() if type(found.get(name)) is not kind]
    if missing:
        raise Refused(f"{what}缺少或写错了 {'、'.join(missing)}", rule="nodes.manifest")


def _instants(manifest: dict[str, Any]) -> None:
    for name in ("taken_at", "built_at"):
        instant(manifest[name])


def instant(text: str) -> datetime:
    """An instant with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"读不懂的时间 {text[:40]}", rule="nodes.time") from error
    if found.tzinfo is None:
        raise Refused("时间没有写明时区", rule="nodes.time")
    return found


def request_text(*, node: str, method: str, target: str, time: str, nonce: str, body: bytes) -> bytes:
    """What the signature of a request covers."""
    return "\n".join((FORMAT, node, method.upper(), target, time, nonce, digest(body))).encode()


def answer_text(*, nonce: str, status: int, body: bytes) -> bytes:
    """What the signature of an answer covers: it belongs to one request."""
    return "\n".join((FORMAT, "answer", nonce, str(status), digest(body))).encode()


def new_nonce() -> str:
    return secrets.token_urlsafe(18)


def check_time(text: str, *, at: datetime) -> None:
    """Refuses what was signed too long ago or in the future, and says by how much the clocks differ."""
    gap = at - instant(text)
    if abs(gap) > SKEW:
        seconds = round(gap.total_seconds())
        direction = "慢" if seconds > 0 else "快"
        raise Refused(f"时钟相差 {abs(seconds)} 秒（对方{direction}），请先校时再上报", rule="nodes.clock")


def check_signature(content: bytes, text: str, keys: list[PublicKey]) -> PublicKey:
    """The key that signed; refuses an unknown key or a signature that does not hold."""
    try:
        signature = Signature.from_text(text)
    except ValueError as error:
        raise Refused("没有签名，或签名格式不对", rule="nodes.signature") from error
    for key in keys:
        if key.key_id == signature.key_id:
            if verify(content, signature, key):
                return key
            raise Refused("签名不符：内容被改动，或不是本人所签", rule="nodes.signature")
    raise Refused(f"不认识的密钥 {signature.key_id}，请先更换密钥或重新入网", rule="nodes.key")


def new_code() -> str:
    """A one-time code that a person can read over the telephone: 80 bits in groups of four."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    drawn = "".join(secrets.choice(letters) for _ in range(16))
    return "-".join(drawn[start : start + 4] for start in range(0, 16, 4))


def proof(code: str, *parts: str) -> str:
    """Shows that one knows the code without sending it; bound to the key and the node it is given for."""
    mac = HMAC(code.replace("-", "").strip().upper().encode(), hashes.SM3())
    mac.update("\n".join(parts).encode())
    return mac.finalize().hex()


def is_proof(given: str, code: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), proof(code, *parts).encode())


def now_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
