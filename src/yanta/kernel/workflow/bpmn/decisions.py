"""Decision tables (DMN): read from a `.dmn` file or from within a process, evaluated here, refused where they say more.

A process carries its tables itself, in `extensionElements` of its `process`, so that a version of it never changes its mind:

```python
table = ready.decisions["who_approves"]
table.decide({"days": 5, "abroad": False})      # [{"assignee": "role:head"}]
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yanta.kernel.base import Refused
from yanta.kernel.workflow.bpmn import feel
from yanta.kernel.workflow.bpmn.conditions import condition
from yanta.kernel.workflow.bpmn.reading import Node, elements, parse_xml
from yanta.kernel.workflow.conditions import NotACondition, evaluate

_HITS = {"UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"}
_SUMS: dict[str, Any] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}
_DMN = "/DMN/"


@dataclass(frozen=True, slots=True)
class Input:
    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`conditions` and `answers` as written, in the order of the columns."""

    conditions: tuple[str, ...]
    answers: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One table; `outputs` are the names of what it answers."""

    key: str
    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    hit: str = "UNIQUE"
    aggregation: str = ""

    def decide(self, names: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The answers of the rules that hit, as the table's policy has it; none hit: an empty list."""
        given = [evaluate(one.expression, names) for one in self.inputs]
        hits = []
        for rule in self.rules:
            if all(feel.holds(test, value) for test, value in zip(rule.conditions, given, strict=True)):
                hits.append(self._answers(rule, names))
                if self.hit == "FIRST":
                    break
        return self._settled(hits)

    def _answers(self, rule: Rule, names: Mapping[str, Any]) -> dict[str, Any]:
        written = zip(self.outputs, rule.answers, strict=True)
        return {output: evaluate(condition(text), names) for output, text in written if text}

    def _settled(self, hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.hit == "UNIQUE" and len(hits) > 1:
            raise Refused(f"决策表“{self.name}”有 {len(hits)} 行同时成立，而它要求至多一行")
        if self.hit == "ANY" and any(one != hits[0] for one in hits):
            raise Refused(f"决策表“{self.name}”同时成立的几行结果不一致")
        if self.aggregation:
            name = self.outputs[0]
            values = [one[name] for one in hits if name in one]
            return [{name: _SUMS[self.aggregation](values)}] if values or self.aggregation == "COUNT" else []
        return hits[:1] if self.hit == "ANY" else hits

    def faults(self) -> list[str]:
        """What in it cannot be evaluated, in words; every cell is tried."""
        found = []
        for column in self.inputs:
            found += _fault(condition, column.expression)
        for number, rule in enumerate(self.rules, 1):
            for test in rule.conditions:
                found += [f"第 {number} 行：{said}" for said in _fault(feel.parsed, test)]
            for answer in filter(None, rule.answers):
                found += [f"第 {number} 行：{said}" for said in _fault(condition, answer)]
        return found


def read_decisions(content: bytes | str) -> list[Decision]:
    """The tables of a `.dmn` file; `Refused` if it is none, or has none."""
    root, _remarks = parse_xml(content)
    found = decisions_in(root)
    if not found:
        raise Refused("文件里没有决策表（decisionTable）")
    return found


def decisions_in(root: Node) -> list[Decision]:
    """Every decision table below this element."""
    return [
        _decision(node, table)
        for node in elements(root)
        if is_dmn(node, "decision")
        for table in node
        if is_dmn(table, "decisionTable")
    ]


def _decision(node: Node, table: Node) -> Decision:
    name = node.get("name") or node.get("id") or "决策表"
    hit, aggregation = table.get("hitPolicy", "UNIQUE"), table.get("aggregation", "")
    if hit not in _HITS:
        raise Refused(f"决策表“{name}”的命中策略 {hit} 不支持，请用 UNIQUE、FIRST、ANY 或 COLLECT")
    if aggregation and aggregation not in _SUMS:
        raise Refused(f"决策表“{name}”的汇总方式 {aggregation} 不支持")
    inputs = tuple(_input(one) for one in table if is_dmn(one, "input"))
    outputs = tuple(one.get("name") or one.get("label") or "answer" for one in table if is_dmn(one, "output"))
    rules = tuple(_rule(one) for one in table if is_dmn(one, "rule"))
    for number, rule in enumerate(rules, 1):
        if len(rule.conditions) != len(inputs) or len(rule.answers) != len(outputs):
            raise Refused(f"决策表“{name}”第 {number} 行的格数与表头不一致")
    return Decision(node.get("id") or name, name, inputs, outputs, rules, hit, aggregation)


def _input(node: Node) -> Input:
    said = next((_text(one) for one in node if is_dmn(one, "inputExpression")), "")
    return Input(node.get("label") or said, condition_or_as_is(said or node.get("label") or ""))


def condition_or_as_is(text: str) -> str:
    """In our language if there is a way to say it; else as written, for `faults` to say."""
    try:
        return condition(text)
    except NotACondition:
        return text


def _rule(node: Node) -> Rule:
    tests = tuple(_text(one) for one in node if is_dmn(one, "inputEntry"))
    answers = tuple(_text(one) for one in node if is_dmn(one, "outputEntry"))
    return Rule(tests, answers, next((_text(one) for one in node if is_dmn(one, "description")), ""))


def _text(node: Node) -> str:
    return next((" ".join(one.itertext()).strip() for one in node if is_dmn(one, "text")), "") or (
        "" if len(node) else (node.text or "").strip()
    )


def is_dmn(node: Node, tag: str) -> bool:
    return isinstance(node.tag, str) and node.tag.rpartition("}")[2] == tag and _DMN in node.tag


def _fault(read: Any, text: str) -> list[str]:
    try:
        read(text)
    except NotACondition as error:
        return [str(error)]
    return []
