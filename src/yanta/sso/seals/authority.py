"""The installation's own certification authority (RFC 5280): root, issuing and time-stamping certificates.

Three generations: a root that signs only issuing and clock certificates, an issuing certificate that signs
people's and units', and a clock that signs time stamps (RFC 3161). A second, national pair of root and issuing
certificate carries SM2 (GM/T 0015), see `national`. Private keys leave this module only to sign.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.db import connection
from django.utils import timezone

from yanta.sso.seals.models import Certificate

Kind, Algorithm, State = Certificate.Kind, Certificate.Algorithm, Certificate.State
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = 3072
DAY = timedelta(days=1)
LIFETIMES = {
    Kind.ROOT: 20 * 365 * DAY, Kind.ISSUING: 10 * 365 * DAY, Kind.CLOCK: 10 * 365 * DAY, Kind.UNIT: 3 * 365 * DAY,
    Kind.PERSON: 2 * 365 * DAY,
}  # fmt: skip
TITLES = {Kind.ROOT: "根证书", Kind.ISSUING: "签发证书", Kind.CLOCK: "时间戳服务"}
# Clocks differ a little; a certificate must not be "not yet valid" on the machine beside ours.
BACKDATED = timedelta(minutes=5)
CRL_LIFETIME = timedelta(days=1)
_FOUNDING = 0x5EA15


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a certificate names: `unit` is empty for the school itself."""

    name: str
    unit: str = ""
    number: str = ""
    country: str = "CN"


def of(kind: Certificate.Kind, *, national: bool = False) -> Certificate:
    """The authority's present certificate of this kind; all are made when the first is wanted."""
    found = _present(kind, national=national)
    if found is None:
        _found(national=national)
        found = _present(kind, national=national)
    if found is None:
        raise LookupError(f"no certificate of kind {kind}")
    return found


def _present(kind: str, *, national: bool) -> Certificate | None:
    rows = Certificate.objects.filter(kind=kind, state=State.ISSUED, outside=False)
    rows = rows.filter(algorithm=Algorithm.SM2) if national else rows.exclude(algorithm=Algorithm.SM2)
    return rows.order_by("-pk").first()


