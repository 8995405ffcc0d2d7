"""Is this document what it says it is: the register, the signatures themselves, and what happened since."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from asn1crypto import core, pem, x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from yanta.kernel.base import ciphers
from yanta.sso.seals import authority, national, papers, rules
from yanta.sso.seals.models import Certificate, Impression, SignedDocument

Standing = Literal["valid", "revoked", "withdrawn", "altered", "unknown", "untrusted"]
WORDS: dict[Standing, tuple[str, str]] = {
    "valid": ("有效", "与登记的文件一致，签章有效。"),
    "revoked": ("证书已吊销", "签章之后证书因私钥不再可信被吊销，请向出具单位核实。"),
    "withdrawn": ("已撤回", "出具单位已撤回这份文件，不再有效。"),
    "altered": ("已被改动", "文件在签章之后被改动过，不能采信。"),
    "unknown": ("没有登记", "登记簿里没有这份文件，可能是伪造的编号，或不是本校出具的文件。"),
    "untrusted": ("签名不可信", "文件里的签名不是由本校证书作出的。"),
}
MOST_SIGNATURES = 20
_BROKEN = (
    PdfError, SigningError, SignatureValidationError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    RecursionError, OSError, NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One signature: whose, when, whether it holds, and whether the bytes it covers are what they were."""

    name: str
    kind: str
    at: datetime | None
    holds: bool
    words: str
    algorithm: str = ""
    intact: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the verification page."""

    standing: Standing
    document: SignedDocument | None = None
    findings: Sequence[Finding] = field(default=())
    note: str = ""
    whole: bool = False

    @property
    def title(self) -> str:
        return WORDS[self.standing][0]

    @property
    def text(self) -> str:
        return WORDS[self.standing][1]


def by_number(text: str) -> Verdict:
    """What the register says under a verification number; it names the seal, and persons by their surname alone."""
    number = rules.number_in(text)
    document = SignedDocument.objects.filter(number=number).first() if number else None
    if document is None:
        return Verdict("unknown")
    return _registered(document, _impressions(document), open_names=False)


def by_digest(digest: str) -> Verdict:
    """What the register says of a file with this SM3 or SHA-256 digest (hexadecimal)."""
    plain = digest.strip().lower()
    rows = Impression.objects.filter(sm3=plain) | Impression.objects.filter(sha256=plain)
    found = rows.select_related("document").first() if rules.is_digest(plain) else None
    return Verdict("unknown") if found is None else _of_version(found, open_names=False)


def by_content(content: bytes) -> Verdict:
    """The signatures in the file, checked one by one, and what the register knows of it."""
    found = (
        Impression.objects.filter(sm3=ciphers.sm3_hex(content))
        .select_related("document")
        .order_by("-pk")
        .first()
    )
    if found is not None:
        register = _of_version(found, open_names=True)
        findings = findings_in(content)
        if all(one.intact for one in findings) and len(findings) >= len(register.findings):
            return register
        return Verdict("altered", found.document, findings, whole=True)
    return _unregistered(content)


def _of_version(found: Impression, *, open_names: bool) -> Verdict:
    """A version of a document, of which there may be later ones with more signatures."""
    document = found.document
    present = [one for one in _impressions(document) if one.pk <= found.pk]
    later = Impression.objects.filter(document=document, pk__gt=found.pk).exists()
    return _registered(
        document, present, open_names=open_names, note="此后又有新的签章，这不是最后的版本。" if later else ""
    )


def _impressions(document: SignedDocument) -> list[Impression]:
    return list(
        document.impressions.select_related("seal", "certificate__person", "national", "org_unit").order_by(
            "pk"
        )
    )


def _registered(
    document: SignedDocument, rows: Sequence[Impression], *, open_names: bool, note: str = ""
) -> Verdict:
    findings = [_noted(row, open_names=open_names) for row in rows]
    standing: Standing = "valid"
    if document.state == SignedDocument.State.WITHDRAWN:
        standing = "withdrawn"
        note = document.withdrawn_for
    elif not all(one.holds for one in findings):
        standing = "revoked"
    return Verdict(standing, document, findings, note, whole=open_names)


def _noted(row: Impression, *, open_names: bool) -> Finding:
    """What the register and the certificate's present state say of one impression."""
    name = str(row.seal) if row.seal is not None else _signer(row.certificate, open_names=open_names)
    holds, words = standing_of(row.certificate, at=row.at)
    algorithm = row.certificate.get_algorithm_display()
    if row.sm2 and row.national and national.verify(row.national, row.sm3, row.sm2):
        algorithm = f"{algorithm}，SM2"
    return Finding(name, row.get_kind_display(), row.at, holds, words, algorithm)


