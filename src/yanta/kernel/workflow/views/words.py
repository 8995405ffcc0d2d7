"""What whoever draws can choose from: operations, relations, roles, services, names of data, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from yanta.kernel.access.roles import ROLES
from yanta.kernel.operation import operations_of
from yanta.kernel.workflow import declare
from yanta.kernel.workflow.bpmn.findings import Finding
from yanta.kernel.workflow.bpmn.preparing import Prepared
from yanta.kernel.workflow.bpmn.settings import Assignee, NodeSettings
from yanta.kernel.workflow.models import Process
from yanta.kernel.workflow.verbs import Verb

FORBIDDABLE = (Verb.REFUSE, Verb.RETURN, Verb.ADD_SIGNER, Verb.HAND_OVER, Verb.DELEGATE, Verb.WITHDRAW)


def words_of(process: Process) -> dict[str, Any]:
    """The lists of the properties panel."""
    declaration = declare.declared(process.base)
    return {
        "operations": [[one.permission, gettext(one.title)] for one in operations_of(declaration.subject)],
        "relations": [[one.name, gettext(one.title)] for one in declare.relations().values()],
        "roles": [[role.code, gettext(role.title)] for role in ROLES.values()],
        "services": [[name, gettext(title)] for name, (title, _) in declare.service_tasks().items()],
        "names": [[name, gettext(title)] for name, title in declaration.names.items()],
        "verbs": [[verb.value, str(verb.label)] for verb in FORBIDDABLE],
    }


def doubts(ready: Prepared, process: Process) -> list[Finding]:
    """What a drawing asks for that does not exist here: relations, operations, services, tables, steps."""
    known = {key: {name for name, *_ in rows} for key, rows in words_of(process).items()}
    known |= {"tables": set(ready.decisions), "nodes": set(ready.settings)}
    return [
        Finding("error", reason, node.node_id, node.name)
        for node in ready.settings.values()
        for reason in _doubts_of(node, known)
    ]


def _doubts_of(node: NodeSettings, known: dict[str, set[str]]) -> list[str]:
    found = [
        f"操作 {one} 不存在"
        for one in (node.operation, node.refuse, node.compensate)
        if one and one not in known["operations"]
    ]
    if node.service and node.service.partition(":")[0] not in known["services"] | {"compensate"}:
        found.append(f"自动动作 {node.service} 没有登记")
    people = (*node.assignees, *node.copies, *filter(None, (node.fallback, node.escalate)))
    found += [said for one in people if (said := unknown(one, known))]
    steps = set(node.returns) - {"any", "none", "applicant"} - known["nodes"]
    return found + [f"可退回的环节 {one} 不在图里" for one in sorted(steps)]


def unknown(one: Assignee, known: dict[str, set[str]]) -> str:
    """Why nobody can be found so, in words; "" when somebody may."""
    lists = {"relation": ("relations", "关系"), "role": ("roles", "角色"), "pool": ("roles", "角色"), "decision": ("tables", "决策表"),
             "node": ("nodes", "环节")}  # fmt: skip
    if one.kind not in lists:
        return ""
    where, word = lists[one.kind]
    return "" if one.value in known[where] else f"办理人写的{word} {one.value} 不存在"
