"""How messages travel: in the address, deflated and signed beside; or in a form, signed inside."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from yanta.sso.saml import signatures
from yanta.sso.saml.documents import LONGEST, Element, Fault, read, written

LONGEST_STATE = 2000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came. `octets` is what a signature in the address covers."""

    root: Element
    relay_state: str
    by_post: bool
    octets: str = ""
    algorithm: str = ""
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        return bool(self.signature) if not self.by_post else signatures.is_signed(self.root)

    def proved(self, certificates: Sequence[str]) -> Element:
        """The message as one of the certificates signed it."""
        if self.by_post:
            return signatures.verified(self.root, certificates)
        if not self.signature:
            raise Fault("signature.missing", "请求没有签名")
        signatures.check_query(self.octets, self.algorithm, self.signature, certificates)
        return self.root


def from_form(form: Mapping[str, str], name: str) -> Incoming:
    try:
        document = base64.b64decode("".join(form.get(name, "").split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Fault("xml.encoding", f"{name} 不是 Base64") from error
    return Incoming(read(document), _state(form.get("RelayState", "")), by_post=True)


def from_query(query: str, name: str) -> Incoming:
    """The octets stay as the sender wrote them, for the signature covers how it escaped."""
    raw: dict[str, str] = {}
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key in raw and key in (name, "RelayState", "SigAlg", "Signature"):
            raise Fault("binding", f"{key} 出现了不止一次")
        raw[key] = value
    signed = [f"{key}={raw[key]}" for key in (name, "RelayState", "SigAlg") if key in raw]
    return Incoming(
        read(_inflated(unquote(raw.get(name, "")))), _state(unquote_plus(raw.get("RelayState", ""))), by_post=False,
        octets="&".join(signed), algorithm=unquote(raw.get("SigAlg", "")),
        signature="".join(unquote(raw.get("Signature", "")).split()),
    )  # fmt: skip


def _state(text: str) -> str:
    if len(text) > LONGEST_STATE:
        raise Fault("binding", f"RelayState 超过 {LONGEST_STATE} 个字符")
    return text.replace("\0", "")


def _inflated(text: str) -> bytes:
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        unpacker = zlib.decompressobj(-15)
        document = unpacker.decompress(packed, LONGEST + 1)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise Fault("xml.encoding", "消息没有按规定压缩和编码") from error
    if len(document) > LONGEST or unpacker.unconsumed_tail:
        raise Fault("xml.size", "消息解压后过大")
    return document


def in_form(element: Element) -> str:
    return base64.b64encode(written(element)).decode()


def in_address(url: str, name: str, element: Element, *, relay_state: str = "", key: str = "") -> str:
    """The address that carries the message; signed where a key is given."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(written(element)) + packer.flush()).decode()
    query = f"{name}={quote(packed, safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    query = signatures.signed_query(query, key=key) if key else query
    return f"{url}{'&' if '?' in url else '?'}{query}"
