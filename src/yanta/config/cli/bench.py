"""`yanta bench NAME`: runs a file of `bench/` and prints its figures."""

import importlib
import json
import os
import sys
from typing import Any

import click

from yanta.config import databases, environment
from yanta.config.cli import prepare
from yanta.config.cli.opening import open_database, open_django

# `import` is no name for a Python file.
NAMES = {
    "pages": "pages",
    "rosters": "rosters",
    "import": "importing",
    "matching": "matching",
    "logins": "logins",
    "tokens": "tokens",
    "binds": "binding",
    "exchange": "exchanging",
    "nodes": "reporting",
    "sharing": "sharing",
    "workflow": "workflow",
}
# Minutes each, or in need of others' tools: only by name.
APART = {
    "import-10m": "tenfold",
    "import-peers": "peers",
    "pipeline": "pipelining",
    "exports": "exports",
    "rush": "rush",
    "rush-kills": "kills",
    "timetable": "timetable",
    "documents": "documents",
}


@click.command()
@click.argument("name", type=click.Choice([*NAMES, *APART, "all"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--users", type=int, default=10_000, help="How many come at once (rush).")
@click.option("--people", type=int, default=200, help="For how many each form is filled (documents).")
def bench(name: str, as_json: bool, users: int, people: int) -> None:
    """Measure in a scratch database, beside what it is compared with."""
    open_database()
    chosen = list(NAMES) if name == "all" else [name]
    with databases.scratch_database(f"yanta_bench_{os.getpid()}") as address:
        os.environ["YANTA_DATABASE_URL"] = address
        open_django()
        prepare.bring_up_to_date()
        asked = {
            "rush": {"users": users},
            "rush-kills": {"users": users},
            "documents": {"people": people},
        }.get(name, {})
        figures = {one: _measure((NAMES | APART)[one], address, **asked) for one in chosen}
        _close_connections()
    if as_json:
        click.echo(json.dumps(figures if name == "all" else figures[name], ensure_ascii=False, indent=1))
        return
    for one, values in figures.items():
        click.echo("\n".join(_lines(one, values)))


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _measure(file: str, address: str, **asked: int) -> dict[str, Any]:
    """Each file of `bench/` has `run(*, address)`, which answers with its figures."""
    root = environment.checkout()
    if root is None:
        raise click.ClickException("benches are run from a clone")
    sys.path.insert(0, str(root / "bench"))
    figures: dict[str, Any] = importlib.import_module(file).run(address=address, **asked)
    return figures


def _lines(name: str, values: dict[str, Any], depth: int = 0) -> list[str]:
    lines = [f"{'  ' * depth}{name}"]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _lines(key, value, depth + 1)
        else:
            shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
            lines.append(f"{'  ' * (depth + 1)}{key:<28} {shown}")
    return lines
