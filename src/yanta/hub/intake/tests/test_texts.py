from yanta.hub.intake.formats import open_grids
from yanta.hub.intake.texts import best_encoding

ROWS = "工号,姓名,备注\n00201,陈巧芳,\n00519,罗爱霞,一\n"


def lines_of(path):
    (grid,) = open_grids(path)
    return list(grid.lines())


class TestEncodings:
    def test_every_encoding_gives_the_same_text(self, tmp_path):
        read = []
        for encoding in ("gb18030", "gbk", "utf-8", "utf-8-sig", "utf-16"):
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes(ROWS.encode(encoding))
            read.append(lines_of(path))

        assert all(lines == read[0] for lines in read)
        assert read[0][1] == (2, ["00201", "陈巧芳", None])

    def test_a_sample_cut_inside_a_character_is_still_utf8(self):
        assert best_encoding("姓名".encode() * 50_000 + "姓".encode()[:2]) == "utf-8"


class TestSeparated:
    def test_a_quoted_line_break_does_not_begin_a_record(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text('姓名,备注,电话\n王芳,"一\n二",1\n李雷,三,2\n', encoding="utf-8")

        assert [number for number, _ in lines_of(path)] == [1, 2, 3]
        assert lines_of(path)[1][1][1] == "一\n二"

    def test_tabs_and_semicolons_are_found(self, tmp_path):
        for sign in "\t;|":
            path = tmp_path / "a.txt"
            path.write_text(ROWS.replace(",", sign), encoding="utf-8")
            assert lines_of(path)[2][1] == ["00519", "罗爱霞", "一"]


class TestFixedWidth:
    def test_columns_are_cut_at_print_width_by_the_ruler(self, tmp_path):
        path = tmp_path / "读者.txt"
        text = "条码   姓名       性\n------ ---------- --\n03752  俞英       女\n03686  买买提·江  男\n"
        path.write_bytes(text.encode("gbk"))

        assert lines_of(path)[2:] == [(3, ["03752", "俞英", "女"]), (4, ["03686", "买买提·江", "男"])]

    def test_without_a_ruler_blank_columns_part_the_fields(self, tmp_path):
        path = tmp_path / "读者.txt"
        path.write_text(
            "03752  俞英    女 甲\n03686  姜翠花  男 乙\n04612  夏娥    女 丙\n", encoding="utf-8"
        )

        assert lines_of(path)[1] == (2, ["03686", "姜翠花", "男", "乙"])
