"""Writing audit entries, inside the transaction of what they tell about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from yanta.kernel.base import Actor
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.scope import path_of_row
from yanta.kernel.base.texts import masked

if TYPE_CHECKING:
    from yanta.kernel.audit.models import AuditEntry

Outcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Line:
    """What one entry tells; many are written at once by `record_all`."""

    action: str
    subject: Model | None = None
    summary: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = "done"


@cache
def sealed_names() -> frozenset[str]:
    """Names of the fields that are encrypted at rest: their values never enter the trail in clear."""
    fields = (f for model in apps.get_models() for f in model._meta.get_fields())
    return frozenset(f.name for f in fields if isinstance(f, SealedField))


def without_secrets(value: Any, *, hidden: bool = False) -> Any:
    """The same structure, with everything below a sensitive name masked."""
    if isinstance(value, dict):
        return {str(k): without_secrets(v, hidden=hidden or k in sealed_names()) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item, hidden=hidden) for item in value]
    if hidden and value is not None and not isinstance(value, bool):
        return masked(str(value))
    return value if isinstance(value, int | float | bool) or value is None else _plain(value)


def _plain(value: Any) -> str:
    # NUL is legal in Python text and in no PostgreSQL text.
    return str(value if isinstance(value, str) else _ENCODER.default(value)).replace("\0", "")


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return str(o.pk) if isinstance(o, Model) else self._known(o)

    def _known(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


_ENCODER = _Encoder()


def _entry(line: Line, actor: Actor) -> AuditEntry:
    from yanta.kernel.audit.models import AuditEntry

    subject = line.subject
    return AuditEntry(
        account_id=actor.account_id,
        person_id=actor.person_id,
        actor_name=_plain(actor.name)[:80],
        address=actor.address[:64],
        request_id=actor.request_id[:64],
        action=line.action,
        outcome=line.outcome,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk)[:64] if subject is not None else "",
        subject_label=_plain(str(subject))[:200] if subject is not None else "",
        unit_path=(path_of_row(subject) or "") if hasattr(subject, "org_path") else "",
        summary=_plain(line.summary)[:500],
        data=without_secrets(line.data),
    )


def record(
    action: str,
    *,
    actor: Actor,
    subject: Model | None = None,
    summary: str = "",
    data: dict[str, Any] | None = None,
    outcome: Outcome = "done",
) -> None:
    """Add one entry; it stands or falls with the current transaction."""
    _entry(Line(action, subject, summary, data or {}, outcome), actor).save(force_insert=True)


def record_all(lines: Iterable[Line], *, actor: Actor) -> int:
    """Add many entries in few statements; returns how many."""
    from yanta.kernel.audit.models import AuditEntry

    return len(AuditEntry.objects.bulk_create((_entry(line, actor) for line in lines), batch_size=1000))
