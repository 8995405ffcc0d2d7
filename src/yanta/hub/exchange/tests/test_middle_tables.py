"""Middle tables: a vendor's rows are taken, answered and settled, whatever crashes in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yanta.hub.exchange import public, services
from yanta.hub.exchange.connectors import kinds
from yanta.hub.exchange.connectors.base import Address
from yanta.hub.exchange.connectors.middle import Answer, MiddleTable
from yanta.hub.exchange.connectors.mysql import MySqlConnector
from yanta.hub.exchange.connectors.postgres import PostgresConnector
from yanta.hub.exchange.models import Connection, MiddleRow, Table
from yanta.hub.exchange.tests import servers
from yanta.hub.exchange.tests.conftest import rows_of, run
from yanta.hub.exchange.tests.factories import ConnectionFactory
from yanta.kernel.base import Actor, Refused
from yanta.kernel.organisation.models import OrgUnit

pytestmark = pytest.mark.django_db


class Vendor:
    """A vendor's table with status columns, registered as a middle table."""

    MIDDLE = "key = id\nstatus = zt\nmessage = xx\nhandled_at = clsj"

    def __init__(self, connector: Any, row: Connection, engineer: Actor) -> None:
        self.connector = connector
        instant = "timestamp" if row.kind == "postgresql" else "datetime"
        run(connector, "CREATE TABLE mid (id int PRIMARY KEY, name varchar(40), zt varchar(2) DEFAULT '0',"
            f" xx varchar(200), clsj {instant} NULL)")  # fmt: skip
        services.register_table(row, actor=engineer, table="mid")
        Table.objects.filter(connection=row).update(middle=self.MIDDLE)
        self.table = Table.objects.get(connection=row)
        self.code = row.code

    def add(self, *rows: tuple[int, str]) -> None:
        for key, name in rows:
            run(self.connector, f"INSERT INTO mid (id, name) VALUES ({key}, '{name}')")

    def take(self, after: str | None = None) -> tuple[list[int], str | None]:
        reading = public.connector(self.code).read("mid", after=after)
        return reading.reader().read_all().column("id").to_pylist(), reading.watermark

    def marks(self) -> dict[int, tuple[str, str | None]]:
        found = rows_of(self.connector, "SELECT id, zt, xx, clsj FROM mid")
        assert all((moment is not None) == (mark != "0") for _, mark, _, moment in found)
        return {key: (mark, said) for key, mark, said, _ in found}


