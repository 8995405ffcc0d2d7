"""The same million rows by pandas `to_sql`, dlt and pgloader: they only load the cells as they are delivered.

Nothing is cleaned, checked, mapped, compared or accounted for by them; a figure of theirs is the cost of arriving.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from yanta.config import environment
from yanta.hub.loading import Landing, generated, land, roster

LOADER = Path(__file__).with_name("peer_loader.py")


def run(rows: int = 1_000_000, *, address: str) -> dict[str, Any]:
    import importing

    with TemporaryDirectory() as folder, psycopg.connect(address, autocommit=True) as connection:
        file = Path(folder, "roster.csv")
        generated.write(file, rows=rows)
        importing._fresh(connection)
        started = time.perf_counter()
        land(file, Landing(address, table="bench_roster", rejects="bench_rejects"), run=1)
        ours = round(time.perf_counter() - started, 2)
        importing._drop(connection)
        figures: dict[str, Any] = {"rows": rows, "yanta, everything": {"seconds": ours}}
        for tool in ("pandas", "pandas-multi", "dlt"):
            figures[tool] = _python(tool, file, address)
        figures["pgloader"] = _pgloader(file, Path(folder), address, connection)
    return figures


def _python(tool: str, file: Path, address: str) -> dict[str, Any]:
    root = environment.checkout()
    python = root / "var" / "peers" / "bin" / "python" if root else Path()
    if not python.is_file():
        return {"missing": "make peers"}
    command = [str(python), str(LOADER), tool, str(file), _url(address)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:200]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _url(address: str) -> str:
    if "://" in address:
        return address
    parts = conninfo_to_dict(address)
    secret = f":{parts['password']}" if parts.get("password") else ""
    return f"postgresql://{parts['user']}{secret}@{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}/{parts['dbname']}"


def _pgloader(file: Path, folder: Path, address: str, connection: psycopg.Connection[Any]) -> dict[str, Any]:
    if shutil.which("pgloader") is None:
        return {"missing": "apt-get install pgloader"}
    columns = ", ".join(f"{name} text" for name in roster.DELIVERED)
    connection.execute(f"DROP TABLE IF EXISTS peer_pgloader; CREATE TABLE peer_pgloader ({columns})")
    script = folder / "peer.load"
    script.write_text(
        f"LOAD CSV FROM '{file}' INTO {_url(address)} TARGET TABLE public.peer_pgloader "
        "WITH skip header = 1, fields optionally enclosed by '\"', fields terminated by ',';\n"
    )
    started = time.perf_counter()
    done = subprocess.run(["pgloader", "--quiet", str(script)], capture_output=True, text=True, check=False)
    seconds = round(time.perf_counter() - started, 2)
    loaded = connection.execute("SELECT count(*) FROM peer_pgloader").fetchone()
    connection.execute("DROP TABLE peer_pgloader")
    if done.returncode or not loaded or not loaded[0]:
        return {"failed": (done.stderr or done.stdout).strip()[:200]}
    return {"seconds": seconds, "rows": loaded[0]}
