"""Encrypted assertions: AES-256-GCM, its key by RSA-OAEP. CBC is neither made nor read, for it can be asked apart."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml.builder import ElementMaker  # type: ignore[import-untyped]  # brings no types

from yanta.sso.saml.documents import Element, Fault, read, written
from yanta.sso.saml.names import DS, SAML, XENC, XENC11, tag

_CONTENT = {f"{XENC11}aes128-gcm": 16, f"{XENC11}aes256-gcm": 32}
_OAEP = f"{XENC}rsa-oaep-mgf1p"
_SHA1 = f"{DS}sha1"
_IV = 12
_ENC = ElementMaker(namespace=XENC, nsmap={"xenc": XENC})
_SIG = ElementMaker(namespace=DS, nsmap={"ds": DS})


def _oaep() -> padding.OAEP:
    # The hash inside OAEP has no need of collision resistance, and every SAML library speaks this one.
    return padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303


def encrypted(assertion: Element, *, certificate: str) -> Element:
    """An EncryptedAssertion that only the holder of the certificate's key can open."""
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise Fault("encryption.key", "加密证书须为 RSA")
    secret, iv = AESGCM.generate_key(256), os.urandom(_IV)
    content = iv + AESGCM(secret).encrypt(iv, written(assertion), None)
    key = _ENC.EncryptedKey(
        _ENC.EncryptionMethod(_SIG.DigestMethod(Algorithm=_SHA1), Algorithm=_OAEP),
        _ENC.CipherData(_ENC.CipherValue(base64.b64encode(public.encrypt(secret, _oaep())).decode())),
    )
    data = _ENC.EncryptedData(
        _ENC.EncryptionMethod(Algorithm=f"{XENC11}aes256-gcm"), _SIG.KeyInfo(key),
        _ENC.CipherData(_ENC.CipherValue(base64.b64encode(content).decode())), Type=f"{XENC}Element",
    )  # fmt: skip
    return ElementMaker(namespace=SAML, nsmap={"saml": SAML}).EncryptedAssertion(data)


def decrypted(wrapped: Element, *, keys: list[str]) -> Element:
    """The assertion inside; every failure looks the same from outside."""
    try:
        return read(_opened(wrapped, keys))
    except (InvalidTag, ValueError, binascii.Error, AttributeError) as error:
        raise Fault("encryption.wrong", "加密的断言打不开：密钥或算法不符") from error


def _opened(wrapped: Element, keys: list[str]) -> bytes:
    data = wrapped.find(tag(XENC, "EncryptedData"))
    key = data.find(f".//{tag(XENC, 'EncryptedKey')}")
    key = wrapped.find(tag(XENC, "EncryptedKey")) if key is None else key
    size = _CONTENT.get(_method(data), 0)
    digests = [one.get("Algorithm") for one in key.iter(tag(DS, "DigestMethod"))]
    if not size or _method(key) != _OAEP or not set(digests) <= {_SHA1}:
        raise ValueError("algorithm")
    content = _value(data)
    for pem in keys:
        private = load_pem_private_key(pem.encode(), None)
        assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - we make no other keys
        try:
            secret = private.decrypt(_value(key), _oaep())
        except ValueError:
            continue
        if len(secret) == size:
            return AESGCM(secret).decrypt(content[:_IV], content[_IV:], None)
    raise ValueError("key")


def _method(element: Element) -> str:
    return str(element.find(tag(XENC, "EncryptionMethod")).get("Algorithm"))


def _value(element: Element) -> bytes:
    found = element.find(f"{tag(XENC, 'CipherData')}/{tag(XENC, 'CipherValue')}")
    return base64.b64decode("".join(str(found.text).split()), validate=True)
