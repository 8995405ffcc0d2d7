"""`yanta bench NAME`: runs a file of `bench/` and prints its figures."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from yanta.config import environment
from yanta.config.cli.opening import open_django, progress


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(name: str, as_json: bool) -> None:
    """Measure, beside what it is compared with: pages, logins, import, matching …, or all."""
    found = files()
    if name != "all" and name not in found:
        raise click.ClickException(f"no bench {name!r}; there are: {', '.join([*found, 'all'])}")
    open_django()
    chosen = list(found) if name == "all" else [name]
    figures = {one: _measure(one, found[one]) for one in chosen}
    if as_json:
        click.echo(json.dumps(figures if name == "all" else figures[name], ensure_ascii=False, indent=1))
        return
    for one, values in figures.items():
        click.echo("\n".join(_lines(one, values)))


def files() -> dict[str, Path]:
    """The benches of the clone by name; `import` is no name for a Python file, so it is `importing.py`."""
    root = environment.checkout()
    found = sorted(root.glob("bench/[a-z]*.py")) if root else []
    return {{"importing": "import"}.get(path.stem, path.stem): path for path in found}


def _measure(name: str, path: Path) -> dict[str, Any]:
    with progress(name) as step:
        figures: dict[str, Any] = _load(path).measure(step)
    return figures


def _load(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise click.ClickException(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _lines(name: str, values: dict[str, Any], depth: int = 0) -> list[str]:
    lines = [f"{'  ' * depth}{name}"]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _lines(key, value, depth + 1)
        else:
            shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
            lines.append(f"{'  ' * (depth + 1)}{key:<28} {shown}")
    return lines
