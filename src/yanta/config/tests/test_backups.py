"""Backups are proved by bringing them back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yanta.config import backups, cluster, databases

pytestmark = pytest.mark.skipif(not cluster.binaries(), reason="no PostgreSQL tools on this machine")


def silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with a table, a file and a database of its own."""
    with databases.scratch_database("yanta_backup_test") as address:
        monkeypatch.setenv("YANTA_HOME", str(tmp_path))
        monkeypatch.setenv("YANTA_DATABASE_URL", address)
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value")
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "证明.txt").write_text("原件")
        yield tmp_path


@pytest.fixture
def made(home: Path) -> Path:
    return backups.write(home / "backups", silent)


def change_everything(home: Path) -> None:
    with psycopg.connect(databases.address()) as connection:
        connection.execute("DELETE FROM kept WHERE value > 10")
        connection.execute("CREATE TABLE later (value int)")
    (home / "files" / "证明.txt").write_text("改过")


def rows() -> int:
    with psycopg.connect(databases.address()) as connection:
        return backups.row_counts(connection)["kept"]


def test_brings_back_rows_and_files(home: Path, made: Path) -> None:
    change_everything(home)

    said = backups.bring_back(made, silent)

    assert rows() == 1000
    assert (home / "files" / "证明.txt").read_text() == "原件"
    assert "1 张表、1,000 行与清单一致" in said


def test_brings_back_an_installation_without_files(home: Path) -> None:
    shutil.rmtree(home / "files")
    made = backups.write(home / "backups", silent)
    (home / "files").mkdir()
    (home / "files" / "later.txt").touch()

    backups.bring_back(made, silent)

    assert list((home / "files").iterdir()) == []


def test_a_rehearsal_touches_nothing(home: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_audit_verdict", lambda address: "审计链完好")
    change_everything(home)

    said = backups.rehearse(made, silent)

    assert rows() == 10
    assert "一致；审计链完好" in said


def test_a_changed_file_is_noticed_before_anything_is_replaced(home: Path, made: Path) -> None:
    with (made / "database.dump").open("r+b") as dump:
        dump.seek(100)
        dump.write(b"\0\0\0\0")

    with pytest.raises(backups.BackupError, match="checksum"):
        backups.bring_back(made, silent)

    assert rows() == 1000


def test_the_newest_complete_one_is_chosen(home: Path, made: Path) -> None:
    (home / "backups" / "29990101T000000Z.draft").mkdir()

    assert backups.newest(home / "backups") == made
