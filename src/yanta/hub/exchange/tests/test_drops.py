"""Drops, in a folder and by SFTP: what is taken once, what is left alone, whom we trust."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from yanta.hub.exchange.connectors.base import Address, Reading
from yanta.hub.exchange.connectors.drops import DONE, DropConnector, LocalPlace, MemoryLedger
from yanta.hub.exchange.connectors.sftp import SftpPlace
from yanta.hub.exchange.tests.factories import batch, rows
from yanta.kernel.base import Refused


class Drop:
    """A folder drop with a clock of its own."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.folder, self.now = folder, 1_000_000.0
        self.ledger = MemoryLedger()
        address = Address("folder", {"path": str(folder), "table.学生": "xs_*.csv", **options})
        self.connector = DropConnector(address, LocalPlace(folder), ledger=self.ledger, now=lambda: self.now)

    def put(self, name: str, text: str, *, age: float = 60) -> None:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (self.now - age, self.now - age))

    def take(self, after: str | None = None) -> tuple[list[dict[str, Any]], Reading]:
        reading = self.connector.read("学生", after=after)
        return rows(reading), reading


class TestDrop:
    def test_a_file_is_taken_once_and_put_away(self, tmp_path: Path) -> None:
        drop = Drop(tmp_path)
        drop.put("xs_1.csv", "学号,姓名\n1,甲\n")
        first, reading = drop.take()
        assert first == [{"学号": "1", "姓名": "甲", "_file": "xs_1.csv"}]
        # Not stored by the reader yet: it lies there still and comes again.
        assert drop.take()[0] == first

        again, after = drop.take(reading.watermark)

        assert again == []
        assert after.watermark is None
        assert not (tmp_path / "xs_1.csv").exists()
        assert len(list((tmp_path / DONE).iterdir())) == 1

    def test_the_same_delivery_again_is_not_taken_a_new_content_is(self, tmp_path: Path) -> None:
        drop = Drop(tmp_path)
        drop.put("xs_1.csv", "学号\n1\n")
        drop.take(drop.take()[1].watermark)
        drop.put("xs_1.csv", "学号\n1\n")
        assert drop.take()[0] == []

        drop.put("xs_1.csv", "学号\n2\n")

        assert [row["学号"] for row in drop.take()[0]] == ["2"]
        assert len(list((tmp_path / DONE).iterdir())) == 1

    def test_what_is_not_finished_is_left_alone(self, tmp_path: Path) -> None:
        drop = Drop(tmp_path)
        drop.put("xs_new.csv", "学号\n1\n", age=2)
        drop.put("xs_2.csv.part", "学号\n1\n")
        drop.put(".xs_3.csv", "学号\n1\n")
        drop.put("other.csv", "学号\n1\n")
        assert drop.take()[0] == []

        drop.now += 60

        assert [row["_file"] for row in drop.take()[0]] == ["xs_new.csv"]

    def test_with_an_agreed_mark_nothing_is_taken_before_it(self, tmp_path: Path) -> None:
        drop = Drop(tmp_path, ready=".ok")
        drop.put("xs_1.csv", "学号\n1\n", age=0)
        assert drop.take()[0] == []
        drop.put("xs_1.csv.ok", "")

        _, reading = drop.take()
        drop.take(reading.watermark)

        assert {path.suffix for path in (tmp_path / DONE).iterdir()} == {".csv", ".ok"}

    def test_a_file_without_the_agreed_columns_stays_and_is_told(self, tmp_path: Path) -> None:
        drop = Drop(tmp_path)
        drop.put("xs_1.csv", "学号,姓名\n1,甲\n")
        drop.put("xs_2.csv", "姓名,学号,电话\n乙,2,139\n")
        drop.put("xs_3.csv", "工号,姓名\n3,丙\n")

        found, reading = drop.take()
        drop.take(reading.watermark)

        assert [(row["学号"], row["姓名"]) for row in found] == [("1", "甲"), ("2", "乙")]
        assert reading.surplus >= {"电话"}
        assert [(told.place, told.reason) for told in reading.broken] == [
            ("xs_3.csv", "整份未取：缺少列“学号”")
        ]
        assert reading.rejected == 1
        assert [path.name for path in tmp_path.glob("*.csv")] == ["xs_3.csv"]

    def test_a_name_never_leads_elsewhere(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="文件名"):
            Drop(tmp_path).connector.write("../x.csv", [batch(甲=["1"])], mode="replace")

    def test_a_link_to_another_place_is_no_delivery(self, tmp_path: Path) -> None:
        (tmp_path / "secret.csv").write_text("甲\n1\n")
        drop = tmp_path / "drop"
        drop.mkdir()
        (drop / "xs_1.csv").symlink_to(tmp_path / "secret.csv")

        assert LocalPlace(drop).parcels() == []


