"""Decision tables within a drawing: put in, taken out, carried from one drawing to the next; all else stays as it was."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn.decisions import Decision, Rule, is_dmn
from yanta.kernel.workflow.bpmn.reading import Document, Node, elements, tag_of
from yanta.kernel.workflow.bpmn.scope import FLOW_NODES, named

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def put(document: Document, decision: Decision) -> None:
    """The table in the place of the one with its key, else as the last of the process."""
    written = _written(decision)
    for node in _decisions(document):
        if node.get("id") == decision.key:
            written.tail = node.tail
            node.getparent().replace(node, written)
            return
    _carrier(document).append(written)


def drop(document: Document, key: str) -> None:
    for node in _decisions(document):
        if node.get("id") == key:
            node.getparent().remove(node)


def carry_over(source: Document, target: Document) -> None:
    """The tables of one drawing in place of those of another."""
    for node in _decisions(target):
        node.getparent().remove(node)
    found = [deepcopy(node) for node in _decisions(source)]
    if found:
        _carrier(target).extend(found)


def as_file(decision: Decision) -> bytes:
    """The table alone, for other tools."""
    root = etree.Element(
        f"{{{DMN}}}definitions", {"name": decision.name, "namespace": "urn:yanta:dmn"}, nsmap={None: DMN}
    )
    root.append(_written(decision))
    file: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return file


def _decisions(document: Document) -> list[Node]:
    return [node for node in elements(document.root) if is_dmn(node, "decision")]


def _carrier(document: Document) -> Node:
    """The extension elements of the process that runs; BPMN wants them before everything but the documentation."""
    process = max(
        document.processes, key=lambda one: (one.get("isExecutable") == "true", sum(tag_of(node) in FLOW_NODES for node in one))
    )  # fmt: skip
    for child in process:
        if tag_of(child) == "extensionElements":
            return child
    made = etree.Element(named("extensionElements"))
    process.insert(sum(tag_of(child) == "documentation" for child in process), made)
    return made


def _written(decision: Decision) -> Node:
    node = etree.Element(
        f"{{{DMN}}}decision", {"id": decision.key, "name": decision.name}, nsmap={"dmn": DMN}
    )
    table = _sub(node, "decisionTable", hitPolicy=decision.hit)
    if decision.aggregation:
        table.set("aggregation", decision.aggregation)
    for column in decision.inputs:
        _text(_sub(_sub(table, "input", label=column.label), "inputExpression"), column.expression)
    for output in decision.outputs:
        _sub(table, "output", name=output)
    for rule in decision.rules:
        _write_rule(_sub(table, "rule"), rule)
    return node


def _write_rule(node: Node, rule: Rule) -> None:
    if rule.note:
        _sub(node, "description").text = rule.note
    for test in rule.conditions:
        _text(_sub(node, "inputEntry"), test)
    for answer in rule.answers:
        _text(_sub(node, "outputEntry"), answer)


def _sub(node: Node, tag: str, **attributes: str) -> Node:
    return etree.SubElement(node, f"{{{DMN}}}{tag}", attributes)


def _text(node: Node, text: str) -> None:
    _sub(node, "text").text = text
