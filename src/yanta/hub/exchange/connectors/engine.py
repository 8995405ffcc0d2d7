"""The process's DuckDB with its scanners: how databases and files become Arrow without a second copy in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import duckdb
import pyarrow as pa

from yanta.hub.exchange.connectors.base import BATCH
from yanta.kernel.base import Refused

MEMORY = "512MB"


def engine(*scanners: str, folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own with these scanners; it fetches nothing from anywhere and spills into `folder`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": 2,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if folder is not None:
        config["temp_directory"] = str(folder)
    opened = duckdb.connect(config=config)
    opened.execute("SET GLOBAL TimeZone = 'UTC'")
    for scanner in scanners:
        opened.execute(f"LOAD {literal(str(_extension(scanner)))}")
    return opened


def _extension(name: str) -> Path:
    try:
        package = import_module(f"duckdb_extension_{name}")
    except ImportError as missing:
        wheel = f"duckdb-extension-{name.replace('_', '-')}"
        raise Refused(f"缺少读取组件，请安装软件包 {wheel}") from missing
    found = next(Path(str(package.__file__)).parent.rglob(f"{name}.duckdb_extension"), None)
    if found is None:
        raise Refused(f"读取组件 {name} 与本机的 DuckDB {duckdb.__version__} 不配套，请重新安装")
    return found


def literal(text: str) -> str:
    """Text as a literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted_one(name: str) -> str:
    """An identifier of standard SQL; names come from foreign databases and may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def quoted(name: str) -> str:
    """A name that may stand in a schema."""
    return ".".join(quoted_one(part) for part in name.split("."))


def streamed(opened: duckdb.DuckDBPyConnection, statement: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The result as it comes, never as a whole."""
    reader = opened.execute(statement).to_arrow_reader(BATCH)
    return reader.schema, iter(reader)


_SECRET = re.compile(r"(password|passwd|pwd)\s*=\s*('[^']*'|\S+)", re.IGNORECASE)


def words_of(fault: Exception, *secrets: str) -> str:
    """What a driver said, on one line and without the secrets that drivers like to repeat."""
    text = _SECRET.sub(r"\1=***", " ".join(str(fault).split()))
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text[:300]
