import sqlite3
from contextlib import closing

import pytest
import xlsxwriter

from yanta.hub.intake.formats import UnreadableError, open_grids
from yanta.hub.intake.grids import cell_text


class TestWorkbooks:
    def test_visible_sheets_are_read_with_excel_rows(self, tmp_path):
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("机电")
            page.write_row(2, 0, ["学号", 2022010101.0, 3.5])
            book.add_worksheet("隐藏").hide()

        (grid,) = open_grids(path)

        assert grid.sheet == "机电"
        assert list(grid.lines())[2] == (3, ["学号", "2022010101", "3.5"])

    def test_a_cell_merged_over_rows_belongs_to_each_of_them(self, tmp_path):
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet()
            page.merge_range(0, 0, 1, 0, "A101")
            page.write_column(0, 1, ["王芳", "李雷"])

        assert [cells for _, cells in open_grids(path)[0].lines()] == [["A101", "王芳"], ["A101", "李雷"]]

    def test_the_content_decides_and_not_the_ending(self, tmp_path):
        path = tmp_path / "其实是表格.csv"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("甲").write(0, 0, "姓名")

        assert open_grids(path)[0].sheet == "甲"


class TestSqlite:
    def test_code_tables_become_lookups_of_the_others(self, tmp_path):
        path = tmp_path / "card.db"
        with closing(sqlite3.connect(path)) as base:
            base.execute('create table "de""pt" (DEPTCODE text, NAME text)')
            base.execute('insert into "de""pt" values (?, ?)', ("0201", "学校办公室"))
            base.execute("create table holder (NO text, NAME text, SEX text, DEPTCODE text, TEL text)")
            base.execute("insert into holder values ('1', '王芳', 'F', '0201', null)")
            base.commit()

        holder = next(grid for grid in open_grids(path) if grid.sheet == "holder")

        assert holder.lookups[0].names == {"0201": "学校办公室"}
        assert list(holder.lines()) == [(1, ["1", "王芳", "F", "0201", None])]


class TestUnreadable:
    def test_a_broken_workbook_is_reported_in_the_clerks_words(self, tmp_path):
        path = tmp_path / "坏.xlsx"
        path.write_bytes(b"PK\x03\x04broken")

        with pytest.raises(UnreadableError, match=r"坏\.xlsx 读不出来"):
            open_grids(path)


class TestCellText:
    def test_whole_numbers_lose_the_point_and_nothing_is_none(self):
        assert [cell_text(value) for value in (2.0, 2.5, "", None, True)] == ["2", "2.5", None, None, "是"]