@pytest.fixture(params=["postgresql", "mysql"])
def vendor(
    request: pytest.FixtureRequest, school: OrgUnit, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> Vendor:
    connector: Any
    if request.param == "postgresql":
        address: Address = request.getfixturevalue("postgres_address")
        # The private cluster answers at a socket in the installation's own folder.
        monkeypatch.setattr(kinds, "_SOCKETS", (*kinds._SOCKETS, Path(address.get("host"))))
        connector = PostgresConnector(address)
        run(connector, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        server: servers.MariaServer = request.getfixturevalue("maria_server")
        server.run("DROP DATABASE legacy", "CREATE DATABASE legacy CHARACTER SET utf8mb4")
        connector = MySqlConnector(server.address)
    at = connector.address
    row = ConnectionFactory(
        owner=school, kind=request.param, address=at.get("host"), port=int(at.get("port")), database=at.get("database"),
        account=at.get("user"), secret=at.secret("password") or None, code="vendor",
    )  # fmt: skip
    return Vendor(connector, row, engineer)


class TestMiddleTables:
    def test_rows_are_taken_and_answered(
        self, vendor: Vendor, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        vendor.add((1, "甲"), (2, "乙"), (3, "丙"))
        keys, token = vendor.take()
        assert keys == [1, 2, 3]
        with django_capture_on_commit_callbacks(execute=True):
            public.answer(vendor.code, "mid", [Answer("2", False, "姓名有误")])
            public.remember(vendor.code, "mid", watermark=token)

        assert vendor.marks() == {1: ("1", ""), 2: ("2", "姓名有误"), 3: ("1", "")}
        assert vendor.take() == ([], None)

    def test_a_crash_before_our_commit_brings_them_again(self, vendor: Vendor) -> None:
        vendor.add((1, "甲"))
        vendor.take()

        assert vendor.take()[0] == [1]
        assert vendor.marks() == {1: ("0", None)}

    def test_a_crash_after_our_commit_answers_before_anything_is_taken_again(
        self, vendor: Vendor, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        vendor.add((1, "甲"))
        _, token = vendor.take()
        with django_capture_on_commit_callbacks(execute=False):
            public.remember(vendor.code, "mid", watermark=token)
        assert vendor.marks() == {1: ("0", None)}

        assert vendor.take() == ([], None)
        assert vendor.marks() == {1: ("1", "")}

    def test_a_crash_between_their_commit_and_ours_settles(self, vendor: Vendor) -> None:
        vendor.add((1, "甲"))
        vendor.take()
        MiddleRow.objects.update(state="answered", is_ok=True)
        run(vendor.connector, "UPDATE mid SET zt = '1', clsj = '2026-09-01'")

        vendor.take()

        assert MiddleRow.objects.get().state == "settled"

    def test_a_row_the_vendor_has_changed_meanwhile_is_taken_again(
        self, vendor: Vendor, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        vendor.add((1, "甲"))
        _, token = vendor.take()
        run(vendor.connector, "UPDATE mid SET name = '甲甲'")
        with django_capture_on_commit_callbacks(execute=True):
            public.remember(vendor.code, "mid", watermark=token)
        assert vendor.marks() == {1: ("0", None)}
        assert MiddleRow.objects.get().state == "changed"

        assert vendor.take()[0] == [1]

    def test_many_rows_come_in_batches(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(MiddleTable.pending, "__kwdefaults__", {"limit": 3, "after": None})
        vendor.add(*((n, f"n{n}") for n in range(1, 12)))

        assert vendor.take()[0] == list(range(1, 12))

    def test_we_write_and_the_vendor_marks(self, vendor: Vendor) -> None:
        rows = [{"id": 1, "name": "甲"}, {"id": 2, "name": "乙"}]
        assert public.put(vendor.code, "mid", rows) == (2, 0, 0)
        assert public.put(vendor.code, "mid", rows) == (0, 0, 2)
        assert public.collect(vendor.code, "mid") == []
        run(vendor.connector, "UPDATE mid SET zt = '1', clsj = '2026-09-01' WHERE id = 1",
            "UPDATE mid SET zt = '2', xx = '查无此人', clsj = '2026-09-01' WHERE id = 2")  # fmt: skip

        found = {one.key: (one.ok, one.message) for one in public.collect(vendor.code, "mid")}

        assert found == {"1": (True, ""), "2": (False, "查无此人")}
        assert public.collect(vendor.code, "mid") == []
        assert public.put(vendor.code, "mid", [{"id": 2, "name": "乙乙"}]) == (0, 1, 0)
        assert vendor.marks()[2] == ("0", None)
        run(vendor.connector, "UPDATE mid SET zt = '1', clsj = '2026-09-02' WHERE id = 2")
        assert [(one.key, one.ok) for one in public.collect(vendor.code, "mid")] == [("2", True)]

    def test_an_agreement_that_cannot_work_is_refused(self, vendor: Vendor) -> None:
        for text, said in (
            ("key = id", "status"), ("key = id\nstatus = nothing", "没有列“nothing”"),
            ("key = id\nstatus = zt\ndone = 0", "不能相同"), ("key = id\nstatus = zt\nwho = me", "不认识“who”"),
        ):  # fmt: skip
            vendor.table.middle = text
            with pytest.raises(Refused, match=said):
                services.check_table(vendor.table)
