"""Where expressions are carried out: DuckDB in the process, or Spark with `YANTA_HUB_ENGINE=spark`."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
import pyarrow as pa
import pyarrow.dataset as pads
from django.conf import settings
from ibis import ir

from yanta.kernel.base import Refused

MEMORY = "1GB"
THREADS = 2
ROWS_AT_ONCE = 32_768


class Engine(Protocol):
    """Reads Parquet as a relation, writes a relation as Parquet; both bounded in memory."""

    name: str

    def read(self, path: Path) -> ir.Table: ...

    def write(self, relation: ir.Table, path: Path) -> Path: ...

    def fetch(self, relation: ir.Table) -> pa.Table: ...

    def close(self) -> None: ...


class DuckEngine:
    name = "duckdb"

    def __init__(self, folder: Path, *, memory: str = MEMORY, threads: int = THREADS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._backend = ibis.duckdb.connect(
            memory_limit=memory, threads=threads, temp_directory=str(folder / "spill")
        )
        # Rows carry their place; keeping the order of files besides would cost the memory of a whole file.
        self._backend.raw_sql("SET preserve_insertion_order = false")

    def read(self, path: Path) -> ir.Table:
        return self._backend.read_parquet(str(path / "*.parquet") if path.is_dir() else str(path))

    def write(self, relation: ir.Table, path: Path) -> Path:
        self._backend.to_parquet(relation, path, compression="snappy")
        return path

    def fetch(self, relation: ir.Table) -> pa.Table:
        return self._backend.to_pyarrow(relation)

    def close(self) -> None:
        self._backend.disconnect()


class SparkEngine:
    name = "spark"

    def __init__(self, folder: Path) -> None:
        if find_spec("pyspark") is None or shutil.which("java") is None:
            raise Refused("Spark 引擎需要 pyspark 和 Java；请先执行 make spark，或去掉 YANTA_HUB_ENGINE")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(settings.YANTA_SPARK_MASTER).appName("yanta")
        for name, value in _SPARK.items():
            builder = builder.config(name, value)
        self._session = builder.config("spark.local.dir", str(folder)).getOrCreate()
        self._backend = ibis.pyspark.connect(self._session)

    def read(self, path: Path) -> ir.Table:
        return self._backend.read_parquet(str(path))

    def write(self, relation: ir.Table, path: Path) -> Path:
        self._backend.to_parquet(relation, str(path), compression="snappy")
        return path

    def fetch(self, relation: ir.Table) -> pa.Table:
        return self._backend.to_pyarrow(relation)

    def close(self) -> None:
        """The session serves the next run too; starting one costs ten seconds."""


_SPARK = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.memory": "1g",
    "spark.sql.ansi.enabled": "true",
}


def open_engine(folder: Path, name: str = "") -> Engine:
    """The engine of that name, else the one the installation is told to use."""
    wanted = name or settings.YANTA_HUB_ENGINE
    if wanted == "spark":
        return SparkEngine(folder)
    if wanted == "duckdb":
        return DuckEngine(folder)
    raise Refused(f"不认识的数据引擎“{wanted}”，可用 duckdb 或 spark")


def batches(path: Path, columns: list[str] | None = None, keep: Any = None) -> Any:
    """What was written, batch by batch; `keep` is a pyarrow filter."""
    found = pads.dataset(path, format="parquet", exclude_invalid_files=path.is_dir())
    return found.to_batches(
        columns=columns, filter=keep, batch_size=ROWS_AT_ONCE, batch_readahead=2, fragment_readahead=1
    )


def version_of(engine: Engine) -> str:
    """What a receipt says about the machine that counted."""
    return f"{engine.name} {duckdb.__version__}" if engine.name == "duckdb" else engine.name
