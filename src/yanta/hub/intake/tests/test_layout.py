from yanta.hub.intake.grids import Grid
from yanta.hub.intake.layout import detect_layout


def grid_of(*rows, merges=()):
    lines = [(number, [cell or None for cell in row]) for number, row in enumerate(rows, 1)]
    return Grid("a.xlsx", "甲", lambda: iter(lines), merges=merges)


PERSON = ["1", "2022010101", "吴心怡", "13800000000", "在读"]


class TestHeader:
    def test_titles_stand_above_a_single_header(self):
        layout = detect_layout(
            grid_of(["学生名册", "", ""], ["序号", "学号", "姓名"], ["1", "2022010101", "吴心怡"])
        )

        assert layout.header == (2,)
        assert layout.titles == ("学生名册",)
        assert layout.labels == ("序号", "学号", "姓名")

    def test_merged_group_labels_stand_before_the_labels_below_them(self):
        layout = detect_layout(
            grid_of(
                ["序号", "基本信息", "", "", "备注"],
                ["", "学号", "姓名", "手机", ""],
                PERSON,
                merges=((0, 0, 1, 0), (0, 1, 0, 3), (0, 4, 1, 4)),
            )
        )

        assert layout.header == (1, 2)
        assert layout.labels == ("序号", "基本信息›学号", "基本信息›姓名", "基本信息›手机", "备注")

    def test_group_labels_spread_over_gaps_where_no_merges_are_told(self):
        layout = detect_layout(
            grid_of(["序号", "学生", "", "家长", ""], ["", "学号", "姓名", "姓名", "电话"], PERSON)
        )

        assert layout.labels == ("序号", "学生›学号", "学生›姓名", "家长›姓名", "家长›电话")

    def test_a_shifted_row_does_not_widen_the_table(self):
        layout = detect_layout(grid_of(["学号", "姓名"], ["1", "王芳"], ["2", "李雷", "多"], ["3", "韩梅"]))

        assert layout.labels == ("学号", "姓名")

    def test_a_grid_without_header_gets_numbered_columns(self):
        layout = detect_layout(grid_of(PERSON, PERSON))

        assert layout.header == ()
        assert layout.labels[0] == "第1列"