class SftpServer:
    """asyncssh on loopback, in a thread, serving one folder to one account."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, asyncssh.generate_private_key("ssh-ed25519")
        self.loop = asyncio.new_event_loop()
        self.port = 0
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=[ready], daemon=True)
        self.thread.start()
        assert ready.wait(10)

    def _run(self, ready: threading.Event) -> None:
        folder = self.folder

        class Accounts(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("vendor", "right")

        class Files(asyncssh.SFTPServer):
            def __init__(self, chan: Any) -> None:
                super().__init__(chan, chroot=str(folder))

        async def serve() -> None:
            server = await asyncssh.listen(
                "127.0.0.1", 0, server_host_keys=[self.key], server_factory=Accounts, sftp_factory=Files
            )
            self.port = server.get_port()
            ready.set()
            await self.stopped.wait()
            server.close()

        asyncio.set_event_loop(self.loop)
        self.stopped = asyncio.Event()
        self.loop.run_until_complete(serve())

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(10)

    def connector(self, *, password: str = "right", **options: str) -> DropConnector:
        public = " ".join(self.key.export_public_key().decode().split()[:2])
        address = Address(
            "sftp",
            {"host": "127.0.0.1", "port": str(self.port), "user": "vendor", "path": "/", "host_key": public,
             "settle": "0", "table.学生": "xs_*.csv", **options},
            {"password": password},
        )  # fmt: skip
        return DropConnector(address, SftpPlace(address))


class TestSftp:
    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[SftpServer]:
        made = SftpServer(tmp_path)
        yield made
        made.stop()

    def test_takes_files_once_and_delivers_ours(self, server: SftpServer, tmp_path: Path) -> None:
        (tmp_path / "xs_1.csv").write_text("学号\n1\n", encoding="gb18030")
        connector = server.connector()
        reading = connector.read("学生")
        assert rows(reading) == [{"学号": "1", "_file": "xs_1.csv"}]

        assert rows(connector.read("学生", after=reading.watermark)) == []
        written = connector.write("answer.csv", [batch(学号=["1"], 结果=["好"])], mode="replace")
        connector.close()

        assert not (tmp_path / "xs_1.csv").exists()
        assert len(list((tmp_path / DONE).iterdir())) == 1
        assert written.new == 1
        assert "好" in (tmp_path / "answer.csv").read_text("utf-8-sig")
        assert not list(tmp_path.glob(".*.part"))

    def test_an_unknown_server_is_not_trusted(self, server: SftpServer) -> None:
        with pytest.raises(Refused, match="核对服务器公钥，并填入参数 host_key = ssh-ed25519"):
            server.connector(host_key="").tables()
        stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[:2]
        with pytest.raises(Refused, match="与登记的不同"):
            server.connector(host_key=" ".join(stranger)).tables()

    def test_a_wrong_password_is_told(self, server: SftpServer) -> None:
        with pytest.raises(Refused, match="账号、口令或密钥不对"):
            server.connector(password="wrong").tables()
