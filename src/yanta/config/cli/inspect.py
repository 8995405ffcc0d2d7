"""`yanta check` and `yanta show`: what the declarations say, and what is wrong with them."""

import sys
from pathlib import Path

import click

from yanta.config.cli.opening import open_django


@click.command()
@click.option("--deploy", is_flag=True, help="Also what matters only in production.")
def check(deploy: bool) -> None:
    """Check every declaration, and that every change of a model has its migration."""
    open_django()
    from django.core.management import call_command

    call_command("check", deploy=deploy, fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True)
    from yanta.config import schema

    if not schema.template_fits():
        click.echo("The schema template is older than the migrations; renew it with: make schema")


@click.command()
@click.argument("system", required=False)
@click.option("--all", "everything", is_flag=True, help="Every installed system.")
@click.option("--into", type=click.Path(path_type=Path), help="Write a page per system into this folder.")
def show(system: str | None, everything: bool, into: Path | None) -> None:
    """Print what is derived from a system's declarations; the same text is its reference page."""
    open_django(database=False)
    from yanta.config import derived

    labels = derived.labels() if everything else [system or ""]
    unknown = [label for label in labels if label not in derived.labels()]
    if unknown:
        click.echo(f"no system {unknown[0]!r}; there are: {', '.join(derived.labels())}", err=True)
        sys.exit(2)
    for label in labels:
        _write(label, derived.page(label), into)


def _write(label: str, text: str, into: Path | None) -> None:
    if not into:
        click.echo(text)
        return
    into.mkdir(parents=True, exist_ok=True)
    into.joinpath(f"{label}.md").write_text(text, encoding="utf-8")
