"""Run by the peers' own Python: load a CSV with one tool, print seconds and peak memory as JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time


def by_pandas(file: str, address: str, method: str | None) -> None:
    import pandas
    import sqlalchemy

    engine = sqlalchemy.create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    for number, block in enumerate(pandas.read_csv(file, dtype=str, keep_default_na=False, chunksize=50_000)):
        mode = "replace" if number == 0 else "append"
        block.to_sql(
            "peer_pandas",
            engine,
            if_exists=mode,
            index=False,
            method=method,
            chunksize=2_000 if method else None,
        )
    with engine.begin() as line:
        line.execute(sqlalchemy.text("DROP TABLE peer_pandas"))


def by_dlt(file: str, address: str) -> None:
    import dlt
    from pyarrow import csv

    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    folder = tempfile.mkdtemp()

    @dlt.resource(name="people", write_disposition="replace")
    def people():  # type: ignore[no-untyped-def]
        options = csv.ConvertOptions(column_types=dict.fromkeys(names(file), "string"))
        with csv.open_csv(file, convert_options=options) as reader:
            yield from reader

    # It asks for a password even where the server does not.
    user = address.partition("://")[2].partition("@")[0]
    address = address if ":" in user else address.replace(f"{user}@", f"{user}:none@", 1)
    pipeline = dlt.pipeline(
        "peer", pipelines_dir=folder, destination=dlt.destinations.postgres(address), dataset_name="peer_dlt"
    )
    pipeline.run(people())
    with pipeline.sql_client() as client:
        client.drop_dataset()


def names(file: str) -> list[str]:
    with open(file, encoding="utf-8") as stream:
        return stream.readline().strip().split(",")


if __name__ == "__main__":
    tool, source, database = sys.argv[1:4]
    started = time.perf_counter()
    if tool == "dlt":
        by_dlt(source, database)
    else:
        by_pandas(source, database, "multi" if tool == "pandas-multi" else None)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": round(seconds, 2), "peak_memory_mb": peak}))
