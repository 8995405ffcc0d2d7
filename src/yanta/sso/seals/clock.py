"""Time stamps of our own (RFC 3161): a signed word on when a signature existed."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
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