def _found(*, national: bool) -> None:
    """Make what is missing; whoever comes second waits and finds it made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FOUNDING])
    algorithm = Algorithm.SM2 if national else Algorithm.RSA
    for kind in (Kind.ROOT, Kind.ISSUING) if national else (Kind.ROOT, Kind.ISSUING, Kind.CLOCK):
        if _present(kind, national=national) is None:
            school = settings.YANTA_NODE_NAME
            words = f"{school}{'国密' if national else ''}{TITLES[kind]}"
            row = Certificate(kind=kind, algorithm=algorithm, subject=words, reason="本校证书体系")
            issue(row, Holder(words), at=timezone.now())


def issue(row: Certificate, holder: Holder, *, at: datetime) -> Certificate:
    """Make the key pair and the certificate of a row and store them; the row must be of this authority."""
    from yanta.sso.seals import national

    sm2 = row.algorithm == Algorithm.SM2
    above = {Kind.ROOT: None, Kind.ISSUING: Kind.ROOT, Kind.CLOCK: Kind.ROOT}.get(
        Kind(row.kind), Kind.ISSUING
    )
    issuer = of(above, national=sm2) if above else None
    number = secrets.randbits(126) | 1 << 126
    until = at + LIFETIMES[Kind(row.kind)]
    if issuer is not None and issuer.valid_to is not None:
        until = min(until, issuer.valid_to)
    row.serial, row.valid_from, row.valid_to = f"{number:x}", at - BACKDATED, until
    row.pem, row.private = (national.made if sm2 else _made)(row, holder, issuer, number)
    row.issuer, row.state = issuer, State.ISSUED
    row.chain = issuer.pem + issuer.chain if issuer else ""
    row.save()
    return row


def _made(row: Certificate, holder: Holder, issuer: Certificate | None, number: int) -> tuple[str, str]:
    key = _new_key(row.algorithm)
    signer = private_key_of(issuer) if issuer else key
    subject = _name(holder)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(loaded(issuer).subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(period(row)[0])
        .not_valid_after(period(row)[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )  # fmt: skip
    for extension, critical in _extensions(Kind(row.kind), issuer):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signer, hashes.SHA256())
    return certificate.public_bytes(Encoding.PEM).decode(), as_text(key)


def period(row: Certificate) -> tuple[datetime, datetime]:
    """From when until when a certificate that is issued or being issued is good."""
    if row.valid_from is None or row.valid_to is None:
        raise ValueError("not issued")
    return row.valid_from, row.valid_to


def as_text(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _new_key(algorithm: str) -> PrivateKey:
    if algorithm == Algorithm.RSA:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def names_of(holder: Holder) -> list[tuple[str, str]]:
    """The parts of a distinguished name, dotted identifiers and texts of at most 64 characters."""
    parts = [
        (NameOID.COUNTRY_NAME, holder.country), (NameOID.ORGANIZATION_NAME, settings.YANTA_NODE_NAME),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, holder.unit), (NameOID.SERIAL_NUMBER, holder.number),
        (NameOID.COMMON_NAME, holder.name),
    ]  # fmt: skip
    return [(oid.dotted_string, text[:64]) for oid, text in parts if text]


def _name(holder: Holder) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.ObjectIdentifier(oid), text) for oid, text in names_of(holder)])


def _usage(*, signs: bool = False, certifies: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=signs, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=certifies, crl_sign=certifies, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _extensions(kind: Certificate.Kind, issuer: Certificate | None) -> list[tuple[x509.ExtensionType, bool]]:
    if kind in (Kind.ROOT, Kind.ISSUING):
        depth = 1 if kind == Kind.ROOT else 0
        found: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=True, path_length=depth), True), (_usage(certifies=True), True),
        ]  # fmt: skip
    else:
        found = [(x509.BasicConstraints(ca=False, path_length=None), True), (_usage(signs=True), True)]
    if kind == Kind.CLOCK:
        found.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))
    if issuer is not None:
        point = x509.UniformResourceIdentifier(f"{settings.SITE_ADDRESS}/seals/crl/{issuer.serial}.crl")
        found.append((x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)]), False))
        status = x509.UniformResourceIdentifier(f"{settings.SITE_ADDRESS}/seals/ocsp/")
        method = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, status)
        found.append((x509.AuthorityInformationAccess([method]), False))
    return found


def loaded(row: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(row.pem.encode())


def private_key_of(row: Certificate) -> PrivateKey:
    """Sealed under the data key since it was made here or checked on import: checking its primes again costs a third
    of a second."""
    key = load_pem_private_key((row.private or "").encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("neither RSA nor ECDSA")
    return key


def has_ended(row: Certificate, *, at: datetime) -> bool:
    """Whether it was revoked or suspended by then."""
    ended = row.state in (State.REVOKED, State.SUSPENDED, State.REPLACED)
    return ended and row.ended_at is not None and row.ended_at <= at


def ended_of(issuer: Certificate) -> list[Certificate]:
    """What the issuer's list of revoked certificates names."""
    states = (State.REVOKED, State.SUSPENDED, State.REPLACED)
    return list(issuer.issued.filter(state__in=states, ended_at__isnull=False).order_by("pk"))


def flag_of(row: Certificate) -> x509.ReasonFlags:
    if row.state == State.SUSPENDED:
        return x509.ReasonFlags.certificate_hold
    return _FLAGS.get(row.ended_for, x509.ReasonFlags.unspecified)


_FLAGS: dict[str, x509.ReasonFlags] = {
    Certificate.Reason.KEY: x509.ReasonFlags.key_compromise,
    Certificate.Reason.CHANGED: x509.ReasonFlags.affiliation_changed,
    Certificate.Reason.SUPERSEDED: x509.ReasonFlags.superseded,
    Certificate.Reason.CLOSED: x509.ReasonFlags.cessation_of_operation,
}


def revocation_list(issuer: Certificate, *, at: datetime) -> x509.CertificateRevocationList:
    """The signed list of RFC 5280, good for a day."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(loaded(issuer).subject)
        .last_update(at)
        .next_update(at + CRL_LIFETIME)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(loaded(issuer).public_key()),  # type: ignore[arg-type]  # never DH
            critical=False,
        )
    )
    for row in ended_of(issuer):
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(int(row.serial, 16))
            .revocation_date(row.ended_at or at)
            .add_extension(x509.CRLReason(flag_of(row)), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(private_key_of(issuer), hashes.SHA256())
