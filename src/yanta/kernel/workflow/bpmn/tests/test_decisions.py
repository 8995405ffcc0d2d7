"""Decision tables: who approves, by rows."""

from datetime import date
from decimal import Decimal

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.workflow.bpmn import prepare, read
from yanta.kernel.workflow.bpmn.conditions import condition
from yanta.kernel.workflow.bpmn.decisions import read_decisions
from yanta.kernel.workflow.bpmn.feel import holds
from yanta.kernel.workflow.conditions import NotACondition


def table(rules, hit='hitPolicy="UNIQUE"', inputs=("days", "kind")):
    columns = "".join(
        f'<input id="i{n}" label="{name}"><inputExpression><text>{name}</text></inputExpression></input>'
        for n, name in enumerate(inputs)
    )
    rows = "".join(
        "<rule>" + "".join(f"<inputEntry><text><![CDATA[{cell}]]></text></inputEntry>" for cell in cells[:-1])
        + f"<outputEntry><text>{cells[-1]}</text></outputEntry></rule>"
        for cells in rules
    )  # fmt: skip
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="who" name="谁批">'
        f'<decisionTable {hit}>{columns}<output name="assignee"/>{rows}</decisionTable></decision></definitions>'
    )


LEAVE = [
    ("<= 3", "-", '"relation:counsellor"'),
    ("> 3", 'not("公假")', '"role:head"'),
    ("> 3", '"公假"', '"unit:0101"'),
]


class TestDecide:
    @pytest.mark.parametrize(
        ("days", "kind", "who"),
        [(1, "事假", "relation:counsellor"), (3, "公假", "relation:counsellor"), (4, "病假", "role:head"), (9, "公假", "unit:0101")],
    )  # fmt: skip
    def test_one_row(self, days, kind, who):
        (decision,) = read_decisions(table(LEAVE))

        assert decision.decide({"days": days, "kind": kind}) == [{"assignee": who}]
        assert decision.faults() == []

    def test_no_row(self):
        (decision,) = read_decisions(table(LEAVE[:1]))

        assert decision.decide({"days": 8, "kind": "x"}) == []

    def test_two_rows_where_one_was_promised(self):
        (decision,) = read_decisions(table([("-", "-", '"a"'), ("> 1", "-", '"b"')]))

        with pytest.raises(Refused, match="至多一行"):
            decision.decide({"days": 2, "kind": ""})

    def test_first(self):
        (decision,) = read_decisions(table([("-", "-", '"a"'), ("> 1", "-", '"b"')], 'hitPolicy="FIRST"'))

        assert decision.decide({"days": 2, "kind": ""}) == [{"assignee": "a"}]

    def test_collect_and_its_sum(self):
        rows = [("-", "-", "2"), ("> 1", "-", "days + 1")]
        (many,) = read_decisions(table(rows, 'hitPolicy="COLLECT"'))
        (total,) = read_decisions(table(rows, 'hitPolicy="COLLECT" aggregation="SUM"'))

        assert many.decide({"days": 2, "kind": ""}) == [{"assignee": 2}, {"assignee": 3}]
        assert total.decide({"days": 2, "kind": ""}) == [{"assignee": 5}]

    @pytest.mark.parametrize(
        ("hit", "reason"),
        [('hitPolicy="PRIORITY"', "PRIORITY"), ('hitPolicy="COLLECT" aggregation="AVG"', "AVG")],
    )
    def test_policies_beyond_are_refused(self, hit, reason):
        with pytest.raises(Refused, match=reason):
            read_decisions(table(LEAVE, hit))

    def test_cells_beyond_are_said_by_row(self):
        (decision,) = read_decisions(table([("-", "-", '"a"'), ("days.year > 1", "-", "open(1)")]))

        assert [one[:6] for one in decision.faults()] == ["第 2 行：", "第 2 行："]

    def test_a_file_without_a_table(self):
        with pytest.raises(Refused, match="没有决策表"):
            read_decisions("<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>")


@pytest.mark.parametrize(
    ("cell", "value", "answer"),
    [
        ("-", None, True), ("", 3, True), ("3", 3, True), ("3", 3.0, True), ("3", Decimal("3.0"), True), ("-3", -3, True),
        ("> 3", 4, True), ("> 3", None, False), ("> 3", "4", False), ("[1..3]", 3, True), ("[1..3)", 3, False),
        ("]1..3]", 1, False), ("(1..3]", 2, True), ('"甲"', "甲", True), ('"甲","乙"', "乙", True), ("1, > 7", 9, True),
        ('not("甲","乙")', "丙", True), ("not(> 3)", 2, True), ("true", True, True), ("false", None, False),
        ("null", None, True), ('date("2026-09-01")', date(2026, 9, 1), True), ('>= date("2026-09-01")', date(2026, 8, 1), False),
        ('"a,b"', "a,b", True), ('"a\\"b"', 'a"b', True),
    ],
)  # fmt: skip
def test_a_cell(cell, value, answer):
    assert holds(cell, value) is answer


@pytest.mark.parametrize("cell", ["x + 1", "foo(1)", "[1..", "> ", '"open', "1 2", "a.b", "__import__('os')"])
def test_a_cell_beyond_understanding(cell):
    with pytest.raises(NotACondition):
        holds(cell, 1)


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("${approved}", "approved"), ("#{approved}", "approved"), ("= approved", "approved"), ("${!approved}", "not approved"),
        ("${a == 'yes' && b}", "a == 'yes'  and  b"), ("= amount = 5", "amount == 5"), ('${kind == "a && b"}', 'kind == "a && b"'),
        ("Service Level == 'Premium'", "Service_Level == 'Premium'"), ("not(bpmn:getDataObject('x y'))", "not (x_y)"),
        ("${days gt 3}", "days > 3"), ("金额 >= 1000 || false", "金额 >= 1000  or  False"),
    ],
)  # fmt: skip
def test_conditions_of_other_tools(written, ours):
    assert condition(written) == ours


@pytest.mark.parametrize(
    "written",
    [
        "x.y",
        "f(x)",
        "x[0]",
        "lambda: 1",
        "[a for a in b]",
        "x := 1",
        "''.join(x)",
        "every a in b satisfies a",
    ],
)
def test_conditions_beyond(written):
    with pytest.raises(NotACondition):
        condition(written)


def test_a_process_carries_its_tables():
    inside = table(LEAVE).replace("<definitions", "<t:definitions", 1)
    for tag in (
        "definitions",
        "decision",
        "decisionTable",
        "input",
        "inputExpression",
        "text",
        "output",
        "rule",
        "inputEntry",
        "outputEntry",
    ):
        inside = (
            inside.replace(f"<{tag} ", f"<t:{tag} ")
            .replace(f"<{tag}>", f"<t:{tag}>")
            .replace(f"</{tag}>", f"</t:{tag}>")
        )
    inside = inside.replace("<t:definitions xmlns=", "<t:definitions xmlns:t=").replace(
        '<t:output name="assignee"/>', '<t:output name="assignee"/>'
    )
    xml = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"><extensionElements>'
        f'{inside}</extensionElements><userTask id="a" name="x"/></process></definitions>'
    )

    assert prepare(read(xml)).decisions["who"].decide({"days": 1, "kind": ""}) == [
        {"assignee": "relation:counsellor"}
    ]
