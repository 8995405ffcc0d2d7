"""Forms, conditions, formulas: no database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from yanta.systems.hall.rules import answers, forms
from yanta.systems.hall.rules.formulas import FormulaError, computed, parsed


def form(*questions: dict[str, Any], **part: Any) -> forms.Form:
    return forms.read({"parts": [{"title": "申请", "questions": list(questions), **part}]})


def ask(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "kind": kind, **more}


WHY = ask("why", "原因", "choice", options=["遗失", "损坏"], required=True)
POLICE = ask(
    "police", "报案回执", required=True, when={"tests": [{"field": "why", "op": "is", "value": "遗失"}]}
)
PHONE = ask("phone", "手机号", "phone", required=True, element="person.phone")


class TestReading:
    def test_names_every_fault_at_once(self) -> None:
        with pytest.raises(forms.FormError) as caught:
            forms.read({"parts": [{"questions": [
                ask("a", "甲", "choice", options=["一"]), ask("a", "甲"), ask("b", "乙", "magic"),
            ]}]})  # fmt: skip
        assert any("用了两次" in fault for fault in caught.value.faults)
        assert any("都叫“甲”" in fault for fault in caught.value.faults)

    @pytest.mark.parametrize(
        "broken", [None, [], "x", {"parts": []}, {"parts": [3]}, {"parts": [{"questions": [3]}]}]
    )
    def test_bears_nonsense(self, broken: Any) -> None:
        with pytest.raises(forms.FormError):
            forms.read(broken)

    def test_refuses_a_condition_on_a_field_that_is_gone(self) -> None:
        with pytest.raises(forms.FormError, match="不在表单里"):
            form(ask("a", "甲", when={"tests": [{"field": "z", "op": "is", "value": "1"}]}))


class TestFormulas:
    names = {
        "单价": "price",
        "数量": "count",
        "起": "start",
        "止": "end",
        "明细": "rows",
        "明细.金额": "rows.amount",
    }

    @pytest.mark.parametrize(
        ("formula", "value"),
        [
            ("[单价] * [数量]", "25.00"), ("([单价] + 2) / 4", "3.63"), ("-[单价] + 20", "7.50"),
            ("days([起], [止])", "3.00"), ("sum([明细.金额])", "30.50"), ("max([单价], 100, 3)", "100.00"),
            ("round([单价] / 3, 0)", "4.00"),
        ],
    )  # fmt: skip
    def test_computes(self, formula: str, value: str) -> None:
        given = {
            "price": "12.5", "count": "2", "start": date(2026, 9, 30), "end": date(2026, 10, 2),
            "rows": [{"amount": "10"}, {"amount": "20.5"}, {"amount": None}],
        }  # fmt: skip
        assert computed(parsed(formula, self.names), given) == value

    @pytest.mark.parametrize(
        "hostile",
        [
            "__import__('os')", "[单价].real", "open([单价])", "[密码]", "1 +", "(1", "9**9**9", "sum()", "", "[单价] [数量]",
            "(" * 60 + "1" + ")" * 60, "1" * 500, "lambda: 1", "max(" + "1," * 20 + "1)",
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_formula(self, hostile: str) -> None:
        with pytest.raises(FormulaError):
            parsed(hostile, self.names)

    @pytest.mark.parametrize("formula", ["[单价] / [数量]", "days([单价], [数量])", "[起] + 1"])
    def test_says_nothing_where_nothing_can_be_said(self, formula: str) -> None:
        given = {"price": "1", "count": "0", "start": date(2026, 9, 1)}
        assert computed(parsed(formula, self.names), given) is None

    def test_is_checked_with_the_form(self) -> None:
        with pytest.raises(forms.FormError, match="没有字段"):
            form(ask("a", "甲", "number"), ask("b", "合计", "calc", formula="[丙] + 1"))


class TestShrinking:
    def test_takes_what_is_known_and_asks_the_rest(self) -> None:
        found = answers.judged(
            form(WHY, PHONE), {"why": "损坏", "phone": "999"}, {"person.phone": "13800000000"}
        )

        assert found.errors == {}
        assert found.values == {"why": "损坏", "phone": "13800000000"}
        assert (found.saved, found.asked) == (1, 1)

    def test_asks_what_nobody_knows(self) -> None:
        found = answers.judged(form(WHY, PHONE), {"why": "损坏"}, {})

        assert found.errors == {"phone": "请填写手机号"}
        assert (found.saved, found.asked) == (0, 2)


class TestConditions:
    def test_asks_when_it_holds(self) -> None:
        assert "police" in answers.judged(form(WHY, POLICE), {"why": "遗失"}, {}).errors

    def test_neither_asks_nor_keeps_when_it_does_not(self) -> None:
        found = answers.judged(form(WHY, POLICE), {"why": "损坏", "police": "2026-1"}, {})

        assert found.errors == {}
        assert "police" not in found.values

    @pytest.mark.parametrize(
        ("op", "value", "given", "met"),
        [
            ("more", "3", "10", True), ("less", "3", "10", False), ("filled", "", "", False), ("empty", "", None, True),
            ("has", "甲", ["甲", "乙"], True), ("is", "是", True, True), ("more", "2026-01-01", date(2026, 2, 1), True),
            ("is_not", "x", "y", True), ("more", "3", None, False),
        ],
    )  # fmt: skip
    def test_compares(self, op: str, value: str, given: Any, met: bool) -> None:
        assert forms.holds(forms.When((forms.Test("f", op, value),)), {"f": given}) is met


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "given", "said"),
        [
            ("number", "十", "请填数字"), ("number", "7", "不能大于 5"), ("number", "1e99", "太大"),
            ("date", "9月1日", "2026-09-01"), ("phone", "abc", "电话"), ("text", "一二三四五六", "最多 5 个字"),
        ],
    )  # fmt: skip
    def test_refuses_in_words(self, kind: str, given: str, said: str) -> None:
        limits = {} if kind == "date" else {"most": "5"}
        found = answers.judged(form(ask("f", "内容", kind, **limits)), {"f": given}, {})
        assert said in found.errors["f"]

    def test_refuses_a_choice_that_is_not_offered(self) -> None:
        assert answers.judged(form(WHY), {"why": "其他"}, {}).errors["why"] == "“原因”没有这个选项"

    def test_reads_rows_and_calculates_within_and_over_them(self) -> None:
        made = forms.read({"parts": [
            {"title": "明细", "name": "rows", "least": 1, "most": 3, "questions": [
                ask("price", "单价", "number", required=True), ask("n", "数量", "number"),
                ask("amount", "金额", "calc", formula="[明细.单价] * [明细.数量]"),
            ]},
            {"title": "合计", "questions": [ask("total", "总额", "calc", formula="sum([明细.金额])")]},
        ]})  # fmt: skip
        found = answers.judged(made, {"rows": [{"price": "2", "n": "3"}, {}, {"price": "1.5", "n": "2"}]}, {})

        assert found.errors == {}
        assert [row["amount"] for row in found.values["rows"]] == ["6.00", "3.00"]
        assert found.values["total"] == "9.00"
        assert "至少填 1 行" in answers.judged(made, {}, {}).errors["rows"]
        assert "rows.0.price" in answers.judged(made, {"rows": [{"n": "1"}]}, {}).errors
