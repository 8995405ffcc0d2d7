"""Registered tables under watch: drift, records, deliveries; and what people do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from yanta.hub.exchange import opening, public, services
from yanta.hub.exchange.connectors.base import ChangeBatch, DriftStop, SnapshotNeeded
from yanta.hub.exchange.models import Connection, Delivery, DriftProposal, Table, TableRead
from yanta.hub.exchange.tests.factories import ConnectionFactory
from yanta.kernel.base import Actor, Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.happenings import published

pytestmark = pytest.mark.django_db


class Legacy:
    """A SQLite base in the exchange folder, its connection and one registered table."""

    def __init__(self, owner: OrgUnit, engineer: Actor, **how: str) -> None:
        self.path = opening.folders()[0] / "card.db"
        self.engineer = engineer
        self.run("CREATE TABLE cards (id integer PRIMARY KEY, holder text, balance integer, changed_at datetime)",
                 "INSERT INTO cards VALUES (1, '甲', 10, '2026-09-01 08:00:00'), (2, '乙', 20, '2026-09-02 08:00:00')")  # fmt: skip
        self.connection = ConnectionFactory(owner=owner, address="card.db", code="card")
        services.register_table(self.connection, actor=engineer, table="cards", **how)
        self.table = Table.objects.get(connection=self.connection)

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as line:
            for statement in statements:
                line.execute(statement)
            line.commit()

    def read(self, **how: Any) -> list[dict[str, Any]]:
        return public.connector("card").read("cards", **how).reader().read_all().to_pylist()

    def proposal(self) -> DriftProposal:
        return DriftProposal.objects.get(state="open")


@pytest.fixture
def legacy(school: OrgUnit, engineer: Actor) -> Legacy:
    return Legacy(school, engineer, watermark_column="changed_at")


class TestReads:
    def test_each_is_on_record(self, legacy: Legacy) -> None:
        legacy.read()
        legacy.read(by="changed_at", after="2026-09-02 08:00:00")

        first, second = TableRead.objects.order_by("pk")
        assert (first.way, first.rows, first.outcome) == ("full", 2, "done")
        assert (second.way, second.rows) == ("since", 1)

    def test_a_read_of_which_only_a_part_is_taken_says_so(self, legacy: Legacy) -> None:
        reading = public.connector("card").read("cards")
        next(reading.batches)
        reading.batches.close()  # type: ignore[attr-defined]

        assert TableRead.objects.get().message == "读取方只取了一部分"

    def test_a_read_that_breaks_off_is_on_record_too(
        self, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(self: Any, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            yield next(batches)
            raise Refused("连接中断")

        monkeypatch.setattr("yanta.hub.exchange.connectors.sqlite.SqliteConnector._spoken", broken)
        with pytest.raises(Refused, match="连接中断"):
            legacy.read()

        record = TableRead.objects.get()
        assert (record.outcome, record.rows, record.message) == ("failed", 2, "连接中断")

    def test_looking_back_reads_again_and_never_sets_the_watermark_back(self, legacy: Legacy) -> None:
        Table.objects.update(overlap=2 * 24 * 3600)
        reading = public.connector("card").read("cards", by="changed_at", after="2026-09-03 00:00:00")

        assert reading.reader().read_all().num_rows == 2
        assert reading.watermark == "2026-09-03 00:00:00"

    def test_a_paused_connection_is_not_opened(self, legacy: Legacy) -> None:
        services.pause(legacy.connection, actor=legacy.engineer, reason="停机")

        with pytest.raises(Refused, match="已停用"):
            legacy.read()

    def test_remembering_keeps_what_is_not_said(self, legacy: Legacy) -> None:
        public.remember("card", "cards", watermark="w1")
        public.remember("card", "cards", position="p1")

        (table,) = public.connection("card").tables
        assert (table.watermark, table.position) == ("w1", "p1")


class TestDrift:
    def test_a_new_column_is_proposed_once_and_not_read_before(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards ADD COLUMN phone text")
        assert set(legacy.read()[0]) == {"id", "holder", "balance", "changed_at"}
        legacy.read()
        assert legacy.proposal().stops is False

        services.accept(legacy.proposal(), actor=legacy.engineer)

        assert "phone" in legacy.read()[0]
        assert published()[-1].column == "phone"

    def test_a_new_column_refused_is_never_proposed_again(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards ADD COLUMN phone text")
        legacy.read()
        services.refuse(legacy.proposal(), actor=legacy.engineer, opinion="用不上")

        assert "phone" not in legacy.read()[0]
        assert not DriftProposal.objects.filter(state="open").exists()

    def test_a_column_that_is_gone_stops_the_read_and_keeps_everything(self, legacy: Legacy) -> None:
        public.remember("card", "cards", watermark="2026-09-02 08:00:00")
        legacy.run("ALTER TABLE cards DROP COLUMN balance")

        with pytest.raises(DriftStop, match=r"“balance”不见了.*没有读取"):
            legacy.read()
        # A read that does not need it goes on.
        assert len(legacy.read(columns=["id", "holder"])) == 2
        services.accept(legacy.proposal(), actor=legacy.engineer)

        assert set(legacy.read()[0]) == {"id", "holder", "changed_at"}
        legacy.table.refresh_from_db()
        assert legacy.table.watermark == "2026-09-02 08:00:00"

    def test_refusing_a_loss_keeps_it_stopped_without_asking_again(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards DROP COLUMN balance")
        with pytest.raises(DriftStop):
            legacy.read()
        services.refuse(legacy.proposal(), actor=legacy.engineer, opinion="请对方恢复")

        with pytest.raises(DriftStop):
            legacy.read()
        assert not DriftProposal.objects.filter(state="open").exists()

    def test_a_renamed_column_goes_on_under_its_old_name(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards RENAME COLUMN changed_at TO changed_time")
        with pytest.raises(DriftStop, match="疑似改名为“changed_time”"):
            legacy.read()
        services.accept(legacy.proposal(), actor=legacy.engineer)

        rows = legacy.read(by="changed_at", after="2026-09-02 00:00:00")

        assert [row["id"] for row in rows] == [2]
        assert "changed_at" in rows[0]

    def test_a_changed_kind_stops_unless_it_loses_nothing(self, legacy: Legacy) -> None:
        legacy.run("INSERT INTO cards VALUES (3, '丙', '不详', NULL)")

        with pytest.raises(DriftStop, match="由整数变为文本"):
            legacy.read()
        services.accept(legacy.proposal(), actor=legacy.engineer)

        assert legacy.read()[2]["balance"] == "不详"

    def test_a_drift_that_goes_away_by_itself_is_past(self, legacy: Legacy) -> None:
        legacy.run("INSERT INTO cards VALUES (3, '丙', '不详', NULL)")
        services.compare(legacy.table, actor=legacy.engineer)
        legacy.run("DELETE FROM cards WHERE id = 3")

        assert len(legacy.read()) == 2
        assert DriftProposal.objects.get().state == "past"

    def test_the_watermark_column_cannot_be_given_up_unnoticed(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards DROP COLUMN changed_at")
        services.compare(legacy.table, actor=legacy.engineer)

        with pytest.raises(Refused, match="水位列"):
            services.accept(legacy.proposal(), actor=legacy.engineer)

    def test_a_table_that_is_gone_is_told(self, legacy: Legacy) -> None:
        legacy.run("DROP TABLE cards")

        with pytest.raises(DriftStop, match=r"没有表“cards”.*目标里的数据不动"):
            legacy.read()

    def test_a_drop_registered_empty_accepts_the_first_shape_it_sees(
        self, school: OrgUnit, engineer: Actor
    ) -> None:
        folder = opening.folders()[0] / "empty"
        folder.mkdir()
        row = ConnectionFactory(
            owner=school, kind="folder", address="empty", code="empty", settings="settle = 0"
        )
        services.register_table(row, actor=engineer, table="文件")
        (folder / "a.csv").write_text("学号,姓名\n1,甲\n")

        assert public.connector("empty").read("文件").reader().read_all().num_rows == 1
        assert public.connection("empty").tables[0].shape.names == ("学号", "姓名", "_file")
        assert not DriftProposal.objects.exists()

    def test_nothing_is_decided_twice(self, legacy: Legacy) -> None:
        legacy.run("ALTER TABLE cards ADD COLUMN phone text")
        services.compare(legacy.table, actor=legacy.engineer)
        proposal = legacy.proposal()
        services.accept(proposal, actor=legacy.engineer)

        with pytest.raises(Refused, match="已采纳，不能再处理"):
            services.refuse(proposal, actor=legacy.engineer, opinion="x")

    def test_a_lost_log_becomes_a_proposal_and_nothing_is_captured_before_it_is_decided(
        self, legacy: Legacy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str | None] = []

        def lost(self: Any, table: str, *, position: str | None) -> Iterator[ChangeBatch]:
            asked.append(position)
            raise SnapshotNeeded("复制槽已不存在")
            yield

        monkeypatch.setattr("yanta.hub.exchange.connectors.sqlite.SqliteConnector.changes", lost)
        public.remember("card", "cards", position="p1")
        for _ in range(2):
            with pytest.raises(SnapshotNeeded):
                list(public.connector("card").changes("cards", position="p1"))
        assert asked == ["p1"]

        services.accept(legacy.proposal(), actor=legacy.engineer)

        assert public.connection("card").tables[0].position == ""


class TestConnections:
    def test_a_test_says_what_it_found(self, legacy: Legacy) -> None:
        services.test(legacy.connection, actor=legacy.engineer)

        legacy.connection.refresh_from_db()
        assert legacy.connection.state == "working"
        assert "见到 1 张表" in legacy.connection.finding

    def test_a_failed_test_is_kept(self, school: OrgUnit, engineer: Actor) -> None:
        row = ConnectionFactory(
            owner=school,
            kind="postgresql",
            address="127.0.0.1",
            port=9,
            database="x",
            account="y",
            secret="geheim",
        )
        services.test(row, actor=engineer)

        row.refresh_from_db()
        assert row.state == "broken"
        assert "连不上" in row.finding
        assert "geheim" not in row.finding

    def test_one_that_does_not_answer_is_given_up(
        self, school: OrgUnit, engineer: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import threading

        release = threading.Event()
        monkeypatch.setattr(services, "TEST_SECONDS", 0.05)
        monkeypatch.setattr(services, "_listed", lambda connector: release.wait(5))
        row = ConnectionFactory(owner=school)

        services.test(row, actor=engineer)
        release.set()

        assert row.state == "broken"
        assert "没有应答" in row.finding

    def test_secrets_are_sealed(self, school: OrgUnit) -> None:
        from django.db import connection

        row = ConnectionFactory(owner=school, secret="geheim-9")
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM exchange_connection WHERE id = %s", [row.pk])
            ((kept,),) = cursor.fetchall()

        assert b"geheim" not in bytes(kept)
        assert Connection.objects.get(pk=row.pk).secret == "geheim-9"

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"address": "../../etc/passwd"}, "只能读写这些目录"),
            ({"kind": "rest", "address": "http://169.254.169.254/"}, "元数据"),
            ({"kind": "rest", "address": "file:///etc/passwd"}, "http"),
            (
                {"kind": "mysql", "address": "/etc/mysql.sock", "database": "a", "account": "b"},
                "只能读写这些目录",
            ),
            ({"kind": "mysql", "address": "127.0.0.1", "account": "b"}, "还须填写数据库"),
            ({"settings": "colour = red"}, "不认识参数“colour”"),
            ({"settings": "nonsense"}, "名 = 值"),
        ],
    )
    def test_what_leads_astray_is_refused_before_anything_is_opened(
        self, school: OrgUnit, given: dict[str, str], said: str
    ) -> None:
        with pytest.raises(Refused, match=said):
            opening.check(ConnectionFactory.build(owner=school, **given))

    def test_a_table_is_registered_once_and_must_exist(self, legacy: Legacy) -> None:
        with pytest.raises(Refused, match="已经登记"):
            services.register_table(legacy.connection, actor=legacy.engineer, table="cards")
        with pytest.raises(Refused, match="没有表“nothing”"):
            services.register_table(legacy.connection, actor=legacy.engineer, table="nothing")
        legacy.run("CREATE TABLE other (id integer)")
        with pytest.raises(Refused, match="没有列“when”"):
            services.register_table(
                legacy.connection, actor=legacy.engineer, table="other", watermark_column="when"
            )

    def test_starting_over_clears_only_the_watermark(self, legacy: Legacy) -> None:
        with pytest.raises(Refused, match="还没有水位"):
            services.start_over(legacy.table, actor=legacy.engineer, reason="核对")
        public.remember("card", "cards", watermark="w", position="p")
        services.start_over(legacy.table, actor=legacy.engineer, reason="核对")

        assert (legacy.table.watermark, legacy.table.position) == ("", "")
        assert len(legacy.read()) == 2


class TestDeliveries:
    @staticmethod
    def remembered_in_vain(watermark: str | None) -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            public.remember("drop", "文件", watermark=watermark)
            raise ZeroDivisionError

    def test_files_count_as_taken_with_the_transaction_that_stores_their_rows(
        self, school: OrgUnit, engineer: Actor
    ) -> None:
        folder = opening.folders()[0] / "drop"
        folder.mkdir()
        (folder / "a.csv").write_text("学号\n1\n")
        row = ConnectionFactory(
            owner=school, kind="folder", address="drop", code="drop", settings="settle = 0"
        )
        services.register_table(row, actor=engineer, table="文件")

        def take() -> tuple[int, str | None]:
            reading = public.connector("drop").read("文件")
            return reading.reader().read_all().num_rows, reading.watermark

        rows, watermark = take()
        self.remembered_in_vain(watermark)
        assert take()[0] == rows == 1
        public.remember("drop", "文件", watermark=watermark)

        assert take() == (0, None)
        assert Delivery.objects.get().name == "a.csv"
        assert not (folder / "a.csv").exists()


class TestWrites:
    def test_are_on_record(self, legacy: Legacy) -> None:
        batch = pa.record_batch({"id": [2, 3], "holder": ["乙", "丙"]})
        written = public.connector("card").write("cards", [batch], key=["id"])

        assert (written.new, written.unchanged) == (1, 1)
        assert TableRead.objects.get(way="write").message == "新增 1，变更 0，未变 1，移除 0"


def test_the_folder_of_the_installation_is_there(tmp_path: Path) -> None:
    assert opening.folders()[0] == tmp_path / "exchange"
    assert opening.folders()[0].is_dir()
