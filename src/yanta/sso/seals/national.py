"""SM2 certificates (GM/T 0015-2012, GB/T 32918) and SM2 signatures over the SM3 digest of a document: beside it or within.

The cryptography library knows neither the curve nor the signature, so these certificates are composed from their
ASN.1 parts; the arithmetic is the kernel's. OpenSSL 3 reads and verifies them.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime

from asn1crypto import cms, core, keys, pem, tsp, x509
from asn1crypto.algos import DigestAlgorithm, SignedDigestAlgorithm

from yanta.kernel.base import ciphers, schemes
from yanta.sso.seals import authority
from yanta.sso.seals.models import Certificate

# GM/T 0006-2012: the curve sm2p256v1, and SM2 signatures over SM3 digests.
SIGNATURE, DIGEST = "1.2.156.10197.1.501", "1.2.156.10197.1.401"


class _Signature(core.Sequence):
    """r and s, as GM/T 0009 writes a signature."""

    _fields = [("r", core.Integer), ("s", core.Integer)]


def made(
    row: Certificate, holder: authority.Holder, issuer: Certificate | None, number: int
) -> tuple[str, str]:
    """The certificate (PEM) and the private key (base64) of a new SM2 pair."""
    private, public = _scheme().new_pair()
    signer = b64decode(issuer.private or "") if issuer else private
    subject = _name(holder)
    body = x509.TbsCertificate({
        "version": "v3", "serial_number": number, "signature": _algorithm(),
        "issuer": _parsed(issuer.pem).subject if issuer else subject,
        "validity": {
            "not_before": x509.Time({"general_time": authority.period(row)[0].replace(microsecond=0)}),
            "not_after": x509.Time({"general_time": authority.period(row)[1].replace(microsecond=0)}),
        },
        "subject": subject,
        "subject_public_key_info": keys.PublicKeyInfo.load(_der(public)),
        "extensions": _extensions(Certificate.Kind(row.kind)),
    })  # fmt: skip
    whole = x509.Certificate({
        "tbs_certificate": body, "signature_algorithm": _algorithm(),
        "signature_value": _as_der(_scheme().sign(signer, body.dump())),
    })  # fmt: skip
    return pem.armor("CERTIFICATE", whole.dump()).decode(), b64encode(private).decode()


def sign(row: Certificate, digest: str) -> str:
    """A detached signature over the SM3 digest (hexadecimal) of a document, base64 of r and s."""
    return b64encode(_scheme().sign(b64decode(row.private or ""), bytes.fromhex(digest))).decode()


def verify(row: Certificate, digest: str, value: str) -> bool:
    """Whether the certificate's key signed that digest."""
    try:
        return _scheme().verify(_public(row.pem), bytes.fromhex(digest), b64decode(value, validate=True))
    except ValueError:
        return False


def message(row: Certificate, digest: bytes, *, at: datetime) -> bytes:
    """What stands within a PDF: a signature message (RFC 5652, with GM/T 0006's algorithms) over its SM3 digest."""
    own = _parsed(row.pem)
    # Named by SHA-256: readers that look at this attribute know no SM3.
    known = tsp.ESSCertIDv2({"cert_hash": own.sha256})
    attributes = cms.CMSAttributes([
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": at.replace(microsecond=0)})]}),
        cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [known]})]}),
    ])  # fmt: skip
    signer = cms.SignerInfo({
        "version": "v1", "digest_algorithm": _digest_algorithm(), "signed_attrs": attributes,
        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
        "signature_algorithm": _algorithm(),
        "signature": _as_der(_scheme().sign(b64decode(row.private or ""), attributes.dump())),
    })  # fmt: skip
    signed = cms.SignedData({
        "version": "v1", "digest_algorithms": [_digest_algorithm()], "encap_content_info": {"content_type": "data"},
        "certificates": [own, *([_parsed(row.issuer.pem)] if row.issuer else [])], "signer_infos": [signer],
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def is_national(signer: cms.SignerInfo) -> bool:
    return bool(signer["signature_algorithm"]["algorithm"].native == SIGNATURE)


def holds(row: Certificate, signer: cms.SignerInfo, content: bytes) -> bool:
    """Whether the certificate's key signed exactly this content."""
    told = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
    if told.get("message_digest") != bytes.fromhex(ciphers.sm3_hex(content)):
        return False
    signed = signer["signed_attrs"].untag().dump()
    return _scheme().verify(_public(row.pem), signed, _raw(signer["signature"].native))


def is_issued_by(row: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key signed this certificate."""
    whole = _parsed(row.pem)
    value = _raw(whole["signature_value"].native)
    return _scheme().verify(_public(issuer.pem), whole["tbs_certificate"].dump(), value)


def _scheme() -> schemes.Scheme:
    return schemes.of("sm2")


def _public(text: str) -> bytes:
    info = _parsed(text)["tbs_certificate"]["subject_public_key_info"]
    return _scheme().raw(pem.armor("PUBLIC KEY", info.dump()).decode())


def _parsed(text: str) -> x509.Certificate:
    return x509.Certificate.load(_der(text))


def _der(text: str) -> bytes:
    return bytes(pem.unarmor(text.encode())[2])


def _algorithm() -> SignedDigestAlgorithm:
    return SignedDigestAlgorithm({"algorithm": SIGNATURE})


def _digest_algorithm() -> DigestAlgorithm:
    return DigestAlgorithm({"algorithm": DIGEST})


def _raw(value: bytes) -> bytes:
    """r and s side by side; raises `ValueError` for numbers that are no signature."""
    numbers = [int(_Signature.load(value)[part].native) for part in ("r", "s")]
    if not all(0 < one < 1 << 256 for one in numbers):
        raise ValueError("不是 SM2 签名")
    return b"".join(one.to_bytes(32, "big") for one in numbers)


def _as_der(value: bytes) -> bytes:
    halves = {"r": int.from_bytes(value[:32], "big"), "s": int.from_bytes(value[32:], "big")}
    return bytes(_Signature(halves).dump())


def _name(holder: authority.Holder) -> x509.Name:
    parts = [
        x509.RelativeDistinguishedName([x509.NameTypeAndValue({"type": oid, "value": _directory(oid, text)})])
        for oid, text in authority.names_of(holder)
    ]
    return x509.Name(name="", value=x509.RDNSequence(parts))


def _directory(oid: str, text: str) -> object:
    # Country and serial number are printable strings by X.520.
    if oid in ("2.5.4.6", "2.5.4.5"):
        return core.PrintableString(text)
    return x509.DirectoryString(name="utf8_string", value=text)


def _extensions(kind: Certificate.Kind) -> list[dict[str, object]]:
    certifies = kind in (Certificate.Kind.ROOT, Certificate.Kind.ISSUING)
    constraints: dict[str, object] = {"ca": certifies}
    if certifies:
        constraints["path_len_constraint"] = 1 if kind == Certificate.Kind.ROOT else 0
    usage = {"key_cert_sign", "crl_sign"} if certifies else {"digital_signature", "non_repudiation"}
    return [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": constraints},
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
    ]
