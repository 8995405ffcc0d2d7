"""The private cluster, really started, in folders as people have them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yanta.config import cluster

pytestmark = pytest.mark.skipif(not cluster.binaries(), reason="no PostgreSQL binaries on this machine")

HOLD = "from yanta.config import cluster; cluster.ensure(); print('up', flush=True); input()"


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are closed to all but one."""
    with tempfile.TemporaryDirectory(prefix="yanta-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def home(ground: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = ground / "var"
    monkeypatch.setenv("YANTA_HOME", str(place))
    # The test run itself may hold a cluster; that one stays as it is.
    monkeypatch.setattr(cluster, "_held", None)
    yield place
    cluster.leave()
    cluster.stop()
    if not cluster.folder().is_relative_to(ground):
        shutil.rmtree(cluster.folder(), ignore_errors=True)


def answer(sql: str) -> object:
    with psycopg.connect(cluster.address()) as connection:
        row = connection.execute(sql).fetchone()
    assert row
    return row[0]


class TestLife:
    def test_first_use_makes_it_and_the_last_user_stops_it(self, home: Path) -> None:
        cluster.ensure()

        assert answer("SHOW lc_ctype") == "C.UTF-8"
        assert answer("SHOW listen_addresses") == ""
        cluster.leave()
        assert not cluster.is_running()

    def test_data_outlive_a_restart(self, home: Path) -> None:
        cluster.ensure()
        with psycopg.connect(cluster.address()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        cluster.leave()

        cluster.ensure()

        assert answer("SELECT value FROM kept") == 42

    def test_stays_up_while_another_process_uses_it(self, home: Path) -> None:
        other = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert other.stdout
        assert other.stdout.readline() == b"up\n"
        cluster.ensure()

        cluster.leave()
        assert cluster.is_running()

        other.communicate(b"\n")
        assert not cluster.is_running()

    def test_many_starters_at_once_share_one_server(self, home: Path) -> None:
        others = [
            subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(4)
        ]
        try:
            assert [other.stdout and other.stdout.readline() for other in others] == [b"up\n"] * 4
            assert answer("SELECT 1") == 1
        finally:
            for other in others:
                other.communicate(b"\n")
        assert not cluster.is_running()


class TestAfterACrash:
    def test_starts_again_when_the_server_was_killed(self, home: Path) -> None:
        cluster.ensure()
        pid_file = cluster.folder() / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        while cluster.is_running():
            time.sleep(0.05)

        cluster.start()

        assert answer("SELECT 1") == 1

    def test_a_number_that_belongs_to_somebody_else_now_is_no_server(self, home: Path) -> None:
        cluster.ensure()
        pid_file = cluster.folder() / "data" / "postmaster.pid"
        content = pid_file.read_text().split("\n", 1)[1]
        cluster.leave()
        pid_file.write_text(f"{os.getpid()}\n{content}")

        assert not cluster.is_running()
        cluster.ensure()

        assert answer("SELECT 1") == 1


class TestPlaces:
    def test_a_long_path_gets_a_short_socket(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YANTA_HOME", str(home / ("long" * 20)))

        cluster.ensure()

        assert answer("SELECT 1") == 1
        assert len(str(cluster.run_folder())) < 40

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
    def test_a_closed_home_is_no_obstacle_to_root(
        self, home: Path, ground: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = ground / "closed"
        closed.mkdir(mode=0o700)
        monkeypatch.setenv("YANTA_HOME", str(closed / "var"))

        cluster.ensure()

        assert answer("SELECT 1") == 1
        assert (cluster.folder() / "data").stat().st_uid != 0

    def test_the_password_is_asked_for(self, home: Path) -> None:
        cluster.ensure()

        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"host={cluster.run_folder()} dbname=yanta user=yanta password=wrong")


class TestTools:
    def test_a_dump_tool_is_never_older_than_the_server(self) -> None:
        newest = max(major for major, _ in cluster.binaries())

        assert cluster.tool("pg_dump", server_major=newest).is_file()
        with pytest.raises(cluster.ClusterError):
            cluster.tool("pg_dump", server_major=newest + 1)
