"""What a service caused: events in the outbox, entries in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanta.kernel.events import Event

if TYPE_CHECKING:
    from yanta.kernel.audit.models import AuditEntry


def published(kind: type[Event] = Event) -> list[Event]:
    """The events of this test so far, oldest first; `kind` keeps one kind."""
    from yanta.kernel.events.declare import event_class
    from yanta.kernel.events.models import OutboxEvent

    rows = OutboxEvent.objects.order_by("pk").values_list("name", "payload")
    known = ((event_class(name), payload) for name, payload in rows)
    return [cls.from_payload(payload) for cls, payload in known if cls is not None and issubclass(cls, kind)]


def audited() -> list[AuditEntry]:
    """The audit entries of this test so far, oldest first."""
    from yanta.kernel.audit.models import AuditEntry

    return list(AuditEntry.objects.order_by("pk"))


def deliver() -> int:
    """Bring every waiting event to its handlers now; an error in a handler is raised, not retried."""
    from yanta.kernel.events import delivery
    from yanta.kernel.events.models import Delivery

    count = delivery.deliver_all()
    failed = Delivery.objects.exclude(error="").first()
    if failed is not None:
        raise AssertionError(f"{failed.handler}: {failed.error}")
    return count
