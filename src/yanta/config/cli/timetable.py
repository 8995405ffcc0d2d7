"""`yanta timetable …`: the competitions' files, solved and priced by the engine the school uses."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from yanta.timetabling.formats import Format, Pricing
    from yanta.timetabling.progress import Report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def timetable() -> None:
    """Timetabling by file: solve, score, contest (ITC-2007 .ctt, ITC-2019 .xml)."""


@timetable.command()
@click.argument("file", type=FILE)
@click.option("--seconds", type=click.FloatRange(min=0.1), default=600, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--start", type=FILE, help="A solution to go on from.")
@click.option("--quiet", is_flag=True, help="Say only the result.")
def solve(
    file: Path, seconds: float, out: Path, workers: int, seed: int, start: Path | None, quiet: bool
) -> None:
    """Search for SECONDS and write the best solution; Ctrl-C ends early and keeps what was found."""
    from yanta.timetabling import portfolio

    problem = _opened(file, start)
    click.echo(
        f"{problem.name}: " + ", ".join(f"{count} {name}" for name, count in problem.facts.items()), err=True
    )
    watch = _Watch(quiet=quiet)
    found = portfolio.best_of(problem.solve, workers=workers, seconds=seconds, seed=seed, watcher=watch)
    out.write_text(found.text, encoding="utf-8")
    _tell(found.pricing)


@timetable.command()
@click.argument("file", type=FILE)
@click.argument("solution", type=FILE)
def score(file: Path, solution: Path) -> None:
    """Price a solution by the competition's rules; exit status 1 when what must hold does not."""
    problem = _opened(file, None)
    try:
        pricing = problem.score(solution.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    _tell(pricing)
    sys.exit(1 if pricing.hard else 0)


@timetable.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=600, show_default=True, help="For each.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--only", default="", help="Files whose name begins so, such as comp0[246].")
def contest(folder: Path, seconds: float, workers: int, seed: int, only: str) -> None:
    """Solve every competition file of FOLDER once; a table beside the winner of 2007 and the best known."""
    from yanta.timetabling import portfolio
    from yanta.timetabling.contest import Entry, summary

    entries = []
    click.echo(Entry.heading())
    for file in sorted(
        one for one in folder.glob(f"{only}*") if one.name.endswith((".ctt", ".xml", ".xml.gz"))
    ):
        problem, before = _opened(file, None), _processor()
        found = portfolio.best_of(problem.solve, workers=workers, seconds=seconds, seed=seed, watcher=None)
        hard, soft = found.cost
        entries.append(Entry(file.name.split(".")[0], hard, soft, _processor() - before))
        click.echo(str(entries[-1]))
    click.echo(summary(entries))


def _processor() -> float:
    """Seconds of processor so far, of this process and those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _opened(file: Path, start: Path | None) -> "Format":
    try:
        from yanta.timetabling import formats

        return formats.opened(file, start=start.read_text(encoding="utf-8") if start else None)
    except ModuleNotFoundError as absent:
        raise click.ClickException(f"{absent.name} is missing: install yanta[solve]") from absent
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _tell(pricing: "Pricing") -> None:
    for name, value in pricing.parts.items():
        click.echo(f"{name} {value}")
    click.echo(f"hard {pricing.hard}")
    click.echo(f"soft {pricing.soft}")


class _Watch:
    """A line on stderr for each better solution; an interrupt ends the search, not the command."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.interrupted = False
        signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True

    def __call__(self, report: "Report") -> bool:
        if report.improved and not self.quiet:
            click.echo(f"{report.seconds:8.1f}s  hard {report.hard}  soft {report.soft}", err=True)
        return not self.interrupted
