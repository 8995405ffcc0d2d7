"""`yanta timetable` as a person calls it."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from yanta.config.cli import main

pytestmark = pytest.mark.skipif(not find_spec("numba"), reason="needs yanta[solve]")
COMP01 = Path(__file__).parents[2] / "timetabling" / "itc2007" / "tests" / "comp01.ctt"


def test_solves_a_file_and_prices_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "comp01.sol"

    solved = CliRunner().invoke(
        main, ["timetable", "solve", str(COMP01), "--seconds", "2", "--out", str(out), "--quiet"]
    )
    priced = CliRunner().invoke(main, ["timetable", "score", str(COMP01), str(out)])

    assert solved.exit_code == 0, solved.output
    assert priced.stdout.splitlines()[-1] == solved.stdout.splitlines()[-1]
    assert "room_capacity" in priced.stdout


def test_a_broken_solution_has_exit_status_one(tmp_path: Path) -> None:
    out = tmp_path / "broken.sol"
    out.write_text("c0001 rB 0 0\n", encoding="utf-8")

    priced = CliRunner().invoke(main, ["timetable", "score", str(COMP01), str(out)])

    assert priced.exit_code == 1
    assert "hard 159" in priced.stdout


def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    out = tmp_path / "wrong.sol"
    out.write_text("Latin rB 0 0\n", encoding="utf-8")

    priced = CliRunner().invoke(main, ["timetable", "score", str(COMP01), str(out)])

    assert "not a lecture of Fis0506-1: Latin rB 0 0" in priced.output


def test_a_contest_tells_each_file_beside_what_others_reached() -> None:
    told = CliRunner().invoke(
        main, ["timetable", "contest", str(COMP01.parent), "--seconds", "1", "--workers", "1"]
    )

    assert told.exit_code == 0, told.output
    heading, row, total = told.stdout.splitlines()
    assert heading.split()[:3] == ["instance", "hard", "soft"]
    assert row.split()[:2] == ["comp01", "0"]
    assert total.startswith("1 of 1 hold")
