"""`yanta snapshots …`: freeze, prove, compare."""

import sys
from datetime import datetime

import click

from yanta.config.cli.opening import open_django, progress

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def snapshots() -> None:
    """Frozen data: freeze a day, prove what is kept, compare two."""


@snapshots.command()
@click.argument("clock", type=click.Choice(["9-30", "school_year", "calendar_year", "manual"]))
@click.argument("on", type=DAY)
@click.option("--title", default="")
def freeze(clock: str, on: datetime, title: str) -> None:
    """Freeze the data of a day; a past day is traced back through the history of changes."""
    open_django()
    from yanta.hub.snapshots import services
    from yanta.kernel.base import Actor, Refused

    try:
        snapshot = services.announce(clock, on.date(), actor=Actor.system("snapshots"), title=title)
        with progress("冻结") as step:
            services.take(snapshot, step=step)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"#{snapshot.pk} {snapshot.title} {snapshot.rows:,} 行 SM3 {snapshot.digest}")


@snapshots.command()
@click.argument("number", type=int, required=False)
def verify(number: int | None) -> None:
    """Read every file and compare it with its signed receipt; exit status 1 when one does not hold."""
    open_django()
    from yanta.hub.snapshots import receipts
    from yanta.hub.snapshots.models import Snapshot

    chosen = Snapshot.objects.exclude(digest="").order_by("pk")
    broken = False
    for snapshot in chosen.filter(pk=number) if number else chosen:
        faults = receipts.faults(snapshot)
        broken |= bool(faults)
        click.echo(f"#{snapshot.pk} {snapshot.title} {snapshot.on}：{'；'.join(faults) or '相符'}")
    sys.exit(1 if broken else 0)


@snapshots.command()
@click.argument("before", type=int)
@click.argument("after", default="now")
@click.option("--subject", default="student")
def compare(before: int, after: str, subject: str) -> None:
    """What came, went and changed between two snapshots, or one and now."""
    open_django()
    from yanta.hub import subjects
    from yanta.hub.snapshots import comparing, views
    from yanta.kernel.base import Actor, Refused

    system = Actor.system("snapshots")
    try:
        sides = [views.side_of(system, one) for one in (str(before), after)]
        found = comparing.compare(sides[0], sides[1], subjects.subject(subject))
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(
        f"{found.before:,} + 新增 {found.added:,} - 减少 {found.gone:,} = {found.after:,}；变更 {found.changed:,}"
    )
    for field, count in found.fields:
        click.echo(f"  {field.title} {count:,}")
