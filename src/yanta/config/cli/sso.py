"""`yanta sso …`: the doors on the command line."""

import json
from datetime import datetime, timedelta
from typing import Any

import click

from yanta.config import environment
from yanta.config.cli.opening import open_django


@click.group()
def sso() -> None:
    """Single sign-on: test clients, keys, the log."""


@sso.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def testkit(as_json: bool) -> None:
    """Register one test client per protocol, the same each time, and say how to reach and use them."""
    open_django()
    from yanta.sso.applications.testkit import kit

    told = kit()
    click.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(told)))


def _lines(told: dict[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for name, value in told.items():
        if isinstance(value, dict):
            lines += [f"{'  ' * depth}{name}", *_lines(value, depth + 1)]
        else:
            lines.append(f"{'  ' * depth}{name:<24} {' '.join(value) if isinstance(value, list) else value}")
    return lines


@sso.command("rotate-keys")
def rotate_keys() -> None:
    """Sign with the keys published as next, publish new next ones, keep the last ones for a while."""
    open_django()
    from yanta.kernel import audit
    from yanta.kernel.base import Actor
    from yanta.sso.oidc import keys

    now = keys.rotate()
    audit.record(
        "oidc.signingkey.rotate",
        actor=Actor.system("sso"),
        summary="轮换签名密钥",
        data={"kids": [one.kid for one in now]},
    )
    for key in now:
        click.echo(f"{key.algorithm}\t{key.kid}")


@sso.command("rotate-saml-keys")
def rotate_saml_keys() -> None:
    """Sign assertions with the key published as next; applications that renew our metadata notice nothing."""
    open_django()
    from yanta.kernel import audit
    from yanta.kernel.base import Actor
    from yanta.sso.saml import keys

    now = keys.rotate()
    audit.record(
        "saml.samlkey.rotate",
        actor=Actor.system("sso"),
        summary="轮换 SAML 签名密钥",
        data={"fingerprint": now.fingerprint},
    )
    click.echo(now.fingerprint)


@sso.command()
@click.option(
    "--host", default=lambda: environment.text("LDAP_HOST", "127.0.0.1"), help="Address to listen on."
)
@click.option("--port", type=int, default=lambda: environment.number("LDAP_PORT", 3389), help="0 for none.")
@click.option(
    "--ldaps-port", type=int, default=lambda: environment.number("LDAPS_PORT", 0), help="0 for none."
)
@click.option(
    "--certificate", default=lambda: environment.text("LDAP_CERTIFICATE"), help="PEM, with its chain."
)
@click.option(
    "--key", default=lambda: environment.text("LDAP_KEY"), help="PEM; by default in the certificate's file."
)
@click.option(
    "--plain",
    is_flag=True,
    help="Take passwords unencrypted from other machines too: behind a TLS proxy only.",
)
def ldap(host: str, port: int, ldaps_port: int, certificate: str, key: str, plain: bool) -> None:
    """Serve the read-only LDAP directory until told to stop."""
    open_django()
    from yanta.sso.ldap import running

    try:
        running.serve(
            host=host, port=port, secure_port=ldaps_port, certificate=certificate, key=key, plain=plain
        )
    except OSError as error:
        raise click.ClickException(f"cannot serve LDAP: {error}") from error


@sso.command()
@click.option("--days", type=int, default=1, show_default=True, help="How far back.")
@click.option("--outcome", type=click.Choice(["granted", "refused", "failed"]), help="Only these.")
@click.option("--application", help="Only of the application with this code.")
def decisions(days: int, outcome: str | None, application: str | None) -> None:
    """Every decision of the doors as JSON, one a line, oldest first."""
    open_django()
    from django.utils import timezone

    from yanta.sso.applications.models import Decision

    found = Decision.objects.filter(at__gte=timezone.now() - timedelta(days=days)).order_by("at", "pk")
    if outcome:
        found = found.filter(outcome=outcome)
    if application:
        found = found.filter(application__code=application)
    for row in found.select_related("application", "account").iterator(chunk_size=2000):
        click.echo(json.dumps(_told(row), ensure_ascii=False))


def _told(row: Any) -> dict[str, Any]:
    at: datetime = row.at
    return {
        "at": at.isoformat(), "protocol": row.protocol, "step": row.step, "outcome": row.outcome, "rule": row.rule,
        "reason": row.reason, "application": row.application.code if row.application else None,
        "account": row.account.username if row.account else None, "service": row.service, "address": row.address,
        "agent": row.agent,
    }  # fmt: skip
