"""`yanta hub …`: data runs on the command line."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yanta.config.cli import pipelines
from yanta.config.cli.opening import open_database, open_django, progress

if TYPE_CHECKING:
    from yanta.hub.models import Run
    from yanta.hub.storing.delivery import Delivery

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def hub() -> None:
    """Data runs: take in, match, load, prove."""


hub.add_command(pipelines.run)


@hub.command()
@click.argument("folder", type=_FOLDER)
@click.option("--accept-mapping", is_flag=True, help="Take the proposed mapping of every new layout.")
@click.option("--clusters", type=_FILE, help="Write which row is which person.")
@click.option("--quarantine", type=_FILE, help="Write the rows that were held back.")
@click.option("--golden", type=_FILE, help="Write the merged values.")
@click.option("--scratch", is_flag=True, help="In a database of its own, dropped afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def intake(
    folder: Path, accept_mapping: bool, clusters: Path | None, quarantine: Path | None, golden: Path | None,
    scratch: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take the files of FOLDER in; ends with a receipt."""
    with _database(scratch=scratch):
        from yanta.hub import exporting
        from yanta.hub.services import runs
        from yanta.kernel.base import Actor, Refused

        def write(delivery: "Delivery") -> None:
            exporting.write(delivery, clusters=clusters, quarantine=quarantine, golden=golden)

        with progress("数据接入") as step:
            try:
                run = runs.intake(
                    folder.resolve(),
                    actor=Actor.system("hub"),
                    accept_mapping=accept_mapping,
                    step=step,
                    seen=write,
                )
            except Refused as refusal:
                raise click.ClickException(refusal.message) from refusal
        click.echo(json.dumps(run.counts, ensure_ascii=False) if as_json else _told(run))
        if run.state == run.State.PROPOSED:
            raise click.ClickException("有新的版式，请先在“列映射”中确认，或加 --accept-mapping")


def _told(run: "Run") -> str:
    if not run.counts:
        return f"运行 {run.pk}：{run.get_state_display()}"
    lines = [f"对账单 {run.pk}：读入 = 新增 + 变更 + 未变 + 隔离"]
    for file in run.files.all():
        total = f"{file.read} = {file.new} + {file.changed} + {file.unchanged} + {file.quarantined}"
        lines.append(f"  {file.file} {file.sheet}  {total}（另有非数据行 {file.skipped}）")
    counts = run.counts
    lines.append(
        f"  合计 {counts['read']} = {counts['new']} + {counts['changed']} + {counts['unchanged']} + {counts['quarantined']}"
        f"；人员 {counts['persons']}（新 {counts['persons_new']}），存疑对 {counts['doubtful']}"
    )
    return "\n".join([*lines, f"  SM3 {run.receipt.digest}", f"  用时 {run.timings}"])


@hub.command()
@click.argument("run_id", type=int, required=False)
@click.option(
    "--pipelines",
    "of_pipelines",
    is_flag=True,
    help="RUN_ID is a pipeline's run; without it, only pipelines'.",
)
def receipts(run_id: int | None, of_pipelines: bool) -> None:
    """Verify the receipt of one run, or of all; exit status 1 when one does not stand."""
    open_django()
    from yanta.hub.models import Receipt
    from yanta.hub.storing.receipts import faults

    broken = 0 if run_id and not of_pipelines else pipelines.verify_receipts(run_id)[1]
    found = Receipt.objects.filter(run_id=run_id) if run_id else Receipt.objects.all()
    found = found.none() if of_pipelines else found
    for receipt in found.order_by("pk"):
        wrong = faults(receipt)
        broken += bool(wrong)
        click.echo(f"{receipt.run_id}\t{receipt.digest[:16]}\t{'；'.join(wrong) or '有效'}")
    if broken:
        raise SystemExit(1)


@hub.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def land(file: Path) -> None:
    """Land a large roster (CSV) for look-up, comparing it with what is there."""
    open_django()
    from yanta.hub.services.rosters import land_file
    from yanta.kernel.base import Actor

    run = land_file(file, actor=Actor.system("hub"))
    click.echo(_told(run))


@contextmanager
def _database(*, scratch: bool) -> Iterator[None]:
    """The installation's database, or a fresh one for this command alone."""
    if not scratch:
        open_django()
        yield
        return
    open_database()
    open_django(database=False)
    import psycopg
    from django.db import connections
    from psycopg.conninfo import make_conninfo

    from yanta.config import databases, schema

    name = f"yanta_scratch_{os.getpid()}"
    server = make_conninfo(databases.address(), dbname="postgres")
    template = schema.database_for_tests()
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = name
        try:
            yield
        finally:
            connections["default"].close()
            own.execute(f"DROP DATABASE {name} WITH (FORCE)")