def _signer(row: Certificate, *, open_names: bool) -> str:
    name = row.person.name if row.person else row.subject
    return name if open_names else rules.masked_name(name)


def standing_of(row: Certificate, *, at: datetime) -> tuple[bool, str]:
    """Whether a signature of that moment holds, and what became of the certificate since.

    A signature outlives its certificate unless the key had fallen into other hands: then nobody knows who signed.
    """
    if row.state != Certificate.State.REVOKED or row.ended_at is None:
        return (
            True,
            "证书有效"
            if row.state == Certificate.State.ISSUED
            else f"签章时证书有效，现在{row.get_state_display()}",
        )
    day = f"{timezone.localtime(row.ended_at):%Y-%m-%d}"
    if row.ended_for == Certificate.Reason.KEY or row.ended_at <= at:
        return False, f"证书已于 {day} 吊销：{row.get_ended_for_display()}"
    return True, f"签章时证书有效，证书此后于 {day} 停用：{row.get_ended_for_display()}"


def _unregistered(content: bytes) -> Verdict:
    """Not a version we handed out: altered, foreign, or signed further by others."""
    findings = findings_in(content)
    if not findings:
        return Verdict("unknown", whole=True)
    ours = [one for one in findings if one.kind]
    if not ours:
        return Verdict("untrusted", None, findings, whole=True)
    if not all(one.intact for one in ours):
        return Verdict("altered", None, findings, whole=True)
    if not all(one.holds for one in ours):
        return Verdict("revoked", None, findings, whole=True)
    document = _base_of(content)
    if document is None:
        return Verdict("unknown", None, findings, whole=True)
    told = _registered(document, _impressions(document), open_names=True)
    return Verdict(
        told.standing,
        document,
        findings,
        "在本校签章之后，文件又由他人签名或填写；原有签章没有被破坏。",
        whole=True,
    )


def _base_of(content: bytes) -> SignedDocument | None:
    """The document of which a signed version is the beginning of this file."""
    reader = PdfFileReader(io.BytesIO(content), strict=False)
    for signature in reversed(reader.embedded_regular_signatures):
        end = sum(int(one) for one in list(signature.byte_range)[2:])
        found = (
            Impression.objects.filter(sm3=ciphers.sm3_hex(content[:end])).select_related("document").first()
        )
        if found is not None:
            return found.document
    return None


def findings_in(content: bytes) -> list[Finding]:
    """Every signature of a file, checked by its own bytes; empty where there is none or it is no document."""
    if len(content) > papers.MEGABYTES * 2 * 1024 * 1024:
        return []
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        signatures = [] if reader.encrypted else list(reader.embedded_regular_signatures)[:MOST_SIGNATURES]
    except _BROKEN:
        return []
    return [_checked(signature) for signature in signatures]


def roots() -> list[x509.Certificate]:
    """Whom we trust: our own roots, and those of imported certificates."""
    rows = Certificate.objects.filter(kind=Certificate.Kind.ROOT).exclude(algorithm=Certificate.Algorithm.SM2)
    return [_parsed(row.pem) for row in rows]


