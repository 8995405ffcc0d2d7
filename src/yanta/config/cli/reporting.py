"""`yanta reporting …`: check definitions, rehearse a package."""

import sys

import click
from django.utils import timezone

from yanta.config.cli.opening import open_django


@click.group()
def reporting() -> None:
    """Statutory reports: check their definitions, count them any day."""


@reporting.command()
@click.argument("code", required=False)
def check(code: str | None) -> None:
    """Check the definitions of report packages; every fault has a number and a place."""
    open_django()
    from yanta.hub.reporting import definitions, inspection

    broken = False
    for package in [definitions.package(code)] if code else definitions.packages():
        faults = inspection.problems(package)
        broken |= bool(faults)
        cells = sum(1 for table in package.tables for _ in definitions.cells(table))
        click.echo(
            f"{package.code} {package.version}：{len(package.tables)} 张表，{cells} 格，{len(package.checks)} 条核查"
        )
        for fault in faults:
            click.echo(f"  {fault}")
    sys.exit(1 if broken else 0)


@reporting.command()
@click.argument("code")
def rehearse(code: str) -> None:
    """Count a package on the living data and say what its checks find."""
    open_django()
    from yanta.hub.reporting import definitions
    from yanta.hub.reporting.services import filings
    from yanta.kernel.base import Refused

    try:
        kept = filings.rehearsed(definitions.package(code), on=timezone.localdate(), by="命令行")
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    figures = sum(len(values) for values in kept.values.values())
    click.echo(f"{figures:,} 个数，用时 {kept.seconds:.2f} 秒，{len(kept.findings)} 个问题")
    for one in kept.findings[:50]:
        click.echo(f"  {one['check']} {one['message']}：给出 {one['given']}，应 {one['allowed']}")
