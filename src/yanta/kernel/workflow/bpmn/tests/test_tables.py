"""Tables put into drawings and taken out again, what they leave open, and how their cells are typed and said."""

import pytest

from yanta.kernel.workflow.bpmn import prepare, read
from yanta.kernel.workflow.bpmn.comparing import compare
from yanta.kernel.workflow.bpmn.coverage import doubts
from yanta.kernel.workflow.bpmn.decisions import Decision, Input, Rule, decisions_in, read_decisions
from yanta.kernel.workflow.bpmn.feel import said, tidied
from yanta.kernel.workflow.bpmn.tables import as_file, carry_over, drop, put

DRAWING = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"><documentation>x</documentation>'
    '<startEvent id="s"/><userTask id="a" name="甲"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
    '<sequenceFlow id="g" sourceRef="a" targetRef="e"/></process></definitions>'
)


def table(*rows, hit="UNIQUE", key="who", labels=("天数", "类别")):
    rules = tuple(Rule(tuple(tests), ('"role:head"',), "为什么") for tests in rows)
    inputs = tuple(Input(label, name) for label, name in zip(labels, ("days", "kind"), strict=False))
    return Decision(key, "谁批", inputs, ("assignee",), rules, hit)


class TestInADrawing:
    def test_what_is_put_in_is_read_again(self):
        document = read(DRAWING)
        put(document, table(("<= 3", "-"), ("> 3", '"事假"')))

        again = read(document.text)

        assert decisions_in(again.root) == [table(("<= 3", "-"), ("> 3", '"事假"'))]
        assert prepare(again).is_runnable
        assert [node.tag.rpartition("}")[2] for node in again.processes[0]][:2] == [
            "documentation",
            "extensionElements",
        ]

    def test_it_takes_the_place_of_the_one_with_its_key(self):
        document = read(DRAWING)
        for one in (table(("1", "-")), table(key="other"), table(("2", "-"))):
            put(document, one)

        assert [(one.key, len(one.rules)) for one in decisions_in(document.root)] == [
            ("who", 1),
            ("other", 0),
        ]

    def test_it_is_taken_out(self):
        document = read(DRAWING)
        put(document, table())
        drop(document, "who")

        assert decisions_in(document.root) == []

    def test_tables_are_carried_from_one_drawing_to_the_next(self):
        before, after = read(DRAWING), read(DRAWING)
        put(before, table(("1", "-")))
        put(after, table(key="older"))
        carry_over(before, after)

        assert decisions_in(after.root) == [table(("1", "-"))]

    def test_a_file_of_its_own(self):
        assert read_decisions(as_file(table(("1", "-")))) == [table(("1", "-"))]

    def test_two_versions_are_compared_row_by_row(self):
        before, after = read(DRAWING), read(DRAWING)
        put(before, table(("1", "-")))
        put(after, table(("2", "-")))
        (change,) = compare(before, after)

        assert change.name == "谁批"
        assert change.said == (("第 1 行", '天数 1，类别 - → "role:head"', '天数 2，类别 - → "role:head"'),)


class TestLeftOpen:
    def test_two_rows_at_once(self):
        (doubt,) = doubts(table(("<= 3", "-"), (">= 3", "-")))

        assert doubt.startswith("第 1 行、第 2 行会同时成立：天数 = 3")

    def test_first_row_wins_where_that_is_the_rule(self):
        assert doubts(table(("<= 3", "-"), ("-", "-"), hit="FIRST")) == []

    def test_no_row(self):
        (doubt,) = doubts(table(("< 3", "-"), ("> 3", "-")))

        assert doubt.startswith("没有一行管：天数 = 3、")

    def test_whole_numbers_have_no_halves(self):
        assert doubts(table(("<= 3", "-"), (">= 4", "-"))) == []
        assert "3.5" in doubts(table(("<= 3.0", "-"), (">= 4.5", "-")))[0] or doubts(
            table(("<= 3.2", "-"), (">= 4.5", "-"))
        )

    def test_another_text(self):
        assert "类别 = （其他）" in doubts(table(("-", '"事假"'), ("-", '"病假"')))[0]
        assert doubts(table(("-", '"事假"'), ("-", 'not("事假")'))) == []

    def test_yes_and_no(self):
        assert "类别 = 否" in doubts(table(("-", "true")))[0]


@pytest.mark.parametrize(
    ("typed", "kept", "words"),
    [
        ("", "", "不限"), ("-", "-", "不限"), ("3", "3", "3"), ("≥3", ">=3", "不少于 3"), ("＞ 3", "> 3", "大于 3"),
        ("事假", '"事假"', "事假"), ("事假、病假", '"事假", "病假"', "事假 或 病假"), ("[1..7)", "[1..7)", "从 1 到 7（不含）"),
        ('not("公假")', 'not("公假")', "不是 公假"), ("true", "true", "是"), ("not(公假)", 'not("公假")', "不是 公假"),
        ("病假（住院）", '"病假（住院）"', "病假（住院）"), ("not（公假、事假）", 'not("公假", "事假")', "不是 公假 或 事假"),
        ("1、≥7", "1, >=7", "1 或 不少于 7"),
        ("1, > 7", "1, > 7", "1 或 大于 7"),
    ],
)  # fmt: skip
def test_as_people_type_it(typed, kept, words):
    assert tidied(typed) == kept
    assert said(tidied(typed)) == words


@pytest.mark.parametrize("typed", ["> ", "a.b", "[1..", "1 2"])
def test_what_is_not_understood_stays_as_typed(typed):
    assert tidied(typed) == typed.strip()
