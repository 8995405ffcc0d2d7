"""Writing the log of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone

from yanta.kernel.base import fixed
from yanta.kernel.identity import devices
from yanta.kernel.identity.trail import logs
from yanta.sso.applications.models import Application, Decision

if TYPE_CHECKING:
    from yanta.kernel.identity.models import Account

Outcome = Decision.Outcome


def _told(row: Decision) -> dict[str, Any]:
    return {
        "protocol": row.protocol, "step": row.step, "outcome": row.outcome, "rule": row.rule, "reason": row.reason,
        "application": row.application.code if row.application else None,
        "account": row.account.username if row.account else None, "service": row.service,
        "address": row.address, "agent": row.agent,
    }  # fmt: skip


logs.declare(
    logs.Log(
        name="decisions", title="认证日志", model=Decision, told=_told, joined=("application", "account"),
        quiet=(Outcome.GRANTED,),
        sealed=f"id, {logs.INSTANT}, protocol, step, outcome, rule, reason, application_id, account_id, service,"
        " host(address), agent",
    )
)  # fmt: skip
_INSERT = """
INSERT INTO applications_decision (
    created_at, updated_at, at, protocol, step, outcome, rule, reason, application_id, account_id, service, address, agent)
VALUES (
    %(at)s, %(at)s, %(at)s, %(protocol)s, %(step)s, %(outcome)s, %(rule)s, %(reason)s, %(application)s, %(account)s,
    %(service)s, %(address)s, %(agent)s)
"""


def granted(protocol: str, step: str, **told: Any) -> None:
    record(protocol, step, Outcome.GRANTED, **told)


def refused(protocol: str, step: str, **told: Any) -> None:
    record(protocol, step, Outcome.REFUSED, **told)


def record(
    protocol: str,
    step: str,
    outcome: str,
    *,
    request: HttpRequest | None = None,
    application: Application | None = None,
    account: Account | None = None,
    rule: str = "",
    reason: str = "",
    service: str = "",
) -> None:
    """One decision; with a request, from where it was asked. Stands or falls with the current transaction."""
    device = devices.device_of(request) if request is not None else None
    row: dict[str, Any] = {
        "at": timezone.now(), "protocol": protocol, "step": step, "outcome": str(outcome), "rule": rule[:40],
        "reason": _clean(reason, 300), "application": application.pk if application else None,
        "account": account.pk if account else None, "service": _clean(service, 600),
        "address": device.address if device else None, "agent": _clean(device.agent if device else "", 300),
    }  # fmt: skip
    with fixed.cursor() as cursor:
        cursor.execute(_INSERT, row)


def _clean(text: str, longest: int) -> str:
    # NUL is legal in Python text and in no PostgreSQL text.
    return text.replace("\0", "")[:longest]
