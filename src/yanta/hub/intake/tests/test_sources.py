from yanta.hub.intake.sources import recognise_source, source_of_name


class TestRecognition:
    def test_columns_tell_the_department_when_the_name_does_not(self):
        labels = ["导师", "培养单位", "学习形式", "研究生学号"]

        assert (
            recognise_source("名单.xlsx", ["Sheet1"], labels, ["student_no", "level", "latin_name"])
            == "graduate"
        )

    def test_words_alone_make_no_department(self):
        assert recognise_source("财务处通知.csv", [], ["标题", "内容"], []) == "other"

    def test_an_agreement_names_departments_by_file(self):
        assert [
            source_of_name(name) for name in ("后勤_宿舍入住.xlsx", "一卡通_持卡人.sqlite", "personnel")
        ] == [
            "dormitory",
            "card",
            "personnel",
        ]
