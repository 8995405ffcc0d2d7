"""The command line as a person meets it."""

import compileall
import socket
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from yanta.config.cli import main, new_system, serve
from yanta.config.cli.entry import COMMANDS


class TestHelp:
    def test_names_every_command_and_is_instant(self) -> None:
        began = time.process_time()
        answered = subprocess.run(
            [sys.executable, "-m", "yanta.config.cli", "--help"], capture_output=True, text=True
        )

        assert all(name in answered.stdout for name in COMMANDS)
        assert "django" not in loaded_by_help()
        assert time.process_time() - began < 1

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_is_there(self, name: str) -> None:
        answered = CliRunner().invoke(main, [name, "--help"])

        assert answered.exit_code == 0 or name == "manage", answered.output


def loaded_by_help() -> str:
    code = "import sys, yanta.config.cli; print([name for name in sys.modules if name in ('django', 'rich')])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


class TestPort:
    def test_a_taken_one_is_said_to_be_taken(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()

            with pytest.raises(click.ClickException, match="YANTA_PORT"):
                serve.refuse_taken_port("127.0.0.1", other.getsockname()[1])


class TestNewSystem:
    def test_writes_files_that_python_can_read(self, tmp_path: Path) -> None:
        words = new_system.words_for("lockers", title="储物柜", area="后勤", owner="后勤处")

        written = new_system.write(tmp_path / "lockers", words)

        assert {path.name for path in written} >= {
            "apps.py",
            "models.py",
            "resources.py",
            "services.py",
            "README.md",
        }
        assert compileall.compile_dir(tmp_path, quiet=1)
        assert "<<" not in "".join(path.read_text() for path in written)

    def test_two_declarations_need_no_more_than_sixty_lines(self, tmp_path: Path) -> None:
        words = new_system.words_for("lockers", title="储物柜", area="后勤", owner="后勤处")
        new_system.write(tmp_path, words)

        lines = [(tmp_path / name).read_text().splitlines() for name in ("resources.py", "services.py")]

        assert sum(map(len, lines)) <= 60

    @pytest.mark.parametrize("name", ["Lockers", "2lockers", "lock-ers", "equipment"])
    def test_refuses_a_name_that_cannot_be(self, name: str) -> None:
        assert new_system.refusal_reason(name)

    def test_adds_one_line_to_the_list(self, tmp_path: Path) -> None:
        listing = tmp_path / "systems.py"
        listing.write_text('BUSINESS = [\n    "yanta.hub",\n    "yanta.systems.leave",\n]\n')

        new_system.install("awards", listing)

        assert listing.read_text() == (
            'BUSINESS = [\n    "yanta.hub",\n    "yanta.systems.awards",\n    "yanta.systems.leave",\n]\n'
        )
