"""Two versions of a drawing: what was added, removed and changed, by id."""

from __future__ import annotations

from dataclasses import dataclass

from yanta.kernel.workflow.bpmn.decisions import Decision, decisions_in
from yanta.kernel.workflow.bpmn.reading import Document, Node, elements, label, tag_of
from yanta.kernel.workflow.bpmn.scope import FLOW_NODES, children, definitions_of, kind_of, text_of

_WORDS = {
    "name": "名称", "sourceRef": "起点", "targetRef": "终点", "default": "默认分支", "condition": "条件", "tag": "类型", "event": "事件",
    "attachedToRef": "附着在", "calledElement": "调用的流程", "operation": "同意时的操作", "refuse": "不同意时的操作", "assignees": "办理人",
    "fallback": "找不到人时", "copies": "传阅", "sign": "会签方式", "share": "比例", "order": "顺序", "veto": "一票否决", "due": "期限",
    "amber": "提前提醒", "overdue": "逾期后", "escalate": "升级给", "returns": "可退回", "bulk": "批量", "auto": "自动通过", "skipSame": "同人跳过",
    "ownMatter": "本人可批", "opinion": "意见", "forbids": "不许的操作", "outcome": "结果", "service": "自动动作", "compensate": "撤销操作",
    "hit": "几行同时成立时",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is added, removed or changed; `said` lists what changed as (label, before, after)."""

    kind: str
    node_id: str
    name: str
    said: tuple[tuple[str, str, str], ...] = ()


def compare(before: Document, after: Document) -> list[Change]:
    """Nodes and flows; how things are drawn on the paper does not count."""
    old, new = _facts(before), _facts(after)
    changes = [Change("added", key, new[key]["name"]) for key in new if key not in old]
    changes += [Change("removed", key, old[key]["name"]) for key in old if key not in new]
    for key in new:
        if key in old and new[key] != old[key]:
            names = sorted({*old[key], *new[key]})
            said = tuple(
                (_WORDS.get(name, name), _said(old[key].get(name, "")), _said(new[key].get(name, "")))
                for name in names
                if old[key].get(name, "") != new[key].get(name, "")
            )
            changes.append(Change("changed", key, new[key]["name"], said))
    return changes


_VALUES = {
    "all": "会签", "share": "比例签", "one": "或签", "sequential": "一个接一个", "true": "是", "false": "否", "required": "必填",
    "optional": "可不填", "none": "不可", "applicant": "申请人", "escalate": "升级", "pass": "自动通过", "refuse": "自动不通过",
    "granted": "通过", "refused": "不通过",
}  # fmt: skip


def _said(value: str) -> str:
    return _VALUES.get(value, value)


def _facts(document: Document) -> dict[str, dict[str, str]]:
    found = {}
    for node in elements(document.root):
        if (tag_of(node) in FLOW_NODES or tag_of(node) in ("sequenceFlow", "process")) and node.get("id"):
            found[str(node.get("id"))] = _facts_of(node)
    return found | {one.key: _facts_of_table(one) for one in decisions_in(document.root)}


def _facts_of_table(table: Decision) -> dict[str, str]:
    """A table row by row, as it reads."""
    facts = {"name": table.name, "tag": "decisionTable", "hit": table.hit}
    for number, rule in enumerate(table.rules, 1):
        tests = (
            f"{column.label} {test or '-'}"
            for column, test in zip(table.inputs, rule.conditions, strict=True)
        )
        facts[f"第 {number} 行"] = f"{'，'.join(tests)} → {'，'.join(rule.answers)}"
    return facts


def _facts_of(node: Node) -> dict[str, str]:
    facts = {str(key).rpartition("}")[2]: str(value) for key, value in node.attrib.items()}
    facts.pop("id", None)
    facts |= {"tag": tag_of(node), "name": label(node)}
    facts["condition"] = " ".join(text_of(one) for one in children(node, "conditionExpression"))
    facts["event"] = " ".join(f"{kind_of(one)} {text_of(one)}".strip() for one in definitions_of(node))
    return {key: value for key, value in facts.items() if value or key == "name"}
