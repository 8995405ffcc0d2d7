"""What happens to applications, certificates and seals, and what people are told of it."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class RequestMoved(Event):
    """An application went on, was sealed or refused."""

    request_id: int


@dataclass(frozen=True)
class DocumentSealed(Event):
    """A document carries one more seal or signature."""

    document_id: int
    number: str


@dataclass(frozen=True)
class DocumentWithdrawn(Event):
    document_id: int
    number: str


@dataclass(frozen=True)
class CertificateEnded(Event):
    certificate_id: int


template(
    "seals.request", title="用印申请{{ result }}：{{ title }}", body="{{ opinion }}", icon="rubber-stamp"
)
template(
    "seals.certificate", title="证书{{ result }}", body="{{ subject }}：{{ opinion }}", icon="certificate"
)
