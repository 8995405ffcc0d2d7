"""A device with a lock, in software: makes a key and signs challenges as a phone would (WebAuthn level 2, § 6)."""

from __future__ import annotations

import hashlib
import json
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Device:
    """Holds one key for one site."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.domain = origin.partition("//")[2].partition(":")[0]
        self.counter = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)
        self._handle = b""

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        self.counter += 1
        return (
            hashlib.sha256(self.domain.encode()).digest()
            + struct.pack(">BI", PRESENT | VERIFIED | flags, self.counter)
            + more
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def make(self, options: dict) -> str:
        """The answer to a request for a new key."""
        public = options["publicKey"]
        self._handle = public["user"]["id"]
        key = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        data = self._data(ATTESTED, bytes(16) + struct.pack(">H", len(self._id)) + self._id + key)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", public["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def prove(self, options: dict) -> str:
        """The answer to a request for a proof."""
        data = self._data(0)
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = json.loads(self._answer(clientDataJSON=client, authenticatorData=data, signature=signature))
        answer["response"]["userHandle"] = self._handle
        return json.dumps(answer)

    def _answer(self, **parts: bytes) -> str:
        told = {name: websafe_encode(part) for name, part in parts.items()}
        key = websafe_encode(self._id)
        return json.dumps(
            {"id": key, "rawId": key, "type": "public-key", "response": told, "clientExtensionResults": {}}
        )
