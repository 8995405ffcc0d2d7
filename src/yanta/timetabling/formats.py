"""The competitions' files behind one face: read, solve, price and write whichever it is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .errors import FormatError
from .progress import Budget, Watcher


@dataclass(frozen=True)
class Pricing:
    """What the competition's rules say; `parts` in the order in which they are told."""

    hard: int
    soft: int
    parts: dict[str, int]


@dataclass(frozen=True)
class Outcome:
    """A solution in the competition's format with its price; picklable, so processes can hand it over."""

    text: str
    pricing: Pricing

    @property
    def cost(self) -> tuple[int, int]:
        return self.pricing.hard, self.pricing.soft


@dataclass(frozen=True)
class Format:
    """A file that was read. `solve` takes seed, budget and watcher; `score` the text of a solution."""

    name: str
    facts: dict[str, int]
    solve: Callable[[int, Budget, Watcher | None], Outcome]
    score: Callable[[str], Pricing]


def opened(path: Path, *, start: str | None = None) -> Format:
    """The instance of the file; with the text of a solution as the start, solving goes on from it."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".ctt"]:
        return _of_2007(path, start)
    if suffixes[-1:] == [".xml"] or suffixes[-2:] == [".xml", ".gz"]:
        return _of_2019(path, start)
    raise FormatError(f"{path.name}: a .ctt (ITC-2007) or .xml (ITC-2019) file is expected")


def _of_2007(path: Path, start: str | None) -> Format:
    from .itc2007 import instance

    read = instance.read(path)
    facts = {
        "courses": len(read.courses),
        "lectures": sum(course.lectures for course in read.courses),
        "rooms": len(read.rooms),
        "periods": read.periods,
        "curricula": len(read.curricula),
    }
    return Format(read.name, facts, partial(_solve_2007, read, start), partial(_score_2007, read))


def _solve_2007(read: Any, start: str | None, seed: int, budget: Budget, watcher: Watcher | None) -> Outcome:
    from .itc2007 import instance, solving

    begin = None if start is None else instance.read_solution(read, start.splitlines())
    solved = solving.solve(read, budget, seed=seed, start=begin, watcher=watcher)
    text = instance.write_solution(read, solved.lectures)
    return Outcome(text, _score_2007(read, text))


def _score_2007(read: Any, text: str) -> Pricing:
    from .itc2007 import instance, scoring

    price = scoring.price(read, instance.read_solution(read, text.splitlines()))
    return Pricing(price.hard, price.soft, vars(price).copy())


def _of_2019(path: Path, start: str | None) -> Format:
    from .itc2019 import files

    read = files.read(path)
    facts = {
        "classes": len(read.lessons),
        "rooms": len(read.rooms),
        "distributions": len(read.rules),
        "students": len(read.students),
    }
    return Format(read.name, facts, partial(_solve_2019, read, start), partial(_score_2019, read))


def _solve_2019(read: Any, start: str | None, seed: int, budget: Budget, watcher: Watcher | None) -> Outcome:
    from . import solving
    from .itc2019 import files

    begin = None if start is None else files.parse_solution(read, start.encode())
    solved = solving.solve(read, budget, seed=seed, start=begin, watcher=watcher)
    text = files.write_solution(read, solved.timetable, seconds=budget.elapsed).decode()
    return Outcome(text, _pricing_2019(solved.price))


def _score_2019(read: Any, text: str) -> Pricing:
    from . import scoring
    from .itc2019 import files

    return _pricing_2019(scoring.price(read, files.parse_solution(read, text.encode())))


def _pricing_2019(price: Any) -> Pricing:
    return Pricing(price.hard, price.soft, vars(price).copy())