def _parsed(text: str) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(text.encode())[2])


def _checked(signature: EmbeddedPdfSignature) -> Finding:
    if national.is_national(signature.signer_info):
        return _checked_nationally(signature)
    row = _row_of(signature.signer_cert)
    name = str(signature.signer_cert.subject.native.get("common_name", ""))[:80]
    quiet = logging.getLogger("pyhanko")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        said = _claimed(signature)
        context = ValidationContext(
            trust_roots=roots(), moment=said, allow_fetching=False, revocation_mode="soft-fail"
        )
        status = validate_pdf_signature(signature, context, ts_validation_context=context)
    except _BROKEN:
        return Finding(name, "", None, holds=False, words="签名无法校验", intact=False)
    finally:
        quiet.setLevel(level)
    at = status.timestamp_validity.timestamp if status.timestamp_validity else None
    whole = bool(status.intact and status.valid and status.docmdp_ok)
    if not whole:
        return Finding(name, "签名" if row else "", at, holds=False, words="签名之后内容被改动", intact=False)
    if not status.trusted or row is None:
        return Finding(name, "", at, holds=False, words="不是本校认可的证书")
    holds, words = standing_of(row, at=at or timezone.now())
    kind = "盖章" if row.kind == Certificate.Kind.UNIT else "个人签名"
    return Finding(row.subject, kind, at, holds, words, row.get_algorithm_display())


def _checked_nationally(signature: EmbeddedPdfSignature) -> Finding:
    """An SM2 signature: of our register's certificate, over the bytes that it names."""
    try:
        certificate = signature.signer_cert
        row = _national_row_of(certificate)
        intact = row is not None and national.holds(row, signature.signer_info, _covered(signature))
    except _BROKEN:
        return Finding("", "", None, holds=False, words="签名无法校验", intact=False)
    name = str(certificate.subject.native.get("common_name", ""))[:80]
    if row is None:
        return Finding(name, "", None, holds=False, words="不是本校认可的证书")
    if not intact:
        return Finding(name, "国密签名", None, holds=False, words="签名之后内容被改动", intact=False)
    at = signature.self_reported_timestamp
    holds, words = standing_of(row, at=at or timezone.now())
    return Finding(row.subject, "国密签名", at, holds, words, row.get_algorithm_display())


def _covered(signature: EmbeddedPdfSignature) -> bytes:
    """The bytes a signature is over; from the file's beginning, with one gap for the signature itself."""
    first, one, second, two = (int(part) for part in signature.byte_range)
    gap = len(signature.pkcs7_content)
    if first != 0 or not one + gap < second:
        raise ValueError("签名的范围不对")
    stream = signature.reader.stream
    stream.seek(0)
    head = stream.read(one)
    stream.seek(second)
    return bytes(head + stream.read(two))


def _claimed(signature: EmbeddedPdfSignature) -> datetime:
    """The time that the stamp claims; what it is worth is checked with it. Now when there is none."""
    attributes = signature.signer_info["unsigned_attrs"]
    for attribute in () if isinstance(attributes, core.Void) else attributes:
        if attribute["type"].native == "signature_time_stamp_token":
            stamp = attribute["values"][0]["content"]
            moment: datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
            return moment
    return timezone.now()


def _row_of(certificate: x509.Certificate) -> Certificate | None:
    serial = f"{certificate.serial_number:x}"
    for row in Certificate.objects.filter(serial=serial).exclude(algorithm=Certificate.Algorithm.SM2):
        if authority.loaded(row).public_bytes(Encoding.DER) == certificate.dump():
            return row
    return None


def _national_row_of(certificate: x509.Certificate) -> Certificate | None:
    rows = Certificate.objects.filter(
        serial=f"{certificate.serial_number:x}", algorithm=Certificate.Algorithm.SM2
    )
    return next((row for row in rows if _parsed(row.pem).dump() == certificate.dump()), None)
