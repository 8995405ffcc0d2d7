"""`yanta nodes …`: join, push, compare, see how reporting stands."""

from typing import Any

import click

from yanta.config.cli.opening import open_django


@click.group()
def nodes() -> None:
    """Other nodes: whom one reports to, who reports here."""


@nodes.command()
def status() -> None:
    """Say what this node is, whom it knows, and what waits."""
    open_django()
    from yanta.hub.nodes import levels, queries
    from yanta.hub.nodes.models import Node

    click.echo(f"{levels.own().title} {levels.own_code()} {levels.own_name()}")
    for node in Node.objects.all():
        click.echo(
            f"  {node.get_relation_display()} {node.code} {node.name} {node.get_state_display()} {node.address}"
        )
        for line in queries.stream_lines(node):
            waits = f"{line.waiting} 个包待发" if line.waiting else "没有积压"
            click.echo(
                f"    {line.stream.title} {line.stream.get_state_display()} {waits} {line.stream.error}"
            )


@nodes.command()
@click.argument("code")
@click.argument("name")
@click.option("--peer", is_flag=True, help="A node of the same level, to share data with.")
def invite(code: str, name: str, peer: bool) -> None:
    """Print a one-time code for the node with this CODE and NAME."""
    open_django()
    from yanta.hub.nodes import services

    click.echo(_done(services.invite, code=code, name=name, is_peer=peer).enrol_code)


@nodes.command()
@click.argument("address")
@click.argument("code")
@click.option("--peer", is_flag=True, help="A node of the same level, to share data with.")
def join(address: str, code: str, peer: bool) -> None:
    """Show the one-time CODE to the node at ADDRESS and exchange keys."""
    open_django()
    from yanta.hub.nodes import services

    click.echo(str(_done(services.join, address=address, code=code, is_peer=peer)))


@nodes.command()
@click.argument("code")
def activate(code: str) -> None:
    """Let the node with this CODE in, its public key having been compared."""
    open_django()
    from yanta.hub.nodes import services

    _done(services.activate, _node(code))


@nodes.command()
@click.argument("subjects", nargs=-1)
def agree(subjects: tuple[str, ...]) -> None:
    """Agree to report these SUBJECTS, or all that are asked for."""
    open_django()
    from yanta.hub.nodes import services
    from yanta.hub.nodes.models import Stream

    rows = Stream.objects.filter(state=Stream.State.PROPOSED)
    for stream in rows.filter(subject__in=subjects) if subjects else rows:
        _done(services.agree, stream)
        click.echo(stream.title)


@nodes.command()
def push() -> None:
    """Build what changed, send what waits, fetch feedback: now."""
    open_django()
    from django.utils import timezone

    from yanta.hub.nodes import pushing

    for upper in pushing.uppers():
        done = pushing.push_node(upper, at=timezone.now(), now=True)
        click.echo(f"{upper.name}: {done} 个包已回执")


@nodes.command()
def receipts() -> None:
    """Lay both sides' receipts side by side; exit status 1 when they differ."""
    open_django()
    from yanta.hub.nodes import pushing
    from yanta.hub.nodes import receipts as kept
    from yanta.hub.nodes.client import Client, Unreachable
    from yanta.hub.nodes.models import Receipt
    from yanta.kernel.base import Refused

    differing = 0
    for upper in pushing.uppers():
        try:
            with Client(upper) as client:
                lines = kept.compare(upper, kept.fetched(client))
        except (Refused, Unreachable) as problem:
            raise click.ClickException(str(problem)) from problem
        count = Receipt.objects.filter(side=Receipt.Side.GOT, node=upper).count()
        click.echo("\n".join(lines) if lines else f"{upper.name}: {count} 份回执，两方一致")
        differing += len(lines)
    raise SystemExit(1 if differing else 0)


def _node(code: str) -> Any:
    from yanta.hub.nodes.models import Node

    found = Node.objects.filter(code=code).first()
    if found is None:
        raise click.ClickException(f"no node {code}")
    return found


def _done(verb: Any, *subject: Any, **parameters: Any) -> Any:
    from yanta.kernel.base import Actor, Refused

    try:
        return verb(*subject, actor=Actor.system("command line"), **parameters)
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
