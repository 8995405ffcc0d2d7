"""Excel and CSV, tried on the master data of a college."""

import csv
import io

import pytest
import xlsxwriter

from yanta.kernel.base import Refused
from yanta.kernel.resource import importing, resource_of, sheets
from yanta.kernel.resource.models import SheetImport
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Building, Campus

HEAD = ["建筑物号", "建筑物名称", "校区", "层数"]


@pytest.fixture
def owner(school, clerk_of):
    """A clerk of the department that owns buildings."""
    return clerk_of(OrgUnitFactory(parent=school, name="资产处"))


@pytest.fixture
def buildings():
    return resource_of(Building)


@pytest.fixture
def campus(db):
    return Campus.objects.create(code="1", name="雁塔校区")


def book(*rows, head=HEAD):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        page = made.add_worksheet()
        for number, row in enumerate([head, *rows]):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def begin(buildings, owner, *rows, head=HEAD):
    return importing.begin(buildings, owner, name="楼宇.xlsx", content=book(*rows, head=head))


class TestPreview:
    def test_every_row_gets_a_verdict_and_the_sum_adds_up(self, buildings, owner, campus):
        Building.objects.create(code="B1", name="一号楼", campus=campus, floors=5)
        Building.objects.create(code="B2", name="二号楼", campus=campus, floors=5)

        _, preview = begin(
            buildings, owner, ["B1", "一号楼", "雁塔校区", 5], ["B2", "二号楼", "雁塔校区", 6], ["B3", "三号楼", "1", 4],
            ["B4", "四号楼", "没有的校区", 4],
        )  # fmt: skip

        assert preview.counts == {"read": 4, "new": 1, "changed": 1, "unchanged": 1, "rejected": 1}
        assert "没有“没有的校区”" in preview.problems[0]["errors"][0]
        assert Building.objects.count() == 2

    def test_the_same_key_twice_is_rejected_the_second_time(self, buildings, owner, campus):
        _, preview = begin(buildings, owner, ["B1", "甲", "1", 1], ["B1", "乙", "1", 1])

        assert preview.problems[0]["errors"] == ["与第 2 行重复"]

    def test_an_unknown_column_and_a_missing_key_are_named(self, buildings, owner, campus):
        with pytest.raises(Refused, match="不认识的列：颜色"):
            begin(buildings, owner, ["B1", "红"], head=["建筑物号", "颜色"])
        with pytest.raises(Refused, match="缺少列：建筑物号"):
            begin(buildings, owner, ["甲"], head=["建筑物名称"])

    def test_an_empty_sheet_is_refused(self, buildings, owner, campus):
        with pytest.raises(Refused, match="没有数据"):
            begin(buildings, owner)


class TestCarryOut:
    def test_writes_the_good_rows_keeps_the_bad_ones_and_runs_once(self, buildings, owner, campus):
        kept, _ = begin(buildings, owner, ["B1", "一号楼", "1", 5], ["B2", "", "1", 5])

        done = importing.carry_out(kept, buildings, owner)

        assert Building.objects.get().code == "B1"
        assert done.counts == {"read": 2, "new": 1, "changed": 0, "unchanged": 0, "rejected": 1}
        assert done.problems[0]["cells"]["code"] == "B2"
        with pytest.raises(Refused, match="已经处理过"):
            importing.carry_out(SheetImport.objects.get(pk=kept.pk), buildings, owner)

    def test_the_uploaded_sheet_is_kept_sealed_and_forgotten_afterwards(self, buildings, owner, campus):
        kept, _ = begin(buildings, owner, ["B1", "一号楼", "1", 5])
        assert b"PK" not in bytes(SheetImport.objects.get(pk=kept.pk).content)[:4]

        importing.carry_out(kept, buildings, owner)

        assert bytes(SheetImport.objects.get(pk=kept.pk).content) == b""


class TestOut:
    def test_formulas_are_disarmed_in_csv(self, campus):
        Building.objects.create(code="B1", name="=cmd()", campus=campus)
        columns = sheets.columns_of(resource_of(Building))

        text = b"".join(sheets.comma_separated(columns, Building.objects.all())).decode("utf-8-sig")

        assert "'=cmd()" in next(csv.reader(io.StringIO(text.splitlines()[1])))

    def test_csv_in_the_encodings_of_the_country(self):
        assert sheets.read_cells("a.csv", "学号,姓名\n1,张三".encode("gb18030"))[1] == ["1", "张三"]
        assert sheets.read_cells("a.csv", "学号\n1".encode("utf-8-sig"))[0] == ["学号"]
