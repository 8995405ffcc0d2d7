"""Files: what is read, what stays when a write fails, which addresses are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from yanta.hub.exchange.connectors.addresses import safe_folder, safe_host, safe_url
from yanta.hub.exchange.connectors.base import Address, Broken
from yanta.hub.exchange.connectors.files import FileConnector
from yanta.hub.exchange.connectors.sheets import spans_of
from yanta.hub.exchange.tests.factories import batch, rows
from yanta.kernel.base import Refused


def files(place: Path, **options: str) -> FileConnector:
    return FileConnector(Address("file", {"path": str(place), **options}))


class TestReading:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_separated_text_in_any_encoding(self, tmp_path: Path, encoding: str) -> None:
        (tmp_path / "名册.csv").write_text('编号,备注\n1,"甲，\n乙"\n2,㐂\n', encoding=encoding)

        assert rows(files(tmp_path).read("名册.csv")) == [
            {"编号": "1", "备注": "甲，\n乙"},
            {"编号": "2", "备注": "㐂"},
        ]

    def test_a_workbook_has_a_table_per_sheet(self, tmp_path: Path) -> None:
        book = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
        for name, cells in (("甲", ["编号", "0012"]), ("乙", ["代码", "7"])):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, cells)
            sheet.write_column(0, 1, ["注", "x"])
        book.close()

        connector = files(tmp_path / "b.xlsx")

        assert [shape.name for shape in connector.tables()] == ["b.xlsx#甲", "b.xlsx#乙"]
        assert rows(connector.read("b.xlsx#甲")) == [{"编号": "0012", "注": "x"}]

    def test_fixed_width_by_a_declared_layout(self, tmp_path: Path) -> None:
        (tmp_path / "yh.txt").write_bytes("欧阳娜    6222021234\n李  四    6222029999\n".encode("gb18030"))

        connector = files(tmp_path, layout="姓名:1-10,卡号:11-20", header="none")

        assert rows(connector.read("yh.txt")) == [
            {"姓名": "欧阳娜", "卡号": "6222021234"},
            {"姓名": "李  四", "卡号": "6222029999"},
        ]

    def test_a_layout_may_leave_gaps_and_must_not_overlap(self) -> None:
        assert [(s.name, s.start, s.end) for s in spans_of("乙:9-10，甲：1-4")] == [
            ("甲", 1, 4),
            ("乙", 9, 10),
        ]
        with pytest.raises(Refused, match="重叠"):
            spans_of("甲:1-5,乙:5-9")
        with pytest.raises(Refused, match="列名:起-止"):
            spans_of("甲:5-1")

    def test_gaps_between_declared_columns_are_cut_off(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("AB--CD--\nEF--GH--\n")

        assert rows(files(tmp_path, layout="甲:1-2,乙:5-6", header="none").read("a.txt"))[0] == {
            "甲": "AB",
            "乙": "CD",
        }

    def test_dbase(self, tmp_path: Path) -> None:
        (tmp_path / "old.dbf").write_bytes(
            dbf([("XH", 4), ("XM", 8)], [("0001", "欧阳娜"), ("0002", "李四")])
        )

        assert rows(files(tmp_path).read("old.dbf")) == [
            {"XH": "0001", "XM": "欧阳娜"},
            {"XH": "0002", "XM": "李四"},
        ]

    def test_lines_with_other_cells_than_the_header_are_told_whole(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("甲,乙\n1,2\n3,4,5\n6\n7,8,\n8,8\n9,9\n")
        reading = files(tmp_path).read("a.csv", columns=["乙", "甲"])

        assert [row["甲"] for row in rows(reading)] == ["1", "7", "8", "9"]
        assert reading.rejected == 2
        assert reading.broken == [
            Broken("a.csv 第 3 行", 3, "3，4，5", "有 3 格，比表头的 2 列多", ("4", "3")),
            Broken("a.csv 第 4 行", 4, "6", "只有 1 格，比表头的 2 列少", (None, "6")),
        ]

    def test_a_line_that_is_no_text_is_told_with_its_bytes(self, tmp_path: Path) -> None:
        good = "".join(f"{n},欧阳娜\n" for n in range(20)).encode()
        (tmp_path / "a.csv").write_bytes(
            "编号,姓名\n".encode() + good + b"20,\xc5\xb7\xff\n" + "21,李四\n".encode()
        )
        reading = files(tmp_path).read("a.csv")

        assert [row["姓名"] for row in rows(reading)] == ["欧阳娜"] * 20 + ["李四"]
        (told,) = reading.broken
        assert told.reason == "有无法解码的字符，尖括号中是原字节"
        assert "<FF>" in told.text

    def test_a_watermark_on_text(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("编号,时间\n1,2026-09-01\n2,2026-09-02\n3,\n4,2026-09-02\n")
        reading = files(tmp_path).read("a.csv", after="2026-09-02", by="时间")

        assert [row["编号"] for row in rows(reading)] == ["2", "3", "4"]
        assert reading.watermark == "2026-09-02"


def dbf(fields: list[tuple[str, int]], records: list[tuple[str, ...]]) -> bytes:
    """A dBase III file with text columns in GB18030."""
    head = 32 + 32 * len(fields) + 1
    size = 1 + sum(width for _, width in fields)
    made = bytearray(b"\x03\x1a\x0b\x15") + len(records).to_bytes(4, "little") + head.to_bytes(2, "little")
    made += size.to_bytes(2, "little") + bytes(20)
    for name, width in fields:
        made += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
    made += b"\r"
    for record in records:
        made += b" "
        for (_, width), value in zip(fields, record, strict=True):
            made += value.encode("gb18030").ljust(width)
    return bytes(made + b"\x1a")


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
class TestWriting:
    def test_upsert_tells_what_it_did(self, tmp_path: Path, name: str) -> None:
        connector = files(tmp_path)
        connector.write(name, [batch(编号=["1", "2"], 名称=["甲", "=1+1"])], key=["编号"], mode="replace")
        written = connector.write(name, [batch(编号=["2", "3"], 名称=["乙", "丙"])], key=["编号"])

        assert (written.read, written.new, written.changed, written.unchanged) == (2, 1, 1, 0)
        assert sorted(row["名称"] for row in rows(connector.read(name))) == ["丙", "乙", "甲"]

    def test_a_failed_refresh_leaves_the_old_file(self, tmp_path: Path, name: str) -> None:
        connector = files(tmp_path)
        connector.write(name, [batch(编号=["1"], 名称=["甲"])], mode="replace")
        before = (tmp_path / name).read_bytes()

        def broken() -> Iterator[pa.RecordBatch]:
            yield batch(编号=["9"], 名称=["坏"])
            raise ConnectionError("断了")

        with pytest.raises(ConnectionError):
            connector.write(name, broken(), mode="replace")

        assert (tmp_path / name).read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_a_file_that_does_not_hold_all_rows_is_not_put_in_place(
        self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connector = files(tmp_path)
        connector.write(name, [batch(编号=["1"])], mode="replace")
        monkeypatch.setattr("yanta.hub.exchange.connectors.filewriting._lines", lambda draft: 1)

        with pytest.raises(Refused, match="不相符；原文件未动"):
            connector.write(name, [batch(编号=["2", "3"])], mode="replace")

        assert rows(connector.read(name)) == [{"编号": "1"}]

    def test_append_and_repeated_keys(self, tmp_path: Path, name: str) -> None:
        connector = files(tmp_path)
        connector.write(name, [batch(编号=["1"], 甲=["x"])], mode="append")
        connector.write(name, [batch(编号=["1"], 甲=["y"])], mode="append")
        assert len(rows(connector.read(name))) == 2

        with pytest.raises(Refused, match="重复"):
            connector.write(name, [batch(编号=["1", "1"], 甲=["x", "y"])], key=["编号"])


class TestAddresses:
    def test_only_allowed_folders(self, tmp_path: Path) -> None:
        allowed, other = tmp_path / "in", tmp_path / "out"
        allowed.mkdir()
        other.mkdir()
        (allowed / "link").symlink_to(other)

        assert safe_folder("drop", [allowed]) == allowed / "drop"
        for trap in (
            "../out",
            str(other),
            "/etc/passwd",
            "link/x",
            "file:///etc/passwd",
            f"{allowed}/../out",
        ):
            with pytest.raises(Refused):
                safe_folder(trap, [allowed])

    @pytest.mark.parametrize(
        "host", ["169.254.169.254", "[fe80::1]", "metadata.google.internal", "100.100.100.200", "0.0.0.0", "::ffff:169.254.169.254", "2852039166"]
    )  # fmt: skip
    def test_no_metadata_and_no_link_local_hosts(self, host: str) -> None:
        with pytest.raises(Refused):
            safe_host(host)

    def test_web_addresses(self) -> None:
        assert safe_url("http://127.0.0.1:8101/api/") == "http://127.0.0.1:8101/api"
        for trap in (
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "http://169.254.169.254/latest",
            "http://me:secret@127.0.0.1/",
            "//x",
        ):
            with pytest.raises(Refused):
                safe_url(trap)
