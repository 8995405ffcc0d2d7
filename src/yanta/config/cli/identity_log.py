"""`yanta identity log …`: verify, export and hand on the logs of sign-ins and of the doors."""

import sys
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import click

from yanta.config.cli.opening import open_django, progress

OUTCOMES = "One outcome: success, wrong_password, locked_out, granted, refused …"


@click.group()
def log() -> None:
    """The log of sign-ins (sign-ins) and that of the doors (decisions)."""


@log.command()
@click.option("--log", "only", help="One log: sign-ins or decisions.")
def verify(only: str | None) -> None:
    """Recompute every seal; exit status 1 when a row was changed, removed or slipped in."""
    open_django()
    from django.utils import timezone

    from yanta.kernel.identity.trail import logs, verifying

    sound = True
    for one in [_named(only)] if only else logs.logs():
        with progress(one.title) as step:
            found = verifying.verify(one, at=timezone.now(), progress=step)
        sound = sound and found.is_sound
        proved = f"{timezone.localtime(found.proved_to):%Y-%m-%d %H:%M:%S}" if found.proved_to else "—"
        click.echo(f"{one.name}\t{'sound' if found.is_sound else 'BROKEN'}\t{proved}\t{found.finding}")
    sys.exit(0 if sound else 1)


@log.command()
@click.option("--log", "name", default="sign-ins", show_default=True, help="sign-ins or decisions.")
@click.option("--since", type=click.DateTime(), help="From this local time on; by default a day ago.")
@click.option("--until", type=click.DateTime(), help="Up to this local time, itself excluded.")
@click.option("--outcome", default="", help=OUTCOMES)
@click.option("--account", default="", help="Of the account with this login name.")
@click.option("--address", default="", help="From this network address.")
@click.option("--method", default="", help="By this method (sign-ins) or protocol (decisions).")
@click.option("--form", type=click.Choice(["jsonl", "syslog"]), default="jsonl", show_default=True)
@click.option("--to", "out", type=click.File("wb"), default="-", help="A file; by default the terminal.")
@click.option("--purpose", required=True, help="What for; enters the audit trail.")
def export(
    name: str, since: datetime | None, until: datetime | None, form: str, out: BinaryIO, purpose: str, **limits: str
) -> None:  # fmt: skip
    """Rows as JSON lines or syslog messages, oldest first; the count and digest go to standard error."""
    open_django()
    from django.utils import timezone

    from yanta.kernel.base import Actor
    from yanta.kernel.identity.trail import exporting

    start = timezone.make_aware(since) if since else timezone.now() - timedelta(days=1)
    wanted = exporting.Wanted(since=start, until=timezone.make_aware(until) if until else None, **limits)
    done = exporting.export(
        _named(name), wanted, form=form, purpose=purpose, actor=Actor.system("cli"), write=out.write
    )
    out.flush()
    click.echo(f"{done.rows} rows, sha256 {done.digest}", err=True)


@log.command()
def send() -> None:
    """Seal what waits and send it to every open receiver, as the background work does every ten seconds."""
    open_django()
    from django.utils import timezone

    from yanta.kernel.identity.trail import feeding, sealing
    from yanta.kernel.identity.trail.models import LogFeed

    sealing.seal_all()
    sent = feeding.feed_all(at=timezone.now())
    for feed in LogFeed.objects.filter(is_open=True).order_by("name"):
        click.echo(f"{feed.name}\t{feed.log}\tposition {feed.position}\t{feed.error or 'ok'}")
    click.echo(f"{sent} rows sent")


def _named(name: str) -> Any:
    from yanta.kernel.identity.trail import logs

    if name not in dict(logs.choices()):
        raise click.ClickException(f"no such log: {name}; there are {', '.join(dict(logs.choices()))}")
    return logs.log_named(name)
