from datetime import date, timedelta
from decimal import Decimal

import pytest

from yanta.systems.certificates.rules import english, grading, limits, wording, worth

TODAY = date(2026, 11, 20)
TERMS = limits.Terms("在读证明", "studying", most=2, period_days=30)
NAMES = {"person.name", "student.marks", "staff.title"}
COLUMNS = {"student.marks": ["course", "score"]}


class TestLimits:
    def test_who_studies_may(self):
        assert limits.refusal_reason(TERMS, state="01", state_name="在读", issued_on=[], on=TODAY) is None

    @pytest.mark.parametrize(("state", "name"), [("02", "休学"), ("07", "毕业"), ("", "")])
    def test_others_are_told_why_not(self, state, name):
        said = limits.refusal_reason(TERMS, state=state, state_name=name, issued_on=[], on=TODAY)

        assert "只给在读学生" in said
        assert name in said

    def test_so_many_in_a_period_and_when_again(self):
        issued = [TODAY - timedelta(days=10), TODAY - timedelta(days=2), TODAY - timedelta(days=90)]

        said = limits.refusal_reason(TERMS, state="01", state_name="在读", issued_on=issued, on=TODAY)

        assert "最多开 2 份" in said
        assert "2026-12-10 起" in said

    def test_a_closed_kind_says_why(self):
        closed = limits.Terms("收入证明", "employed", 5, 30, is_open=False, closed_for="数据没有系统")

        assert "数据没有系统" in limits.refusal_reason(
            closed, state="在岗", state_name="在岗", issued_on=[], on=TODAY
        )

    def test_numbers_follow_each_other(self):
        assert limits.number_of("ZD", 2026, limits.serial_after(None)) == "ZD2026000001"
        assert limits.number_of("ZD", 2026, limits.serial_after("ZD2026000041")) == "ZD2026000042"


class TestWording:
    def test_paragraphs_and_tables(self):
        text = "{person.name}系我校学生{staff.title?}。\n[表 student.marks：课程=course，成绩=score]"

        paragraph, table = wording.blocks_in(text)

        assert paragraph.parts == (
            wording.Slot("person.name"),
            "系我校学生",
            wording.Slot("staff.title", True),
            "。",
        )
        assert table.columns == (("课程", "course"), ("成绩", "score"))
        assert wording.elements_of([paragraph, table]) == {
            "person.name": True,
            "staff.title": False,
            "student.marks": True,
        }
        assert wording.problems_in(text, names=NAMES, columns=COLUMNS) == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "空的"), ("{person.shoe}", "没有数据元“person.shoe”"), ("{person.name", "花括号"), ("{student.marks}", "写成表"),
            ("[表 person.name：a=b]", "不是多行数据"), ("[表 student.marks：学时=hours]", "没有列“hours”"), ("{{ 7*7 }}", "花括号"),
        ],
    )  # fmt: skip
    def test_what_nobody_could_fill_is_named(self, text, said):
        assert said in "；".join(wording.problems_in(text, names=NAMES, columns=COLUMNS))


class TestEnglish:
    @pytest.mark.parametrize(
        ("name", "latin"),
        [
            ("张晓明", "ZHANG Xiaoming"),
            ("欧阳修", "OUYANG Xiu"),
            ("单雄信", "SHAN Xiongxin"),
            ("吕布", "LYU Bu"),
            ("John", "John"),
        ],
    )
    def test_names_as_gb_t_28039_spells_them(self, name, latin):
        assert english.latin_name(name) == latin

    def test_what_has_no_official_english_is_not_made_up(self):
        assert english.in_english("软件工程", kind="text", names={}) is None
        assert english.in_english(date(2025, 9, 1), kind="month", names={}) == "September 2025"


class TestGrading:
    def test_weighted_by_credits(self):
        rows = [
            {"credits": 3, "score": 90, "point": Decimal("4.0")},
            {"credits": 1, "score": 50, "point": Decimal(0)},
        ]

        assert grading.totals(rows) == grading.Totals(Decimal("3.00"), Decimal("80.00"))

    def test_equals_share_a_place(self):
        assert grading.places([Decimal(90), Decimal(90), Decimal(80)]) == [1, 1, 3]


class TestWorth:
    def test_each_state_in_words(self):
        def word(**given):
            return worth.worth_of(
                **{"state": "issued", "valid_to": date(2026, 12, 31), "on": TODAY, **given}
            ).word

        assert word() == "有效"
        assert word(valid_to=date(2026, 11, 19)) == "已过期"
        assert word(valid_to=TODAY) == "有效"
        assert word(now="毕业") == "情况有变化"
        assert word(changed=["专业"]) == "情况有变化"
        assert word(state="revoked", reason="姓名有误") == "已撤销"
        assert word(state="ended") == "已失效"
        assert word(state="superseded") == "已被取代"
