"""Time stamps of our own (RFC 3161): a signed word on when a signature existed."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import cms, core, keys, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from pyhanko.sign.general import as_signing_certificate, get_pyca_cryptography_hash, simple_cms_attribute
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from yanta.sso.seals import authority
from yanta.sso.seals.models import Certificate

# Of the documentation arc of this installation; RFC 3161 asks for some policy.
POLICY = "2.25.231469001845903127"


class OwnClock(DummyTimeStamper):
    """Answers requests in this process, from the installation's clock certificate.

    The library calls its in-process service a dummy since it asks nobody for permission; here only this process
    reaches it.
    """

    def _build_tst_info(
        self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq
    ) -> tsp.TSTInfo:
        info = super()._build_tst_info(message_imprint, dt, req)
        info["policy"] = tsp.ObjectIdentifier(POLICY)
        return info

    def _sign_tst_info(
        self, tst_info_data: bytes, md_algorithm: str, dt: datetime
    ) -> tuple[bytes, cms.CMSAttributes]:
        digest = hashes.Hash(get_pyca_cryptography_hash(md_algorithm))
        digest.update(tst_info_data)
        attributes = cms.CMSAttributes([
            simple_cms_attribute("content_type", "tst_info"),
            simple_cms_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
            simple_cms_attribute("signing_certificate", as_signing_certificate(self.tsa_cert)),
            simple_cms_attribute("message_digest", digest.finalize()),
        ])  # fmt: skip
        return signed(self.tsa_key, attributes.dump(), md_algorithm), attributes


def signed(key: keys.PrivateKeyInfo, data: bytes, algorithm: str) -> bytes:
    """RSA (PKCS#1 v1.5) or ECDSA, by a key of our own that was checked when it was made or brought in."""
    private = load_der_private_key(key.dump(), None, unsafe_skip_rsa_key_validation=True)
    kind = get_pyca_cryptography_hash(algorithm.upper())
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, PKCS1v15(), kind)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(data, ec.ECDSA(kind))
    raise TypeError("neither RSA nor ECDSA")


def at(moment: datetime) -> OwnClock:
    """A clock that says this moment."""
    row = authority.of(Certificate.Kind.CLOCK)
    return OwnClock(certificate_of(row), key_of(row), certs_to_embed=store_of(row), fixed_dt=moment)


def certificate_of(row: Certificate) -> x509.Certificate:
    return x509.Certificate.load(authority.loaded(row).public_bytes(Encoding.DER))


def key_of(row: Certificate) -> keys.PrivateKeyInfo:
    whole = authority.private_key_of(row)
    return keys.PrivateKeyInfo.load(whole.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def store_of(row: Certificate) -> SimpleCertificateStore:
    """The certificates above this one."""
    from asn1crypto import pem

    store = SimpleCertificateStore()
    if row.chain:
        store.register_multiple(
            [x509.Certificate.load(der) for _, _, der in pem.unarmor(row.chain.encode(), multiple=True)]
        )
    return store
