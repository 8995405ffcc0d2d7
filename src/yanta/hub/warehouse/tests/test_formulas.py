"""The reader of expressions and the words for figures: pure."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanta.hub.warehouse import formulas, rules
from yanta.hub.warehouse.rules import Scale
from yanta.kernel.base import Refused

VALUES = {"n": Decimal(6), "d": Decimal(4), "zero": Decimal(0), "nothing": None}


class TestExpressions:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("n", "6"), ("n / d", "1.5"), ("n / d * 100", "150"), ("n - d - 1", "1"), ("n + d * 2", "14"),
            ("(n + d) * 2", "20"), ("-n + d", "-2"), ("2 * (n - (d - 1.5))", "7"), ("n / 4 / 3", "0.5"),
        ],
    )  # fmt: skip
    def test_computed_as_on_paper(self, text, value):
        assert formulas.read(text).of(VALUES) == Decimal(value)

    @pytest.mark.parametrize("text", ["n / zero", "n / (d - 4)", "nothing + 1", "absent * 2"])
    def test_what_cannot_be_had_has_no_value(self, text):
        assert formulas.read(text).of(VALUES) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "n +",
            "(n",
            "n)",
            "n d",
            "1..2",
            "__import__('os')",
            "n ** d",
            "n; d",
            "n if d else 0",
            "N",
            "n" * 201,
        ],
    )
    def test_anything_else_is_refused(self, text):
        with pytest.raises(Refused):
            formulas.read(text)

    @given(st.recursive(
        st.sampled_from(["n", "d", "3", "0.5"]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"), max_leaves=12,
    ))  # fmt: skip
    def test_the_same_as_pythons_own_arithmetic(self, text):
        if len(text) <= formulas.LONGEST:
            exact = re.sub(r"\d+(\.\d+)?", r"D('\g<0>')", text)
            expected = eval(exact, {"n": Decimal(6), "d": Decimal(4), "D": Decimal})
            assert abs(formulas.read(text).of(VALUES) - Decimal(str(expected))) < Decimal("1e-9")

    def test_names_are_told(self):
        assert formulas.read("(a + b) / a_1").names == {"a", "b", "a_1"}


LOWER = Scale("生师比", "：1", 2, "lower", Decimal(18), Decimal(22))
HIGHER = Scale("高级职称比", "%", 1, "higher", Decimal(40), Decimal(30))


class TestJudging:
    @pytest.mark.parametrize(
        ("value", "scale", "tone"),
        [
            ("18", LOWER, "success"), ("18.01", LOWER, "warning"), ("22", LOWER, "warning"), ("22.1", LOWER, "danger"),
            ("40", HIGHER, "success"), ("39.9", HIGHER, "warning"), ("29.9", HIGHER, "danger"), ("5", Scale("人数"), "neutral"),
        ],
    )  # fmt: skip
    def test_targets_and_warnings(self, value, scale, tone):
        assert rules.tone(Decimal(value), scale) == tone

    def test_one_sentence_says_it_all(self):
        said = rules.finding(Decimal("18.64"), Decimal("18.20"), LOWER, "去年同期")
        assert said == "生师比 18.64：1，离目标 18 还差 0.64，比去年同期升 0.44"

    def test_a_share_changes_by_points(self):
        assert (
            rules.change_words(Decimal("41.2"), Decimal("40.0"), HIGHER, "去年同期")
            == "比去年同期升 1.2 个百分点"
        )

    def test_what_rounds_to_nothing_did_not_change(self):
        assert rules.change_words(Decimal("40.01"), Decimal("40.0"), HIGHER, "去年同期") == "与去年同期持平"

    def test_whether_a_change_is_good_depends_on_the_direction(self):
        assert rules.is_good(Decimal(1), "lower") is False
        assert rules.is_good(Decimal(1), "higher") is True
        assert rules.is_good(Decimal(1), "neither") is None

    def test_titles_are_findings(self):
        points = [("2024 年 11 月", Decimal(100)), ("2026 年 11 月", Decimal(120))]
        assert (
            rules.trend_title(points, Scale("在校生数", "人"))
            == "在校生数自 2024 年 11 月 的 100 人 升到 120 人"
        )
        assert rules.trend_title(points[:1], Scale("在校生数")).endswith("还看不出趋势")
        spread = [("甲", Decimal(3)), ("乙", Decimal(1)), ("丙", Decimal(2))]
        assert rules.spread_title(spread, Scale("班额", "人")) == "甲班额最高，3 人；乙最低，1 人"
