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
@click.option("--province", is_flag=True, help="One province and three schools, in four databases made anew.")
@click.option("--prefix", default="yanta_node", show_default=True, help="Of the four databases.")
@click.option("--port", default=8110, show_default=True, help="The province's; the schools' follow.")
@click.option("--serve", is_flag=True, help="Then serve all four until stopped.")
def demo(size: str, province: bool, prefix: str, port: int, serve: bool) -> None:
    """Fill the database with a made-up university; what is there already stays."""
    if province:
        show_province(prefix, port, serve=serve)
        return
    open_django()
    bring_up_to_date()
    if not is_without_school():
        raise click.ClickException("there is a school already; the demo fills an empty database")
    with progress("演示学校") as step:
        for noun, count in build_school(size, step).items():
            click.echo(f"{noun} {count:,}")


def show_province(prefix: str, port: int, *, serve: bool) -> None:
    """Build the four nodes, print what the province knows, say how to start them (or start them)."""
    import time

    open_database()
    from yanta.config import province

    made = province.Province(prefix, port)
    province.build(made, say=click.echo)
    click.echo(province.summary(made))
    places = [province.PROVINCE, *province.SCHOOLS]
    for place in places:
        click.echo(f"\n{place.name}  {made.url(place)}/\n  {made.start_line(place)}")
    if serve:
        with province.serving(made, places, with_work=True):
            click.echo("\nCtrl-C stops everything. 按 Ctrl-C 停止。")
            while True:
                time.sleep(3600)


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
        from django.db import connection

        from yanta.config import schema as template

        template.migrate()
        click.echo(f"{template.write_template():,} bytes")
        connection.close()


@schema.command("bring-up")
def bring_up() -> None:
    """Bring only the schema up to date, no code tables."""
    open_django()
    from yanta.config import schema as template

    click.echo(template.bring_up_to_date())
