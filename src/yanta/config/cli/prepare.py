"""`yanta migrate`, `yanta demo`, `yanta schema`: a database that is ready to work with."""

import os

import click

from yanta.config.cli.opening import Step, open_database, open_django, progress


@click.command()
def migrate() -> None:
    """Bring the schema and the code tables up to date."""
    open_django()
    for line in bring_up_to_date():
        click.echo(line)


@click.command()
@click.option("--size", type=click.Choice(["small", "university"]), default="small", show_default=True)
def demo(size: str) -> None:
    """Fill the database with a made-up university; what is there already stays."""
    open_django()
    bring_up_to_date()
    if not is_without_school():
        raise click.ClickException("there is a school already; the demo fills an empty database")
    with progress("演示学校") as step:
        for noun, count in build_school(size, step).items():
            click.echo(f"{noun} {count:,}")


def is_without_school() -> bool:
    """Whether the organisation is still empty."""
    from yanta.kernel.organisation.models import OrgUnit

    return not OrgUnit.objects.exists()


def build_school(size: str, step: Step) -> dict[str, int]:
    """The demo school, as of today."""
    from django.utils import timezone

    from yanta.config.demo import build
    from yanta.config.demo.accounts import PASSWORD, guests
    from yanta.kernel.portal.demo import offer

    counts = build(size, today=timezone.localdate(), report=step)
    offer(guests(), password=PASSWORD)
    return counts


def bring_up_to_date() -> list[str]:
    """Schema, then code tables; each says in a line what it did."""
    from yanta.config import schema
    from yanta.kernel.codes.loading import load_codes

    lines = [f"schema: {schema.bring_up_to_date()}"]
    lines += [str(receipt) for receipt in load_codes()]
    return lines


@click.group()
def schema() -> None:
    """The schema template that first runs restore."""


@schema.command()
def write() -> None:
    """Migrate a scratch database from nothing and keep its schema as the template."""
    from yanta.config.databases import scratch_database

    open_database()
    with scratch_database("yanta_schema_template") as address:
        os.environ["YANTA_DATABASE_URL"] = address
        open_django()
        from django.core.management import call_command
        from django.db import connection

        from yanta.config import schema as template

        call_command("migrate", interactive=False, verbosity=0)
        click.echo(f"{template.write_template():,} bytes")
        connection.close()


@schema.command("bring-up")
def bring_up() -> None:
    """Bring only the schema up to date, no code tables."""
    open_django()
    from yanta.config import schema as template

    click.echo(template.bring_up_to_date())
