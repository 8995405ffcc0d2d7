"""Several processes, one answer."""

from functools import partial
from pathlib import Path

import pytest

from yanta.timetabling import formats, itc2007, portfolio
from yanta.timetabling.errors import FormatError, SearchDiedError
from yanta.timetabling.formats import Outcome, Pricing
from yanta.timetabling.progress import Budget, Report, Watcher

COMP01 = Path(itc2007.__file__).parent / "tests" / "comp01.ctt"


def costs_its_seed(seed: int, budget: Budget, watcher: Watcher | None) -> Outcome:
    while not budget.over:
        budget.tell(watcher, hard=0, soft=seed, improved=True)
    return Outcome("", Pricing(0, seed, {}))


def dies(above: int, seed: int, budget: Budget, watcher: Watcher | None) -> Outcome:
    if seed > above:
        raise SystemExit(3)
    return costs_its_seed(seed, budget, watcher)


def test_the_cheapest_of_all_processes_counts() -> None:
    heard: list[Report] = []

    found = portfolio.best_of(costs_its_seed, workers=2, seconds=0.2, seed=5, watcher=heard.append)

    assert found.cost == (0, 5)
    assert heard[-1].soft == 5


def test_a_watcher_ends_them_all() -> None:
    found = portfolio.best_of(costs_its_seed, workers=2, seconds=10_000, seed=5, watcher=lambda report: False)

    assert found.cost == (0, 5)


def test_one_that_dies_does_not_take_the_others_along() -> None:
    found = portfolio.best_of(partial(dies, 5), workers=2, seconds=0.2, seed=5, watcher=None)

    assert found.cost == (0, 5)
    with pytest.raises(SearchDiedError):
        portfolio.best_of(partial(dies, 0), workers=2, seconds=0.2, seed=5, watcher=None)


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.ctt"):
        formats.opened(tmp_path / "timetable.docx")


def test_a_solution_in_the_format_of_2007_comes_back() -> None:
    read = formats.opened(COMP01)
    found = read.solve(1, Budget(iterations=100_000), None)

    assert read.score(found.text) == found.pricing
    on = formats.opened(COMP01, start=found.text).solve(2, Budget(iterations=10_000), None)
    assert on.cost <= found.cost
