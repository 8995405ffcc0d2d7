"""What the world may ask of our certificates: the list of revoked ones (RFC 5280) and single states (RFC 6960)."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from yanta.sso.seals import authority
from yanta.sso.seals.models import Certificate

LIFETIME = timedelta(hours=1)


def answer(question: bytes, *, at: datetime) -> bytes:
    """An OCSP response (DER) to an OCSP request; what is no request gets the error that says so."""
    try:
        asked = ocsp.load_der_ocsp_request(question)
    except ValueError:
        return _error(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    serial = f"{asked.serial_number:x}"
    rows = Certificate.objects.filter(serial=serial, outside=False).exclude(
        algorithm=Certificate.Algorithm.SM2
    )
    row = rows.select_related("issuer").first()
    if row is None or row.issuer is None:
        return _error(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    issuer = authority.loaded(row.issuer)
    ended = authority.has_ended(row, at=at)
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=authority.loaded(row), issuer=issuer, algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if ended else ocsp.OCSPCertStatus.GOOD,
            this_update=at, next_update=at + LIFETIME, revocation_time=row.ended_at if ended else None,
            revocation_reason=authority.flag_of(row) if ended else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
    )  # fmt: skip
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            response = response.add_extension(extension.value, critical=False)
    return response.sign(authority.private_key_of(row.issuer), hashes.SHA256()).public_bytes(Encoding.DER)


def _error(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
