"""PostgreSQL, MariaDB and SQLite: reads in full and by watermark, writes all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from yanta.hub.exchange.connectors import staging
from yanta.hub.exchange.connectors.base import Address, NoCapture
from yanta.hub.exchange.connectors.databases import SqlConnector, earlier, later_of
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector
from yanta.hub.exchange.connectors.sqlite import SqliteConnector
from yanta.hub.exchange.tests import servers
from yanta.hub.exchange.tests.conftest import rows_of, run
from yanta.kernel.base import Refused

PEOPLE = (
    "CREATE TABLE people (id integer PRIMARY KEY, name varchar(40) NOT NULL, born date, fee decimal(10,2),"
    " changed_at {instant})"
)


def people(connector: SqlConnector, *rows: tuple[Any, ...]) -> None:
    instant = {"PostgresConnector": "timestamp", "MySqlConnector": "datetime(6)"}.get(
        type(connector).__name__, "datetime"
    )
    run(connector, PEOPLE.format(instant=instant))
    for row in rows:
        cells = ", ".join("NULL" if cell is None else database_text(cell) for cell in row)
        run(connector, f"INSERT INTO people VALUES ({cells})")


def database_text(cell: Any) -> str:
    return str(cell) if isinstance(cell, int | float) else "'" + cell.replace("'", "''") + "'"


def batch(*rows: tuple[int, str]) -> pa.RecordBatch:
    return pa.record_batch({"id": [i for i, _ in rows], "name": [n for _, n in rows]})


def ids(connector: SqlConnector, **how: Any) -> list[int]:
    return sorted(connector.read("people", **how).reader().read_all().column("id").to_pylist())


class TestRead:
    def test_brings_values_as_they_are(self, database: SqlConnector) -> None:
        people(
            database,
            (1, "欧阳娜", "2004-02-29", 12.5, "2026-09-01 08:00:00.123456"),
            (2, "O'Neil", None, None, None),
        )

        reading = database.read("people")
        rows = reading.reader().read_all().to_pylist()

        assert rows[0] | {"fee": Decimal(str(rows[0]["fee"]))} == {
            "id": 1, "name": "欧阳娜", "born": date(2004, 2, 29), "fee": Decimal("12.5"),
            "changed_at": datetime.fromisoformat("2026-09-01 08:00:00.123456"),
        }  # fmt: skip
        assert rows[1]["name"] == "O'Neil"
        assert rows[1]["born"] is None
        assert reading.rows == 2

    def test_lists_tables_with_kinds_and_key(self, database: SqlConnector) -> None:
        people(database)

        (shape,) = database.tables()

        assert shape.name == "people"
        assert shape.key == ("id",)
        assert [c.kind for c in shape.columns][:3] == ["integer", "text", "date"]
        assert shape.columns[4].kind == "instant"

    def test_refuses_unknown_tables_and_columns(self, database: SqlConnector) -> None:
        people(database)

        with pytest.raises(Refused, match="没有表“nobody”"):
            database.read("nobody")
        with pytest.raises(Refused, match="没有列“phone”"):
            database.read("people", columns=["phone"])

    def test_names_that_mean_something_in_sql_are_names(self, database: SqlConnector) -> None:
        quoted = database.quote("select; drop \"`'% 表")
        run(
            database,
            f"CREATE TABLE {quoted} (id integer PRIMARY KEY, {database.quote('order')} integer)".replace(
                "%", "%"
            ),
        )
        (shape,) = database.tables()

        assert database.read(shape.name, columns=["order"]).reader().read_all().num_rows == 0


class TestWatermark:
    def test_ties_and_rows_without_a_value_come_again(self, database: SqlConnector) -> None:
        moment, later = "2026-09-01 08:00:00.500000", "2026-09-01 08:00:01"
        people(database, (1, "甲", None, None, "2026-08-31 08:00:00"), (2, "乙", None, None, moment))
        first = database.read("people", by="changed_at")
        assert first.reader().read_all().num_rows == 2
        assert first.watermark == "2026-09-01 08:00:00.500000"
        # Written after the read, within the same instant; and one that never gets an instant.
        run(database, f"INSERT INTO people VALUES (3, '丙', NULL, NULL, '{moment}'), (4, '丁', NULL, NULL, '{later}'),"
            " (5, '戊', NULL, NULL, NULL)")  # fmt: skip

        second = database.read("people", by="changed_at", after=first.watermark)

        assert sorted(second.reader().read_all().column("id").to_pylist()) == [2, 3, 4, 5]
        assert second.watermark == "2026-09-01 08:00:01"

    def test_the_watermark_column_is_read_even_if_not_asked_for(self, database: SqlConnector) -> None:
        people(database, (1, "甲", None, None, "2026-08-31 08:00:00"), (7, "乙", None, None, None))

        reading = database.read("people", columns=["name"], by="id", after="2")

        assert reading.reader().read_all().to_pylist() == [{"name": "乙", "id": 7}]
        assert reading.watermark == "7"

    def test_a_read_that_finds_nothing_keeps_the_watermark(self, database: SqlConnector) -> None:
        people(database, (1, "甲", None, None, None))

        reading = database.read("people", by="id", after="5")

        assert reading.reader().read_all().num_rows == 0
        assert reading.watermark == "5"

    def test_a_watermark_is_a_value_and_never_sql(self, database: SqlConnector) -> None:
        people(database, (1, "甲", None, None, None), (2, "乙", None, None, None))

        with pytest.raises(Refused, match="水位"):
            database.read("people", by="id", after="0) OR (1=1")
        assert database.read("people", by="name", after="' OR 1=1 -- \\").reader().read_all().num_rows == 2
        assert database.read("people", by="name", after="龥\\' OR 1=1 OR '").reader().read_all().num_rows == 0

    def test_looking_back(self) -> None:
        assert earlier("2026-09-01 08:00:10", "instant", 30) == "2026-09-01 07:59:40"
        assert earlier("2026-09-01", "date", 1) == "2026-08-31"
        assert earlier("100", "integer", 7) == "93"
        assert later_of("9", "10", "integer") == "10"
        assert later_of("2026-09-01 08:00:10", "2026-09-01 08:00:02", "instant") == "2026-09-01 08:00:10"


class TestWrite:
    def test_makes_the_table_and_tells_new_changed_unchanged(self, database: SqlConnector) -> None:
        first = database.write("copy", [batch((1, "甲"), (2, "乙"))], key=["id"])
        second = database.write("copy", [batch((2, "乙"), (3, "丙")), batch((1, "甲2"))], key=["id"])

        assert (first.read, first.new, first.changed, first.unchanged) == (2, 2, 0, 0)
        assert (second.read, second.new, second.changed, second.unchanged) == (3, 1, 1, 1)
        assert rows_of(database, "SELECT id, name FROM copy ORDER BY id") == [
            (1, "甲2"),
            (2, "乙"),
            (3, "丙"),
        ]

    def test_sees_differences_that_collations_overlook(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "abc"), (2, "x"))], key=["id"])

        written = database.write("copy", [batch((1, "ABC"), (2, "x "))], key=["id"])

        assert written.changed == 2
        assert rows_of(database, "SELECT name FROM copy ORDER BY id") == [("ABC",), ("x ",)]

    def test_replace_removes_what_no_longer_comes(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "甲"), (2, "乙"), (3, "丙"))], key=["id"])

        written = database.write("copy", [batch((2, "乙"), (4, "丁"))], key=["id"], mode="replace")

        assert (written.new, written.unchanged, written.removed) == (1, 1, 2)
        assert rows_of(database, "SELECT id FROM copy ORDER BY id") == [(2,), (4,)]

    def test_changes_carry_deletions(self, database: SqlConnector) -> None:
        people(database, *((n, f"人{n}", None, None, None) for n in (1, 2, 3)))
        changes = pa.record_batch({
            "_op": ["d", "u", "i", "d"], "id": [1, 2, 4, 9], "name": [None, "改名", "新人", None],
        })  # fmt: skip
        written = database.write("people", [changes], key=["id"])

        assert (written.read, written.new, written.changed, written.removed, written.deletions) == (
            4,
            1,
            1,
            1,
            2,
        )
        assert ids(database) == [2, 3, 4]
        again = database.write("people", [changes], key=["id"])
        assert (again.new, again.changed, again.unchanged, again.removed) == (0, 0, 2, 0)
        with pytest.raises(Refused, match="只能按主键更新"):
            database.write("people", [changes], key=["id"], mode="replace")

    def test_replace_without_a_key_and_append(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "甲"))], mode="append")
        database.write("copy", [batch((1, "甲"))], mode="append")
        assert len(rows_of(database, "SELECT id FROM copy")) == 2

        written = database.write("copy", [batch((5, "戊"))], mode="replace")

        assert (written.new, written.removed) == (1, 2)
        assert rows_of(database, "SELECT id FROM copy") == [(5,)]

    def test_a_refresh_that_fails_in_the_middle_leaves_the_old_data(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "甲"), (2, "乙"))], key=["id"])

        def broken() -> Iterator[pa.RecordBatch]:
            yield batch((1, "坏"), (9, "坏"))
            raise ConnectionError("源头断了")

        with pytest.raises(ConnectionError, match="源头断了"):
            database.write("copy", broken(), key=["id"], mode="replace")

        assert rows_of(database, "SELECT id, name FROM copy ORDER BY id") == [(1, "甲"), (2, "乙")]
        assert [shape.name for shape in database.tables()] == ["copy"]

    def test_a_refresh_that_fails_while_it_is_swapped_in_leaves_the_old_data(
        self, database: SqlConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.write("copy", [batch((1, "甲"), (2, "乙"))], key=["id"])
        honest = staging.Line.run

        def failing(line: staging.Line, statement: str) -> int:
            if statement.startswith("INSERT INTO"):
                raise OSError("断电")
            return honest(line, statement)

        monkeypatch.setattr(staging.Line, "run", failing)
        with pytest.raises(Refused, match="断电"):
            database.write("copy", [batch((7, "庚"))], key=["id"], mode="replace")
        monkeypatch.undo()

        assert rows_of(database, "SELECT id FROM copy ORDER BY id") == [(1,), (2,)]

    def test_rows_that_do_not_all_arrive_are_not_swapped_in(
        self, database: SqlConnector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.write("copy", [batch((1, "甲"))], key=["id"])
        honest = staging.Line.one

        def one_short(line: staging.Line, statement: str) -> Any:
            counts_all = statement.startswith("SELECT count(*) FROM") and not {"WHERE", "GROUP"} & set(
                statement.split()
            )
            return honest(line, statement) - 1 if counts_all else honest(line, statement)

        monkeypatch.setattr(staging.Line, "one", one_short)
        with pytest.raises(Refused, match="不相符；目标数据未动"):
            database.write("copy", [batch((2, "乙"), (3, "丙"))], key=["id"], mode="replace")

        assert rows_of(database, "SELECT id FROM copy") == [(1,)]

    @pytest.mark.parametrize(
        ("rows", "said"), [([(1, "甲"), (1, "乙")], "重复"), ([(None, "甲")], "没有主键|cannot be null")]
    )
    def test_keys_must_name_one_row(self, database: SqlConnector, rows: Any, said: str) -> None:
        database.write("copy", [batch((8, "甲"))], key=["id"])

        with pytest.raises(Refused, match=said):
            database.write(
                "copy",
                [
                    pa.record_batch(
                        {"id": pa.array([r[0] for r in rows], pa.int64()), "name": [r[1] for r in rows]}
                    )
                ],
                key=["id"],
            )

        assert rows_of(database, "SELECT id FROM copy") == [(8,)]

    def test_unknown_columns_and_missing_keys_are_refused(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "甲"))], key=["id"])

        with pytest.raises(Refused, match="没有这些列：phone"):
            database.write("copy", [pa.record_batch({"id": [1], "phone": ["1"]})], key=["id"])
        with pytest.raises(Refused, match="说明主键列"):
            database.write("copy", [batch((1, "甲"))])

    def test_what_a_killed_run_left_beside_is_cleared(self, database: SqlConnector) -> None:
        database.write("copy", [batch((1, "甲"))], key=["id"])
        stage = staging.stage_of("copy")
        run(database, f"CREATE TABLE {database.quote(stage)} (nonsense integer)")
        assert stage not in [shape.name for shape in database.tables()]

        database.write("copy", [batch((2, "乙"))], key=["id"])

        assert rows_of(database, "SELECT count(*) FROM copy") == [(2,)]
        assert [shape.name for shape in database.tables()] == ["copy"]

    def test_many_rows_pass_in_batches(self, database: SqlConnector) -> None:
        many = [
            pa.record_batch({"id": list(range(n, n + 7000)), "name": ["某"] * 7000}) for n in (0, 7000, 14000)
        ]
        database.write("copy", iter(many), key=["id"])

        reading = database.read("copy")
        sizes = [found.num_rows for found in reading.batches]

        assert sum(sizes) == reading.rows == 21000
        assert max(sizes) <= 20_480


class TestPeculiarities:
    def test_mariadb_types_come_unspoiled(self, maria_server: servers.MariaServer) -> None:
        maria_server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        maria_server.run(
            "CREATE TABLE odd (a int PRIMARY KEY, small tinyint(1), big bigint unsigned, wide decimal(50,5),"
            " span time, gbk varchar(20) CHARACTER SET gbk, doc json, bin varchar(9) COLLATE utf8mb4_bin, no date)",
            "SET SESSION sql_mode = ''",
            "INSERT INTO odd VALUES (1, 2, 18446744073709551615, 1.5, '100:00:01', '汉字', '{}', 'Ab', '0000-00-00')",
            database="legacy",
        )  # fmt: skip

        (row,) = MySqlConnector(maria_server.address).read("odd").reader().read_all().to_pylist()

        assert row == {
            "a": 1, "small": 2, "big": 18446744073709551615, "wide": "1.50000", "span": "100:00:01", "gbk": "汉字",
            "doc": "{}", "bin": "Ab", "no": None,
        }  # fmt: skip

    def test_an_engine_without_transactions_is_no_target(self, maria_server: servers.MariaServer) -> None:
        maria_server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        maria_server.run("CREATE TABLE old (id int PRIMARY KEY, name text) ENGINE=MyISAM", database="legacy")

        with pytest.raises(Refused, match="没有事务"):
            MySqlConnector(maria_server.address).write("old", [batch((1, "甲"))], key=["id"])

    def test_postgres_types_the_scanner_would_spoil_come_as_text(self, postgres_address: Address) -> None:
        connector = PostgresConnector(postgres_address)
        run(connector, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public",
            "CREATE TABLE odd (id uuid PRIMARY KEY, exact numeric, tags text[], doc jsonb, at timestamptz)",
            "INSERT INTO odd VALUES ('00000000-0000-0000-0000-000000000001', 0.12345678901234567890123456789, '{a,b}',"
            " '{\"a\": 1}', '2026-09-01 08:00+08')")  # fmt: skip

        (row,) = connector.read("odd").reader().read_all().to_pylist()

        assert row["exact"] == "0.12345678901234567890123456789"
        assert row["tags"] == "{a,b}"
        assert row["doc"] == '{"a": 1}'
        assert row["at"].isoformat() == "2026-09-01T00:00:00+00:00"

    def test_a_sqlite_column_that_holds_other_than_it_declares_is_text(self, tmp_path: Any) -> None:
        connector = SqliteConnector(Address("sqlite", {"path": str(tmp_path / "mixed.db")}))
        run(connector, "CREATE TABLE mixed (id integer PRIMARY KEY, age int, born date)",
            "INSERT INTO mixed VALUES (1, '不详', '2004-02-29'), (2, 18, '2004/2/29')")  # fmt: skip

        rows = connector.read("mixed").reader().read_all().to_pylist()

        assert [c.kind for c in connector.shape("mixed").columns] == ["integer", "text", "text"]
        assert rows == [
            {"id": 1, "age": "不详", "born": "2004-02-29"},
            {"id": 2, "age": "18", "born": "2004/2/29"},
        ]

    def test_sqlite_tells_no_changes(self, tmp_path: Any) -> None:
        with pytest.raises(NoCapture):
            SqliteConnector(Address("sqlite", {"path": str(tmp_path / "x.db")})).changes("t", position=None)

    def test_faults_are_sentences_without_secrets(self, postgres_address: Address) -> None:
        wrong = {**postgres_address.parameters, "user": "nobody_here", "database": "nowhere"}
        connector = PostgresConnector(Address("postgresql", wrong, {"password": "s3cret-words"}))

        with pytest.raises(Refused) as said:
            connector.tables()

        assert "PostgreSQL：" in said.value.message
        assert "s3cret-words" not in said.value.message
