"""What happens to certificates, and what their holders are told."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class CertificateIssued(Event):
    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateEnded(Event):
    """Revoked, or ended because the holder left; `state` says which."""

    certificate_id: int
    person_id: int
    state: str


@dataclass(frozen=True)
class CertificateAsked(Event):
    """One that needs approval waits for it."""

    certificate_id: int


@dataclass(frozen=True)
class CertificateRefused(Event):
    certificate_id: int
    person_id: int


template(
    "certificates.ended",
    title="{{ name }}{{ result }}",
    body="编号 {{ number }}：{{ reason }}",
    icon="certificate-off",
)
template("certificates.decided", title="{{ name }}{{ result }}", body="{{ opinion }}", icon="certificate")
template(
    "certificates.shared",
    title="{{ recipient }} 查看了您分享的{{ name }}",
    body="第 {{ views }} 次，最多 {{ most }} 次",
    icon="share",
)
