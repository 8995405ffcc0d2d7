"""Backups: a dump of the database, the uploaded files, and a manifest that says what must come back."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from yanta.config import cluster, databases, environment
from yanta.config.databases import scratch_database

Step = Callable[[int, int, str], None]
_DUMP, _FILES, _MANIFEST = "database.dump", "files.tar", "manifest.json"


class BackupError(Exception):
    """A backup that cannot be written or does not hold what its manifest says."""


def write(into: Path, step: Step) -> Path:
    """A new folder named by the instant; it has its final name only when it is complete."""
    moment = datetime.now(UTC)
    folder = into / moment.strftime("%Y%m%dT%H%M%SZ")
    draft = folder.with_suffix(".draft")
    draft.mkdir(parents=True, mode=0o700)
    address = databases.address()
    with psycopg.connect(address) as connection:
        # Counts and dump see the same instant: the dump joins this transaction's snapshot.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = str(_one(connection, "SELECT pg_export_snapshot()"))
        step(1, 4, "数据库")
        major = connection.info.server_version // 10_000
        _run(cluster.tool("pg_dump", server_major=major), "-Fc", "--no-owner", "--no-privileges",
             f"--snapshot={snapshot}", "-f", draft / _DUMP, "--dbname", address)  # fmt: skip
        step(2, 4, "清点")
        rows = row_counts(connection)
    step(3, 4, "文件")
    with tarfile.open(draft / _FILES, "w") as archive:
        if _media().is_dir():
            archive.add(_media(), arcname="files")
    manifest = {
        "made_at": moment.isoformat(),
        "postgresql": major,
        "rows": rows,
        "checksums": {name: checksums(draft / name) for name in (_DUMP, _FILES)},
    }
    draft.joinpath(_MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    draft.rename(folder)
    step(4, 4, "完成")
    return folder


def newest(into: Path) -> Path | None:
    """The latest complete backup."""
    return max((found for found in into.glob("*Z") if (found / _MANIFEST).is_file()), default=None)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def rehearse(folder: Path, step: Step) -> str:
    """Restore into a scratch database, compare its rows with the manifest, walk the audit chain."""
    manifest = _checked(folder, step)
    with scratch_database("yanta_rehearsal") as address:
        step(1, 3, "恢复到演练库")
        _load(folder, address)
        step(2, 3, "逐表核对")
        compared = _compare(address, manifest)
        chain = _audit_verdict(address)
    step(3, 3, "完成")
    return f"{folder.name}：{compared}；{chain}"


def bring_back(folder: Path, step: Step) -> str:
    """Replace the database and the files; the old files stay beside until the new are in place."""
    manifest = _checked(folder, step)
    address = databases.address()
    step(1, 3, "数据库")
    _empty(address)
    _load(folder, address)
    step(2, 3, "文件")
    _unpack(folder)
    compared = _compare(address, manifest)
    step(3, 3, "完成")
    return f"{folder.name}：{compared}"


def checksums(path: Path) -> dict[str, str]:
    """SHA-256 for everybody's tools, SM3 where the law wants it."""
    from cryptography.hazmat.primitives import hashes

    sha, sm3 = hashlib.sha256(), hashes.Hash(hashes.SM3())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            sha.update(block)
            sm3.update(block)
    return {"sha256": sha.hexdigest(), "sm3": sm3.finalize().hex()}


def row_counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of every table, by exact count."""
    names = connection.execute(
        "SELECT relname FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1"
    ).fetchall()
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(_one(connection, count.format(sql.Identifier(name)))) for (name,) in names}


def _checked(folder: Path, step: Step) -> dict[str, Any]:
    step(0, 3, "校验")
    manifest: dict[str, Any] = json.loads(folder.joinpath(_MANIFEST).read_text(encoding="utf-8"))
    for name, expected in manifest["checksums"].items():
        if checksums(folder / name) != expected:
            raise BackupError(f"{name} is not what was written: its checksum differs")
    return manifest


def _compare(address: str, manifest: dict[str, Any]) -> str:
    with psycopg.connect(address) as connection:
        found = row_counts(connection)
    wrong = [name for name, count in manifest["rows"].items() if found.get(name) != count]
    if wrong:
        raise BackupError(f"these tables did not come back whole: {', '.join(wrong)}")
    return f"{len(found)} 张表、{sum(found.values()):,} 行与清单一致"


def _audit_verdict(address: str) -> str:
    """In a process of its own, for this one is bound to the living database."""
    answered = subprocess.run(
        [sys.executable, "-m", "yanta.config.cli", "audit", "verify"],
        env={**os.environ, "YANTA_DATABASE_URL": address},
        capture_output=True,
        text=True,
    )
    if answered.returncode:
        raise BackupError(
            f"the audit chain did not come back whole: {answered.stdout}{answered.stderr[-500:]}"
        )
    return answered.stdout.strip()


def _load(folder: Path, address: str) -> None:
    with psycopg.connect(address) as connection:
        major = connection.info.server_version // 10_000
    tool = cluster.tool("pg_restore", server_major=major)
    _run(
        tool,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--jobs=2",
        "--dbname",
        address,
        folder / _DUMP,
    )


def _empty(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _unpack(folder: Path) -> None:
    fresh = _media().with_name("files.restored")
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(folder / _FILES) as archive:
        # Python before 3.11.4 knows no filters; the archive's checksum was compared, it is one of ours.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(fresh)  # noqa: S202 - see above
    # Nobody may have uploaded anything yet.
    (fresh / "files").mkdir(parents=True, exist_ok=True)
    replaced = _media().with_name("files.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    if _media().exists():
        _media().rename(replaced)
    (fresh / "files").rename(_media())
    fresh.rmdir()
    shutil.rmtree(replaced, ignore_errors=True)


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {done.stderr[-2000:]}")


def _one(connection: psycopg.Connection[Any], query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _media() -> Path:
    return environment.home() / "files"
